package io.keywrap.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekDestroyedException;
import io.keywrap.FormatRule;
import io.keywrap.TestTenant;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store and its export: what is told of the difference, and what an import makes of it. */
@FormatRule("X5")
class StoreImportTest {
    private static final String ID = "tenant-42";

    private RecoveryFixture fixture;
    private Keychain keychain;

    @BeforeEach
    void makeAKeychain(@TempDir Path folder) {
        fixture = new RecoveryFixture(folder);
        keychain = fixture.tenant().keychain(ID);
    }

    @Nested
    class IntoAnEmptyStore {
        @Test
        void bringsEveryKeychainBackByteForByte() throws IOException {
            fixture.tenant().keychain("other").rotate();
            keychain.primary().close();
            EnvelopeSource envelope = fixture.envelope(keychain, "1");
            byte[] before = fixture.record(ID).toBytes();
            assertThat(fixture.exportNow().examined()).isEqualTo(2);
            fixture.lose();

            assertThat(compare()).containsExactly("KEYCHAIN_MISSING other", "KEYCHAIN_MISSING " + ID);
            assertThat(importNow()).containsExactly("ADDED other", "ADDED " + ID);

            assertThat(fixture.record(ID).toBytes()).isEqualTo(before);
            assertThat(fixture.decrypt(ID, envelope)).isEqualTo(RecoveryFixture.plaintext("1"));
            assertThat(compare()).isEmpty();
            assertThat(importNow()).containsExactly("UNCHANGED other", "UNCHANGED " + ID);
        }

        @Test
        void worksFromAnExportOfNothing() throws IOException {
            fixture.lose();
            fixture.exportNow();
            assertThat(importNow()).isEmpty();
        }
    }

    @Nested
    class AfterARestoreFromAnOldCopy {
        @Test
        void bringsBackTheDeksMadeSince() throws IOException {
            Path backup = fixture.backup("backup");
            keychain.rotate();
            keychain.rotate();
            EnvelopeSource envelope = fixture.envelope(keychain, "1");
            fixture.tenant().keychain("made since");
            fixture.exportNow();
            byte[] exported = fixture.record(ID).toBytes();
            fixture.restore(backup);

            assertThat(compare())
                    .containsExactly(
                            "DEK_MISSING " + ID,
                            "DEK_MISSING " + ID,
                            "KEYCHAIN_BEHIND " + ID,
                            "KEYCHAIN_MISSING made since");
            assertThat(importNow()).containsExactly("ADDED made since", "UPDATED " + ID);

            assertThat(fixture.record(ID).toBytes()).isEqualTo(exported);
            assertThat(fixture.decrypt(ID, envelope)).isEqualTo(RecoveryFixture.plaintext("1"));
            keychain.refresh();
        }

        @Test
        void keepsWhatWasMadeInTheRestoredStore() throws IOException {
            Path backup = fixture.backup("backup");
            keychain.rotate();
            keychain.rotate();
            EnvelopeSource before = fixture.envelope(keychain, "before");
            fixture.exportNow();
            fixture.restore(backup);
            Keychain restored = fixture.tenant().keychains().open(ID);
            restored.rotate();
            EnvelopeSource after = fixture.envelope(restored, "after");

            assertThat(compare()).containsExactly("DEK_MISSING " + ID, "DEK_MISSING " + ID, "KEYCHAIN_FORKED " + ID);
            assertThat(importNow()).containsExactly("MERGED " + ID);

            KeychainRecord merged = fixture.record(ID);
            assertThat(merged.revision()).isEqualTo(4);
            assertThat(merged.deks())
                    .hasSize(4)
                    .filteredOn(e -> e.state() == State.PRIMARY)
                    .hasSize(1);
            assertThat(fixture.decrypt(ID, before)).isEqualTo(RecoveryFixture.plaintext("before"));
            assertThat(fixture.decrypt(ID, after)).isEqualTo(RecoveryFixture.plaintext("after"));
            keychain.refresh();
            restored.refresh();
            assertThat(importNow()).as("again").containsExactly("UNCHANGED " + ID);
        }

        @Test
        void destroysAgainWhatWasDestroyed() throws IOException {
            keychain.rotate();
            Path backup = fixture.backup("backup");
            fixture.destroy(ID, 0);
            fixture.exportNow();
            fixture.restore(backup);
            DekEntry first = fixture.record(ID).deks().get(0);

            assertThat(compare()).containsExactly("DEK_RESURRECTED " + ID, "KEYCHAIN_BEHIND " + ID);
            assertThat(fixture.findings)
                    .anySatisfy(finding -> assertThat(finding.dekId()).contains(first.id()));
            importNow();

            assertThat(fixture.record(ID).deks().get(0).state()).isEqualTo(State.DESTROYED);
            assertThatExceptionOfType(DekDestroyedException.class)
                    .isThrownBy(() -> fixture.tenant().keychains().open(ID).lease(first.id(), Usage.ENVELOPES));
        }

        @Test
        void destroysItAgainAlsoWhereTheStoreWentOn() throws IOException {
            keychain.rotate();
            Path backup = fixture.backup("backup");
            fixture.destroy(ID, 0);
            fixture.exportNow();
            fixture.restore(backup);
            Keychain restored = fixture.tenant().keychains().open(ID);
            restored.rotate();
            restored.rotate();
            restored.rotate();

            assertThat(importNow()).containsExactly("MERGED " + ID);

            assertThat(fixture.record(ID).deks().get(0).state()).isEqualTo(State.DESTROYED);
            assertThat(fixture.record(ID).deks()).hasSize(5);
        }

