package io.keywrap.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.TestTenant;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A CONTROL KEK is a veto of its owner: no import takes it away where the two records may be of different branches. */
class LostVetoTest {
    private static final String ID = "tenant-42";
    private static final KekId A = TestTenant.CUSTOMER;
    private static final KekId B = TestTenant.OTHER_CUSTOMER;

    private RecoveryFixture fixture;
    private Keychain keychain;
    private Path backup;

    @BeforeEach
    void oneControlAndOneReplica(@TempDir Path folder) throws IOException {
        fixture = new RecoveryFixture(folder);
        keychain = fixture.tenant()
                .keychains()
                .create(ID, spec -> spec.control(A).replica(B).migratable());
        backup = fixture.backup("backup");
    }

    @Nested
    class ThatOnlyTheStoreKnows {
        @BeforeEach
        void theStoreGotItByAChangeOfRolesAlone() throws IOException {
            keychain.rotate();
            keychain.rotate();
            fixture.exportNow();
            fixture.restore(backup);
            reopened().changeRecipients(to -> to.control(A).control(B));
        }

        @Test
        void isToldAndKept() throws IOException {
            byte[] before = fixture.record(ID).toBytes();
            assertThat(compare()).contains("CONTROL_LOST " + ID);
            assertThat(importNow()).containsExactly("REFUSED " + ID);
            assertThat(fixture.findings)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.detail()).contains(B.uri(), "changeRecipients"));
            assertThat(fixture.record(ID).toBytes()).isEqualTo(before);
        }

        @Test
        void isGivenUpWithTheConsentOfTheKek() throws IOException {
            reopened().changeRecipients(to -> to.control(A).replica(B));
            assertThat(importNow()).isSubsetOf("UPDATED " + ID, "MERGED " + ID);
            assertThat(fixture.record(ID).deks()).hasSize(3);
            assertThat(control()).containsExactly(A);
        }

        @Test
        void isGivenUpWhereTheRecordIsMovedAside() throws IOException {
            Files.delete(fixture.forge().fileOf(ID));
            assertThat(importNow()).containsExactly("ADDED " + ID);
        }
    }

    @Nested
    class ThatOnlyTheExportKnows {
        @BeforeEach
        void theExportGotItByAChangeOfRolesAlone() throws IOException {
            keychain.changeRecipients(to -> to.control(A).control(B));
            fixture.exportNow();
            fixture.restore(backup);
            reopened().rotate();
            reopened().rotate();
        }

        @Test
        void isTold() throws IOException {
            assertThat(compare()).contains("CONTROL_LOST " + ID);
            assertThat(importNow()).containsExactly("REFUSED " + ID);
        }

        @Test
        void isNoMatterAnyMoreOnceTheStoreHasItToo() throws IOException {
            reopened().changeRecipients(to -> to.control(A).control(B));
            assertThat(importNow()).containsExactly("UNCHANGED " + ID);
            assertThat(control()).containsExactly(A, B);
        }
    }

    @Nested
    class ThatIsNotLost {
        @Test
        void becauseTheExportHasIt() throws IOException {
            keychain.changeRecipients(to -> to.control(A).control(B));
            fixture.exportNow();
            fixture.restore(backup);
            assertThat(compare()).containsExactly("KEYCHAIN_BEHIND " + ID);
            assertThat(importNow()).containsExactly("UPDATED " + ID);
            assertThat(control()).containsExactly(A, B);
        }

        @Test
        void becauseAnotherKekAltogetherLeavesATrace() throws IOException {
            keychain.changeRecipients(to -> to.control(A));
            backup = fixture.backup("of one KEK");
            keychain.changeRecipients(to -> to.control(B));
            fixture.exportNow();
            fixture.restore(backup);
            assertThat(importNow()).containsExactly("UPDATED " + ID);
            assertThat(control()).containsExactly(B);
        }
    }

    private Keychain reopened() {
        return fixture.tenant().keychains().open(ID);
    }

    private List<KekId> control() {
        KeychainRecord record = fixture.record(ID);
        return record.recipients().stream()
                .filter(recipient -> recipient.role() == Role.CONTROL)
                .map(Recipient::kekId)
                .toList();
    }

    private List<String> compare() throws IOException {
        fixture.recovery().compareWith(fixture.export(), fixture.findings::add);
        return fixture.found();
    }

    private List<String> importNow() throws IOException {
        fixture.recovery().importFrom(fixture.export(), fixture.findings::add);
        return fixture.found();
    }
}
