package io.keywrap.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.TestTenant;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.KeychainRecord;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An export that is genuine as a whole and has a record that is not: each record must be believed by its own seal. */
class ForgedExportTest {
    private static final String ID = "tenant-42";

    private RecoveryFixture fixture;
    private Keychain keychain;

    @BeforeEach
    void makeAKeychain(@TempDir Path folder) {
        fixture = new RecoveryFixture(folder);
        keychain = fixture.tenant().keychain(ID);
    }

    private void exportWithABrokenSeal() throws IOException {
        byte[] record = fixture.record(ID).toBytes();
        record[record.length - 1] ^= 1;
        TestTenant tenant = fixture.tenant();
        try (StoreExport.Writer export = StoreExport.write(fixture.export(), tenant.providers(), TestTenant.VENDOR)) {
            export.add(KeychainRecord.parse(record));
            export.commit();
        }
    }

    private Summary importNow() throws IOException {
        return fixture.recovery().importFrom(fixture.export(), fixture.findings::add);
    }

    @Test
    void recordWithABrokenSealIsNotAdded() throws IOException {
        exportWithABrokenSeal();
        fixture.lose();
        importNow();
        assertThat(fixture.found()).containsExactly("REFUSED " + ID);
        assertThat(fixture.findings.get(0).detail()).contains("what the export has cannot be believed");
        assertThat(fixture.tenant().store().load(ID)).isEmpty();
    }

    @Test
    void recordWithABrokenSealTakesNoOlderOnesPlace() throws IOException {
        Path backup = fixture.backup("backup");
        keychain.rotate();
        exportWithABrokenSeal();
        fixture.restore(backup);
        byte[] before = fixture.record(ID).toBytes();
        importNow();
        assertThat(fixture.found()).containsExactly("REFUSED " + ID);
        assertThat(fixture.record(ID).toBytes()).isEqualTo(before);
    }
}
