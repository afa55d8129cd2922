package io.keywrap.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.FormatRule;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TestTenant;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.recovery.Finding.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a store that is damaged, and of envelopes whose keys it does not have. */
class StoreCheckTest {
    private RecoveryFixture fixture;

    @BeforeEach
    void makeKeychains(@TempDir Path folder) {
        fixture = new RecoveryFixture(folder);
        TestTenant tenant = fixture.tenant();
        for (String id : List.of("a", "b", "c")) {
            tenant.keychain(id);
        }
    }

    @Nested
    class OfRecords {
        @Test
        void findsNothingInASoundStore() {
            Summary summary = fixture.recovery().check(fixture.findings::add);
            assertThat(summary.clean()).isTrue();
            assertThat(summary.examined()).isEqualTo(3);
            assertThat(fixture.findings).isEmpty();
        }

        @Test
        void namesEveryBrokenOneAndGoesOn() throws IOException {
            fixture.forge().write("a", new byte[] {1, 2, 3});
            byte[] edited = fixture.forge().bytes("b");
            edited[edited.length - 1] ^= 1;
            fixture.forge().write("b", edited);

            Summary summary = fixture.recovery().check(fixture.findings::add);

            assertThat(summary.clean()).isFalse();
            assertThat(summary.count(Kind.UNREADABLE)).isEqualTo(1);
            assertThat(summary.count(Kind.SEAL_BROKEN)).isEqualTo(1);
            assertThat(fixture.findings)
                    .extracting(Finding::subject)
                    .anyMatch(place -> place.contains(
                            fixture.forge().fileOf("a").getFileName().toString()))
                    .contains("b");
            assertThat(summary).hasToString("Summary[2 examined, {UNREADABLE=1, SEAL_BROKEN=1}]");
        }

        @Test
        void isNoFindingWhereTheKekOfTheSealCannotBeUsed() {
            for (String kek : List.of("keystore:main#missing", "keystore:none#x", "other:x")) {
                StoreRecovery recovery = sealedBy(KekId.of(kek));
                assertThatExceptionOfType(KekException.class).isThrownBy(() -> recovery.check(fixture.findings::add));
                assertThatExceptionOfType(KekException.class).isThrownBy(() -> recovery.exportTo(fixture.export()));
            }
            assertThat(fixture.findings).isEmpty();
        }

        @Test
        void saysWhichOtherKekTheyName() {
            sealedBy(TestTenant.OTHER_CUSTOMER).check(fixture.findings::add);
            assertThat(fixture.found()).containsExactly("OTHER_SEAL_KEK a", "OTHER_SEAL_KEK b", "OTHER_SEAL_KEK c");
            assertThat(fixture.findings.get(0).detail())
                    .contains(TestTenant.VENDOR.uri(), TestTenant.OTHER_CUSTOMER.uri());
        }

        @Test
        void findsOneThatStandsInAWrongFolder() throws IOException {
            Path file = fixture.forge().fileOf("a");
            Path wrong = fixture.tenant().storeFolder().resolve("records/00");
            Files.createDirectories(wrong);
            Files.move(file, wrong.resolve(file.getFileName()));

            fixture.recovery().check(fixture.findings::add);

            assertThat(fixture.findings).singleElement().satisfies(finding -> {
                assertThat(finding.kind()).isEqualTo(Kind.UNREADABLE);
                assertThat(finding.subject())
                        .isEqualTo(
                                wrong.toRealPath().resolve(file.getFileName()).toString());
            });
            assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(fixture::exportNow);
            assertThat(fixture.export()).doesNotExist();
        }

