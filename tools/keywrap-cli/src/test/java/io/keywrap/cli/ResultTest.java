package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command says where its result, or what it needs, is not to be had. */
class ResultTest {
    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void keychain() throws Exception {
        command = TestRun.withKeychain(folder);
        command.write("tree/a", "A");
        command.must(
                "encrypt",
                "--store",
                command.path("store"),
                "--keychain",
                TestRun.KEYCHAIN,
                command.path("tree/a"),
                command.path("a.kwrp"));
    }

    @Nested
    class OnAFullDevice {
        private String[] arguments(String line) {
            return line.replace("DIR/", folder + "/").split(" ");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "keychain list --store DIR/store",
                    "keychain show --store DIR/store --id tenant-42",
                    "keychain rotate --store DIR/store --id tenant-42",
                    "keychain openers --store DIR/store --id tenant-42",
                    "keychain destroy --store DIR/store --id tenant-42 --confirm tenant-42",
                    "store check --store DIR/store --seal-kek keystore:main#kek",
                    "store export --store DIR/store --seal-kek keystore:main#kek DIR/out.kwsx",
                    "keystore create DIR/main.p12 --alias more",
                    "inspect DIR/a.kwrp",
                    "demo DIR/tree",
                    "emulator aws",
                    "emulator gcp",
                    "emulator azure",
                    "--help",
                    "encrypt --help",
                    "--version"
                })
        void aResultThatCannotBeWrittenIsAFailure(String line) {
            assertThat(command.run(new Full(), arguments(line))).isEqualTo(1);
            assertThat(command.err())
                    .contains("keywrap: ", "standard output", "No space left")
                    .hasLineCount(1);
        }

        @ParameterizedTest
        @CsvSource({
            "keychain rotate --store DIR/store --id tenant-42, keychain 'tenant-42' was rotated; to revision 2",
            "keychain rotate --json --store DIR/store --id tenant-42, keychain 'tenant-42' was rotated; to revision 2",
            "keychain repair --store DIR/store --id tenant-42, keychain 'tenant-42' was repaired; to revision 1",
            "keychain recipients --store DIR/store --id tenant-42 --kek keystore:main#kek, has new recipients; revision 1",
            "keychain destroy --store DIR/store --id tenant-42 --confirm tenant-42, keychain 'tenant-42' was destroyed",
            "keychain migrate --store DIR/store --id m --kek keystore:main#kek --vendor-managed, was migrated; to revision 2",
            "keychain create --store DIR/store --id new --kek keystore:main#kek, keychain 'new' was made",
            "store import --store DIR/copy --seal-kek keystore:main#kek DIR/e.kwsx, was imported: ; 2 ADDED",
            "store export --store DIR/store --seal-kek keystore:main#kek DIR/out.kwsx, was written to ; out.kwsx: 2 key",
            "keystore create DIR/main.p12 --alias more, KEK keystore:main#more was made",
        })
        void whatIsDoneForGoodIsSaidToBeDone(String line, String done) {
            command.must(arguments("keychain create --store DIR/store --id m --kek keystore:main#kek --migratable"));
            command.must(arguments("store export --store DIR/store --seal-kek keystore:main#kek DIR/e.kwsx"));

            assertThat(command.run(new Full(), arguments(line))).isEqualTo(1);

            assertThat(command.err()).contains(done.split("; ?")).contains("this is done, and only the result is lost");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "keychain list --json --store DIR/store",
                    "emulator aws --json",
                    "emulator gcp --json",
                    "emulator azure --json",
                    "encrypt --json --store DIR/store --keychain tenant-42 DIR/a.kwrp DIR/b.kwrp",
                    "encrypt --json --store DIR/store --keychain tenant-42 DIR/a.kwrp -"
                })
        void theFailureIsJsonWhereThatWasAskedFor(String line) {
            assertThat(command.run(new Full(), arguments(line))).isEqualTo(1);
            assertThat(command.errJson()
                            .getAsJsonObject("error")
                            .get("exitCode")
                            .getAsInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void aPasswordFileThatCannotBeUsedIsConfigurationForEveryUseOfAKey() throws Exception {
        Files.write(folder.resolve("binary"), new byte[] {(byte) 0xC3, 0x28, '\n'});
        for (String wrong : new String[] {"missing", "store", "binary"}) {
            assertThat(command.encrypt(
                            command.path("tree/a"), command.path("x"), "--password-file", command.path(wrong)))
                    .as(wrong)
                    .isEqualTo(6);
            assertThat(command.err()).contains("password file", wrong).doesNotContain("maker");
            assertThat(command.decrypt(
                            command.path("a.kwrp"), command.path("x"), "--password-file", command.path(wrong)))
                    .as(wrong)
                    .isEqualTo(6);
            assertThat(command.err())
                    .contains("password file", wrong, "to do: ")
                    .doesNotContain("maker");
        }
    }

    @Test
    void aTraceIsPartOfTheJson() {
        assertThat(command.run("inspect", command.path("missing"), "--json", "-v"))
                .isEqualTo(1);

        JsonObject error = command.errJson().getAsJsonObject("error");
        assertThat(error.get("trace").getAsString()).contains("NoSuchFileException", "\tat ");
    }

    /** As /dev/full. */
    static final class Full extends OutputStream {
        @Override
        public void write(int single) throws IOException {
            throw new IOException("No space left on device");
        }
    }
}
