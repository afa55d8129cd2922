package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Making KEKs, and where passwords come from. */
class KeystoreTest {
    @TempDir
    Path folder;

    private TestRun command;
    private String file;

    @BeforeEach
    void command() {
        command = new TestRun(folder);
        file = command.path("main.p12");
    }

    @Nested
    class WithAPasswordInTheEnvironment {
        @BeforeEach
        void password() {
            command.environment.put("KEYWRAP_KEYSTORE_PASSWORD", TestRun.PASSWORD);
        }

        @Test
        void createPrintsTheUriAndHowToUseIt() throws Exception {
            assertThat(command.run("keystore", "create", file, "--alias", "a")).isZero();

            assertThat(command.out()).contains("keystore:main#a").contains("--keystore main=" + file);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(file))))
                    .isEqualTo("rw-------");
            assertThat(command.prompts).isEmpty();
        }

        @Test
        void anAliasThatIsTakenIsSaidWithWhatToDo() {
            command.must("keystore", "create", file, "--alias", "a");

            assertThat(command.run("keystore", "create", file, "--alias", "a")).isEqualTo(1);
            assertThat(command.err()).contains("'a' already", "to do: choose another");
        }

        @Test
        void createGivesJson() {
            command.must("keystore", "create", file, "--alias", "a", "--json");

            JsonObject result = command.outJson();
            assertThat(result.get("kek").getAsString()).isEqualTo("keystore:main#a");
            assertThat(result.get("file").getAsString()).isEqualTo(file);
        }

        @Test
        void theNameComesFromTheOptionElseFromTheMapping() {
            command.must("keystore", "create", file, "--alias", "a", "--name", "vault");
            assertThat(command.out()).contains("keystore:vault#a");

            command.must("keystore", "create", file, "--alias", "b", "--keystore", "mapped=" + file);
            assertThat(command.out()).contains("keystore:mapped#b");
        }

        @Test
        void aKeyThatExistsIsLeftAsItIs() throws Exception {
            command.must("keystore", "create", file, "--alias", "a");
            byte[] before = Files.readAllBytes(Path.of(file));

            assertThat(command.run("keystore", "create", file, "--alias", "a")).isEqualTo(1);

            assertThat(command.err()).contains("has a key 'a' already");
            assertThat(Files.readAllBytes(Path.of(file))).isEqualTo(before);
        }

        @Test
        void aWrongPasswordForAnExistingFileIsConfiguration() {
            command.must("keystore", "create", file, "--alias", "a");
            command.environment.put("KEYWRAP_KEYSTORE_PASSWORD", "wrong");

            assertThat(command.run("keystore", "create", file, "--alias", "b")).isEqualTo(6);
            assertThat(command.err()).contains("password").doesNotContain("wrong");
        }

        @Test
        void aMissingFolderIsNamed() {
            assertThat(command.run("keystore", "create", command.path("no/main.p12"), "--alias", "a"))
                    .isEqualTo(1);
            assertThat(command.err()).contains("no such file or folder: " + command.path("no"));
        }
    }

    @Nested
    class WithAPasswordFile {
        @Test
        void theFirstLineCountsWithoutItsEnd() throws Exception {
            Path unix = command.write("unix", "pass word\nsecond line");
            Path windows = command.write("windows", "pass word\r\n");
            Path bare = command.write("bare", "pass word");
            command.must("keystore", "create", file, "--alias", "a", "--password-file", unix.toString());

            command.must("keystore", "create", file, "--alias", "b", "--password-file", windows.toString());
            command.must("keystore", "create", file, "--alias", "c", "--password-file", bare.toString());
        }

        @Test
        void itWinsOverTheEnvironment() throws Exception {
            Path passwordFile = command.write("password", "from file");
            command.environment.put("KEYWRAP_KEYSTORE_PASSWORD", "from environment");
            command.must("keystore", "create", file, "--alias", "a", "--password-file", passwordFile.toString());

            command.environment.put("KEYWRAP_KEYSTORE_PASSWORD", "from file");
            command.must("keystore", "create", file, "--alias", "b");
        }

        @Test
        void aMissingEmptyOrBinaryFileIsConfiguration() throws Exception {
            Path empty = command.write("empty", "\nsecond");
            Path accented = command.write("accented", "pässword");
            Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xC3, 0x28, '\n'});

            assertThat(create("missing")).isEqualTo(6);
            assertThat(command.err()).contains("password file", "missing");
            assertThat(create(empty.toString())).isEqualTo(6);
            assertThat(create(binary.toString())).isEqualTo(6);
            assertThat(create(accented.toString())).isEqualTo(6);
            assertThat(command.err()).contains("ASCII").doesNotContain("ssword\n");
            assertThat(Path.of(file)).doesNotExist();
        }

        private int create(String passwordFile) {
            return command.run("keystore", "create", file, "--alias", "a", "--password-file", passwordFile);
        }
    }

    @Nested
    class OnATerminal {
        @Test
        void createAsksTwice() {
            command.typed.add("typed");
            command.typed.add("typed");

            command.must("keystore", "create", file, "--alias", "a");

            assertThat(command.prompts).containsExactly("Password of key store main: ", "The same password again: ");
        }

        @Test
        void twoDifferentPasswordsMakeNothing() {
            command.typed.add("typed");
            command.typed.add("mistyped");

            assertThat(command.run("keystore", "create", file, "--alias", "a")).isEqualTo(6);
            assertThat(command.err())
                    .contains("differ", "to do: ")
                    .doesNotContain("typed")
                    .doesNotContain("run on a terminal");
            assertThat(Path.of(file)).doesNotExist();
        }

        @Test
        void anEmptyPasswordMakesNothing() {
            command.typed.add("");
            command.typed.add("");

            assertThat(command.run("keystore", "create", file, "--alias", "a")).isEqualTo(6);
            assertThat(command.err()).contains("empty", "to do: ").doesNotContain("run on a terminal");
        }

        @Test
        void useAsksOnceForEachKeyStore() {
            command.typed.add("typed");
            command.typed.add("typed");
            command.must("keystore", "create", file, "--alias", "a");
            command.prompts.clear();
            command.typed.add("typed");

            command.must(
                    "keychain",
                    "create",
                    "--store",
                    command.path("s"),
                    "--id",
                    "k",
                    "--kek",
                    "keystore:main#a",
                    "--keystore",
                    "main=" + file);

            assertThat(command.prompts).containsExactly("Password of key store main: ");
        }
    }

    @Test
    void withoutAnyPasswordTheErrorSaysHowToGiveOne() {
        assertThat(command.run("keystore", "create", file, "--alias", "a")).isEqualTo(6);
        assertThat(command.err()).contains("--password-file", "KEYWRAP_KEYSTORE_PASSWORD", "terminal");
        assertThat(Path.of(file)).doesNotExist();
    }

    @Test
    void passwordsAreWipedAtTheEnd() throws Exception {
        char[] typed = "typed".toCharArray();
        Host host = new Host(
                command.in,
                System.out,
                System.err,
                command.environment,
                label -> typed,
                false,
                java.util.Optional.empty());
        try (Passwords passwords = new Passwords(host, java.util.Optional.empty())) {
            assertThat(passwords.of("main")).containsExactly("typed".toCharArray());
            assertThat(passwords.of("main")).isNotSameAs(typed);
        }
        assertThat(typed).containsOnly('\0');
    }
}
