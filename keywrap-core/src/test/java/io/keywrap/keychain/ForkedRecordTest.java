package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.TestTenant;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that was set back and written on has two histories; nobody who knows one may overwrite the other. */
@FormatRule("K10")
class ForkedRecordTest {
    private static final String ID = "tenant-42";
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", "a");

    @TempDir
    Path folder;

    private TestTenant before;
    private TestTenant after;
    private RecordForge forge;
    private Keychain stale;

    @BeforeEach
    void twoProcesses() {
        before = TestTenant.in(folder);
        after = TestTenant.in(folder);
        forge = new RecordForge(before);
        stale = before.keychain(ID);
    }

    @Test
    void aStoreRestoredFromABackupKeepsWhatWasWrittenSince() {
        byte[] backup = forge.bytes(ID);
        stale.rotate();
        forge.write(ID, backup);
        Keychain restored = after.keychains().open(ID);
        restored.rotate();
        byte[] envelope = EnvelopeCipher.using(restored).encrypt(new byte[] {1}, OBJECT);

        assertThatExceptionOfType(KeychainSealBrokenException.class)
                .isThrownBy(stale::rotate)
                .withMessageContaining("another record of revision 2");
        assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(stale::refresh);

        assertOpens(envelope);
    }

    @Test
    void aLaterRevisionThatLacksADekIsNotFollowed() {
        byte[] backup = forge.bytes(ID);
        DekId before = idOf(stale.primary());
        forge.write(ID, backup);
        Keychain restored = after.keychains().open(ID);
        restored.rotate();
        restored.rotate();
        byte[] envelope = EnvelopeCipher.using(restored).encrypt(new byte[] {1}, OBJECT);

        for (ThrowingCallable call : List.<ThrowingCallable>of(stale::refresh, stale::rotate)) {
            assertThatExceptionOfType(KeychainSealBrokenException.class)
                    .isThrownBy(call)
                    .withMessageContaining("revision 3 does not follow revision 2")
                    .withMessageContaining("never loses a DEK");
        }

        assertThat(idOf(stale.lease(before))).isEqualTo(before);
        assertOpens(envelope);
    }

    private static DekId idOf(DekLease lease) {
        try (lease) {
            return lease.dekId();
        }
    }

    @Test
    void aKeychainThatWasMadeAnewKeepsItsDeks() throws IOException {
        Files.delete(forge.fileOf(ID));
        Keychain anew = after.keychains().create(ID, spec -> spec.control(TestTenant.CUSTOMER));
        byte[] envelope = EnvelopeCipher.using(anew).encrypt(new byte[] {1}, OBJECT);

        assertThatExceptionOfType(KeychainSealBrokenException.class)
                .isThrownBy(stale::rotate)
                .withMessageContaining("made anew");

        assertOpens(envelope);
    }

    @Test
    void aKeychainMadeAnewByTheSameProcessIsItsNewOne() throws IOException {
        stale.rotate();
        Files.delete(forge.fileOf(ID));
        Keychain anew = before.keychain(ID);
        anew.rotate();
        assertThat(before.keychains().open(ID).record().deks()).hasSize(2);
    }

    private void assertOpens(byte[] envelope) {
        Keychain fresh = TestTenant.in(folder).keychains().open(ID);
        assertThat(EnvelopeCipher.using(fresh).decrypt(envelope, OBJECT)).containsExactly(1);
    }
}
