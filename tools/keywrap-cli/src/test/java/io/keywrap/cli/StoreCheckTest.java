package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import io.keywrap.recovery.EnvelopeSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores that are looked at, by themselves and against what is kept outside of them. */
class StoreCheckTest {
    @TempDir
    Path folder;

    private StoreRun at;
    private TestRun command;

    @BeforeEach
    void keychains() throws Exception {
        at = new StoreRun(folder);
        command = at.command;
    }

    @Nested
    class Check {
        @Test
        void aSoundStoreIsClean() {
            assertThat(at.store("check")).isZero();
            assertThat(command.out()).isEqualTo("2 keychains examined: no problem\n");

            assertThat(at.store("check", "--json")).isZero();
            JsonObject result = command.outJson();
            assertThat(result.get("examined").getAsInt()).isEqualTo(2);
            assertThat(result.get("clean").getAsBoolean()).isTrue();
            assertThat(result.getAsJsonObject("counts").size()).isZero();
            assertThat(result.getAsJsonArray("findings")).isEmpty();
        }

        @Test
        void anEmptyStoreIsSaidToBeEmpty() throws Exception {
            at.lose();
            Files.createDirectories(folder.resolve("store/records"));

            assertThat(at.store("check")).isZero();
            assertThat(command.out()).contains("  the store has no keychain", "0 keychains examined: no problem");
            assertThat(at.store("check", "--json")).isZero();
            assertThat(command.outJson().getAsJsonArray("notes")).hasSize(1);
        }

        @Test
        void whatWasFoundBeforeAFailureIsSaid() throws Exception {
            StoreReport report = new StoreReport();
            report.examined("examined", 2, "keychain");
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Host host = new Host(
                    InputStream.nullInputStream(), out, System.err, Map.of(), label -> null, false, Optional.empty());

            assertThatIOException()
                    .isThrownBy(() -> report.of(new KeywrapCommand(host), () -> {
                        report.problem("no envelope");
                        throw new IOException("later");
                    }));

            assertThat(out).hasToString("! no envelope\nINCOMPLETE: 2 keychains examined: 1 problem\n");
        }

        @Test
        void anEditedRecordIsAProblem() throws Exception {
            at.edit("b");

            assertThat(at.store("check", "--json")).isEqualTo(3);

            JsonObject result = command.outJson();
            assertThat(result.get("clean").getAsBoolean()).isFalse();
            assertThat(result.getAsJsonObject("counts").get("SEAL_BROKEN").getAsInt())
                    .isEqualTo(1);
            JsonObject finding = result.getAsJsonArray("findings").get(0).getAsJsonObject();
            assertThat(finding.get("problem").getAsBoolean()).isTrue();
            assertThat(finding.get("detail").getAsString()).isNotBlank();
            assertThat(finding.has("dek")).isFalse();
            assertThat(command.out()).doesNotContain("hush");
            assertThat(command.err()).isEmpty();
        }

        @Test
        void textHasALineForEachFindingAndASummary() throws Exception {
            at.edit("b");
            Files.write(at.recordOf(TestRun.KEYCHAIN), new byte[] {1, 2, 3});

            assertThat(at.store("check")).isEqualTo(3);

            List<String> lines = command.out().lines().toList();
            assertThat(lines).hasSize(3);
            assertThat(lines.get(0)).startsWith("! UNREADABLE   ");
            assertThat(lines.get(1)).startsWith("! SEAL_BROKEN  ");
            assertThat(lines.get(2)).isEqualTo("1 keychain examined: 1 UNREADABLE, 1 SEAL_BROKEN, 2 problems");
        }

        @Test
        void theSealOfAnotherKekIsNotBelieved() {
            assertThat(at.storeUnder("keystore:main#other", "check")).isEqualTo(3);
            assertThat(command.out()).contains("2 OTHER_SEAL_KEK");
        }

        @Test
        void aMistypedStoreIsConfigurationAndIsNotMade() {
            String typo = command.path("typo");
            assertThat(command.run("store", "check", "--store", typo, "--seal-kek", "keystore:main#kek"))
                    .isEqualTo(6);
            assertThat(command.err()).contains("no store", "to do: ");
            assertThat(command.run(
                            "store", "export", "--store", typo, "--seal-kek", "keystore:main#kek", command.path("x")))
                    .isEqualTo(6);
            assertThat(folder.resolve("typo")).doesNotExist();
            assertThat(folder.resolve("x")).doesNotExist();
        }

        @Test
        void aKekThatCannotBeUsedIsNoFinding() throws Exception {
            Keystores.createKek(folder.resolve("no.p12"), KekId.of("keystore:main#no"), TestRun.PASSWORD::toCharArray);

            assertThat(at.store("check", "--keystore", "main=" + command.path("no.p12")))
                    .isEqualTo(4);
            command.environment.put("KEYWRAP_KEYSTORE_PASSWORD", "wrong");
            assertThat(at.store("check")).isEqualTo(6);
            assertThat(command.out()).isEmpty();
        }

        @Test
        void aResultThatNobodyGetsIsAFailureEvenWithProblems() throws Exception {
            at.edit("b");
            String[] line = {"store", "check", "--store", command.path("store"), "--seal-kek", "keystore:main#kek"};

            assertThat(command.run(new ResultTest.Full(), line)).isEqualTo(1);
            assertThat(command.err()).contains("standard output").hasLineCount(1);
        }
    }