        @Test
        void goesOnWhereOneCannotBeReadAtAll() throws IOException {
            fixture.exportNow();
            Path file = fixture.forge().fileOf("a");
            Files.delete(file);
            Files.createDirectory(file);

            assertThat(fixture.recovery().check(fixture.findings::add).examined())
                    .isEqualTo(2);
            assertThat(fixture.findings)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.toString())
                            .contains("UNREADABLE", file.getFileName().toString()));
            fixture.recovery().importFrom(fixture.export(), fixture.findings::add);
            assertThat(fixture.found()).containsExactly("REFUSED a", "UNCHANGED b", "UNCHANGED c");
            fixture.recovery().compareWith(fixture.export(), fixture.findings::add);
            assertThat(fixture.findings).hasSize(1);
            Path saved = fixture.folder.resolve("saved.kwsx");
            fixture.recovery().exportSound(saved, fixture.findings::add);
            assertThat(saved).exists();
        }

        @Test
        void goesOnWhereAFolderCannotBeListed() throws IOException {
            Path folder = fixture.forge().fileOf("a").getParent();
            Files.delete(fixture.forge().fileOf("a"));
            Files.delete(folder);
            Files.createSymbolicLink(folder, Path.of("nowhere"));

            assertThat(fixture.recovery().check(fixture.findings::add).count(Kind.UNREADABLE))
                    .isEqualTo(1);
            assertThat(fixture.findings)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.subject())
                            .endsWith(folder.getFileName().toString()));
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(fixture::exportNow)
                    .withMessageContaining(folder.getFileName().toString());
        }

        private StoreRecovery sealedBy(KekId kek) {
            TestTenant tenant = fixture.tenant();
            return StoreRecovery.of(tenant.store(), tenant.providers(), KeychainSeal.wrappedBy(kek));
        }
    }

    @Nested
    @FormatRule("X1")
    class AnExport {
        @Test
        void refusesAStoreThatIsNotSound() {
            fixture.forge().edit("b", next -> next);
            assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(fixture::exportNow);
            assertThat(fixture.export()).doesNotExist();
        }

        @Test
        void ofTheSoundPartIsNotWrittenIfNothingIsSound() throws IOException {
            for (String id : List.of("a", "b", "c")) {
                fixture.forge().edit(id, next -> next);
            }
            fixture.recovery().exportSound(fixture.export(), fixture.findings::add);
            assertThat(fixture.findings).hasSize(3);
            assertThat(fixture.export()).doesNotExist();
        }

        @Test
        void ofTheSoundPartSaysWhatItLeavesOut() throws IOException {
            fixture.forge().edit("b", next -> next);
            fixture.forge().write("c", new byte[100]);
            Summary summary = fixture.recovery().exportSound(fixture.export(), fixture.findings::add);
            assertThat(summary.count(Kind.SEAL_BROKEN)).isEqualTo(1);
            assertThat(summary.count(Kind.UNREADABLE)).isEqualTo(1);

            fixture.lose();
            fixture.recovery().importFrom(fixture.export(), fixture.findings::add);
            assertThat(fixture.found()).containsExactly("ADDED a");
        }
    }

    @Nested
    class OfEnvelopes {
        @Test
        void findsThoseWhoseKeysAreThere() throws IOException {
            Keychain keychain = fixture.tenant().keychains().open("a");
            EnvelopeSource old = fixture.envelope(keychain, "1");
            keychain.rotate();
            fixture.exportNow();
            List<EnvelopeSource> all =
                    List.of(old, fixture.envelope(keychain, "2"), EnvelopeSource.of(fixture.export()));

            Summary summary = fixture.recovery().checkEnvelopes(all, fixture.findings::add);

            assertThat(summary.clean()).isTrue();
            assertThat(summary.examined()).isEqualTo(3);
        }

        @Test
        void namesThoseThatARestoredStoreCannotOpen() throws IOException {
            Path backup = fixture.backup("backup");
            Keychain keychain = fixture.tenant().keychains().open("a");
            EnvelopeSource before = fixture.envelope(keychain, "before");
            keychain.rotate();
            EnvelopeSource after = fixture.envelope(keychain, "after");
            EnvelopeSource made = fixture.envelope(fixture.tenant().keychain("new"), "made");
            EnvelopeSource portable = fixture.envelope(fixture.tenant().keychain("p", spec -> spec.portable()), "p");
            fixture.restore(backup);

            Summary summary =
                    fixture.recovery().checkEnvelopes(List.of(before, after, made, portable), fixture.findings::add);

            assertThat(summary.count(Kind.DEK_MISSING)).isEqualTo(3);
            assertThat(fixture.findings)
                    .extracting(Finding::subject)
                    .containsExactly(after.name(), made.name(), portable.name());
            assertThat(fixture.findings.get(0).dekId())
                    .contains(keychain.record().deks().get(1).id());
            assertThat(fixture.findings.get(0).detail()).endsWith("import an export");
            assertThat(fixture.findings.get(2).detail()).endsWith("or rebuild from it");
        }

        @Test
        void namesThoseThatAreNoneAndThoseWhoseDekWasDestroyed() throws IOException {
            Keychain keychain = fixture.tenant().keychains().open("a");
            EnvelopeSource lost = fixture.envelope(keychain, "lost");
            keychain.rotate();
            fixture.destroy("a", 0);
            Path text = Files.writeString(fixture.folder.resolve("text"), "no envelope");

            fixture.recovery()
                    .checkEnvelopes(
                            List.of(lost, EnvelopeSource.of(text), EnvelopeSource.of(fixture.folder.resolve("none"))),
                            fixture.findings::add);

            assertThat(fixture.findings)
                    .extracting(Finding::kind)
                    .containsExactly(Kind.DEK_MISSING, Kind.ENVELOPE_REFUSED, Kind.ENVELOPE_REFUSED);
            assertThat(fixture.findings.get(0).detail()).contains("destroyed on purpose");
        }

        @Test
        void endsWhereTheStoreCannotBeRead() throws IOException {
            EnvelopeSource envelope =
                    fixture.envelope(fixture.tenant().keychains().open("a"), "1");
            Path file = fixture.forge().fileOf("a");
            Files.delete(file);
            Files.createDirectory(file);
            StoreRecovery recovery = fixture.recovery();
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> recovery.checkEnvelopes(List.of(envelope), fixture.findings::add));
            assertThat(fixture.findings).isEmpty();
        }

        @Test
        void asksForARecordOnceForManyEnvelopes() throws IOException {
            EnvelopeSource envelope =
                    fixture.envelope(fixture.tenant().keychains().open("a"), "1");
            fixture.forge().edit("a", next -> next);
            StoreRecovery recovery = fixture.recovery();
            Summary summary = recovery.checkEnvelopes(Collections.nCopies(200, envelope), finding -> {});
            assertThat(summary.count(Kind.DEK_MISSING))
                    .as("a record that cannot be believed has no DEK")
                    .isEqualTo(200);
        }
    }
}