        @Test
        void undoesNoRepairWhoseOldKekMayBeGone() throws IOException {
            keychain.changeRecipients(
                    to -> to.control(TestTenant.OTHER_CUSTOMER).retained(TestTenant.CUSTOMER));
            Path backup = fixture.backup("backup");
            keychain.repair(Set.of(TestTenant.OTHER_CUSTOMER));
            DekEntry repaired = keychain.record().deks().get(0);
            fixture.exportNow();
            fixture.restore(backup);
            Keychain restored = fixture.tenant().keychains().open(ID);
            restored.rotate();
            restored.rotate();

            assertThat(importNow()).containsExactly("MERGED " + ID);
            assertThat(fixture.record(ID).deks().get(0).wraps()).isEqualTo(repaired.wraps());
        }

        @Test
        void takesOutAKekThatWasTakenOut() throws IOException {
            Keychain migratable = fixture.tenant()
                    .keychains()
                    .create("m", spec -> spec.control(TestTenant.OTHER_CUSTOMER).migratable());
            migratable.rotate();
            Path backup = fixture.backup("backup");
            migratable.changeKeyManagement(KeyManagement.CUSTOMER, List.of(TestTenant.CUSTOMER));
            fixture.destroy("m", 0);
            fixture.destroy("m", 1);
            fixture.exportNow();
            fixture.restore(backup);

            assertThat(compare())
                    .contains("KEK_RESURRECTED m")
                    .filteredOn(found -> found.startsWith("KEK_"))
                    .hasSize(1);
            assertThat(importNow()).contains("UPDATED m");
            assertThat(fixture.record("m").recipients())
                    .extracting(KeychainRecord.Recipient::kekId)
                    .containsExactly(TestTenant.CUSTOMER);
        }
    }

    @Nested
    class WhereAKekWasTakenOutInTheOtherBranch {
        @Test
        void isReportedThoughTheStoreIsTheLaterOne() throws IOException {
            Keychain migratable = fixture.tenant()
                    .keychains()
                    .create("m", spec -> spec.control(TestTenant.OTHER_CUSTOMER).migratable());
            Path backup = fixture.backup("backup");
            migratable.changeKeyManagement(KeyManagement.CUSTOMER, List.of(TestTenant.CUSTOMER));
            fixture.destroy("m", 0);
            fixture.exportNow();
            fixture.restore(backup);
            Keychain restored = fixture.tenant().keychains().open("m");
            restored.rotate();
            restored.rotate();
            restored.rotate();

            assertThat(compare())
                    .containsExactly("DEK_MISSING m", "DEK_RESURRECTED m", "KEK_RESURRECTED m", "KEYCHAIN_FORKED m");
            assertThat(fixture.findings)
                    .filteredOn(finding -> finding.kind() == Finding.Kind.KEK_RESURRECTED)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.detail()).contains("find out whether it was taken out"));
        }
    }

    @Nested
    class OfAnOldExport {
        @Test
        void changesNothingInANewerStore() throws IOException {
            fixture.exportNow();
            keychain.rotate();
            fixture.tenant().keychain("new");
            byte[] before = fixture.record(ID).toBytes();

            assertThat(compare()).containsExactly("KEYCHAIN_AHEAD " + ID, "KEYCHAIN_NOT_IN_EXPORT new");
            assertThat(fixture.recovery().compareWith(fixture.export(), f -> {}).clean())
                    .isTrue();
            assertThat(importNow()).containsExactly("UNCHANGED " + ID);

            assertThat(fixture.record(ID).toBytes()).isEqualTo(before);
        }

        @Test
        void neverTouchesAKeychainThatWasMadeAnew() throws IOException {
            fixture.exportNow();
            fixture.lose();
            fixture.tenant().keychain(ID);
            byte[] before = fixture.record(ID).toBytes();

            assertThat(compare()).containsExactly("KEYCHAIN_MADE_ANEW " + ID);
            assertThat(importNow()).containsExactly("REFUSED " + ID);

            assertThat(fixture.record(ID).toBytes()).isEqualTo(before);
        }
    }

    @Nested
    class BesideADamagedRecord {
        @Test
        void asksForItToBeMovedAsideAndAddsItThen() throws IOException {
            fixture.tenant().keychain("other");
            fixture.exportNow();
            fixture.forge().write(ID, new byte[] {1});
            fixture.forge().edit("other", next -> next);

            assertThat(compare()).hasSize(2).contains("SEAL_BROKEN other").anyMatch(f -> f.startsWith("UNREADABLE "));
            assertThat(importNow()).containsExactly("REFUSED other", "REFUSED " + ID);
            assertThat(fixture.findings).allMatch(finding -> finding.detail().contains("move it aside"));

            Files.delete(fixture.forge().fileOf(ID));
            Files.delete(fixture.forge().fileOf("other"));
            assertThat(importNow()).containsExactly("ADDED other", "ADDED " + ID);
        }
    }

    @Test
    void aFailureInTheMiddleMayBeRepeated() throws IOException {
        for (int i = 0; i < 5; i++) {
            fixture.tenant().keychain("k" + i);
        }
        fixture.exportNow();
        fixture.lose();
        StoreRecovery recovery = fixture.recovery();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> recovery.importFrom(fixture.export(), finding -> {
                    fixture.findings.add(finding);
                    if (fixture.findings.size() == 3) {
                        throw new IllegalStateException("the operator's terminal went away");
                    }
                }));
        assertThat(importNow())
                .hasSize(6)
                .filteredOn(f -> f.startsWith("UNCHANGED"))
                .hasSize(3);
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