    @Nested
    class CheckAgainstAnExport {
        @Test
        void aRestoredOldStoreIsBehind() throws Exception {
            byte[] before = Files.readAllBytes(at.recordOf("b"));
            command.must("keychain", "rotate", "--store", command.path("store"), "--id", "b");
            at.create("c");
            at.exportNow();
            Files.write(at.recordOf("b"), before);
            Files.delete(at.recordOf("c"));

            assertThat(at.store("check", "--export", command.path("out.kwsx"), "--json"))
                    .isEqualTo(3);

            assertThat(at.found()).containsExactly("DEK_MISSING b", "KEYCHAIN_BEHIND b", "KEYCHAIN_MISSING c");
            assertThat(command.outJson().get("examined").getAsInt()).isEqualTo(2);
            assertThat(command.outJson().get("exported").getAsInt()).isEqualTo(3);
            assertThat(command.out()).contains("\"dek\": ");
        }

        @Test
        void whatIsNewerThanTheExportIsNoProblem() {
            at.exportNow();
            at.create("c");
            command.must("keychain", "rotate", "--store", command.path("store"), "--id", "b");

            assertThat(at.store("check", "--export", command.path("out.kwsx"), "--json"))
                    .isZero();
            assertThat(at.found()).containsExactly("KEYCHAIN_AHEAD b", "KEYCHAIN_NOT_IN_EXPORT c");
        }

        @Test
        void whatTwoStepsFindIsSaidOnce() throws Exception {
            at.exportNow();
            at.edit("b");

            assertThat(at.store("check", "--export", command.path("out.kwsx"))).isEqualTo(3);
            assertThat(command.out()).hasLineCount(2).contains("1 SEAL_BROKEN, 1 problem");
        }

        @Test
        void whatIsNoExportIsRefused() throws Exception {
            command.write("no.kwsx", "no export");
            assertThat(at.store("check", "--export", command.path("no.kwsx"))).isEqualTo(3);
            assertThat(at.store("check", "--export", command.path("missing.kwsx")))
                    .isEqualTo(1);
        }
    }

    @Nested
    class CheckOfEnvelopes {
        @BeforeEach
        void envelopes() throws Exception {
            command.write("backups/in/a", "text");
            assertThat(command.encrypt(command.path("backups"), command.path("backups.enc"), "--context", "o=hush"))
                    .isZero();
        }

        @Test
        void thoseOfTheStoreAreClean() {
            assertThat(at.store("check", "--envelopes", command.path("backups.enc"), "--json"))
                    .isZero();
            assertThat(command.outJson().get("envelopes").getAsInt()).isEqualTo(1);
        }

        @Test
        void thoseThatTheStoreCannotOpenAreProblems() throws Exception {
            at.lose();
            at.create("b");
            command.write("backups.enc/note.txt", "no envelope");
            Path special = folder.resolve("backups.enc/link");
            Files.createSymbolicLink(special, folder.resolve("main.p12"));

            assertThat(at.store(
                            "check",
                            "--envelopes",
                            command.path("backups.enc"),
                            command.path("backups.enc/in/a.kwrp"),
                            "--json"))
                    .isEqualTo(3);

            assertThat(at.found())
                    .containsExactly(
                            "DEK_MISSING " + command.path("backups.enc/in/a.kwrp"),
                            "ENVELOPE_REFUSED " + command.path("backups.enc/note.txt"));
            assertThat(command.outJson().getAsJsonArray("skipped").get(0).getAsString())
                    .isEqualTo(special.toString());
            assertThat(command.out()).doesNotContain("hush");
            assertThat(at.store("check", "--envelopes", command.path("backups.enc")))
                    .isEqualTo(3);
            assertThat(command.err()).isEqualTo("keywrap: left out: " + special + "\n");
        }

        @Test
        void thatThereIsNoneIsAProblem() throws Exception {
            Files.createDirectory(folder.resolve("nothing"));

            assertThat(at.store("check", "--envelopes", command.path("nothing")))
                    .isEqualTo(3);
            assertThat(command.out()).contains("! there is no envelope", "0 envelopes examined: 1 problem");
        }

        @Test
        void aFileThatCannotBeReadIsAProblemOfThatFile() {
            // It opens, and the first read fails: nothing is mapped at address 0.
            assertThat(at.store("check", "--json", "--envelopes", "/proc/self/mem", command.path("backups.enc")))
                    .isEqualTo(3);
            assertThat(at.found()).containsExactly("ENVELOPE_REFUSED /proc/self/mem");
            assertThat(command.outJson().get("envelopes").getAsInt()).isEqualTo(2);
        }

        @Test
        void aFileThatVanishesMeanwhileSaysSo() throws Exception {
            Path file = folder.resolve("backups.enc/in/a.kwrp");
            EnvelopeSource source = Envelopes.in(List.of(file)).sources().get(0);
            Files.delete(file);

            assertThatIOException().isThrownBy(source::open).withMessage("no such file or folder");
            assertThat(source.name()).isEqualTo(file.toString());
        }

        @Test
        void aPathThatIsMissingEndsItBeforeAnything() {
            assertThat(at.store("check", "--envelopes", command.path("missing")))
                    .isEqualTo(1);
            assertThat(command.err()).contains("no such file", "missing");
            assertThat(command.out()).isEmpty();
        }
    }
}
