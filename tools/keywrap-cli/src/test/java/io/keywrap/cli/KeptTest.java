package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that no OUT may replace. */
class KeptTest {
    @TempDir
    Path folder;

    private StoreRun at;
    private TestRun command;

    @BeforeEach
    void store() throws Exception {
        at = new StoreRun(folder);
        command = at.command;
        command.write("plain", "text");
        command.write("pw.txt", TestRun.PASSWORD + "\n");
    }

    private void export(String out) {
        assertThat(at.store("export", "--password-file", command.path("pw.txt"), command.path(out)))
                .as(out)
                .isEqualTo(2);
        assertThat(command.err()).contains("OUT ", "to do: ");
    }

    private void encrypt(String out) {
        assertThat(command.encrypt(command.path("plain"), command.path(out), "--password-file", command.path("pw.txt")))
                .as(out)
                .isEqualTo(2);
        assertThat(command.err()).contains("OUT is ", "to do: ");
    }

    private byte[] bytes(String name) throws Exception {
        return Files.readAllBytes(folder.resolve(name));
    }

    @Nested
    class ByAnExport {
        @Test
        void theKeyStoreStaysAlsoBehindALink() throws Exception {
            byte[] before = bytes("main.p12");
            Files.createSymbolicLink(folder.resolve("link"), folder.resolve("main.p12"));

            export("main.p12");
            export("link");
            export("store/../main.p12");

            assertThat(command.err()).contains("the key store 'main'");
            assertThat(bytes("main.p12")).isEqualTo(before);
        }

        @Test
        void thePasswordFileStays() {
            export("pw.txt");
            assertThat(folder.resolve("pw.txt")).hasContent(TestRun.PASSWORD);
        }

        @Test
        void nothingGoesIntoTheStore() throws Exception {
            Files.createSymbolicLink(folder.resolve("link"), folder.resolve("store/records"));

            export("store/store.lock");
            export("store/out.kwsx");
            export("link/out.kwsx");
            export(folder.relativize(at.recordOf("b")).toString());

            assertThat(folder.resolve("store/out.kwsx")).doesNotExist();
            assertThat(at.store("check")).isZero();
        }

        @Test
        void recordsThatAreALinkElsewhereAreTheStoreToo() throws Exception {
            Files.move(folder.resolve("store/records"), folder.resolve("elsewhere"));
            Files.createSymbolicLink(folder.resolve("store/records"), folder.resolve("elsewhere"));

            export("elsewhere/out.kwsx");
        }

        @Test
        void whatIsNoExportStays() throws Exception {
            command.must(
                    "encrypt",
                    "--store",
                    command.path("store"),
                    "--keychain",
                    "b",
                    command.path("plain"),
                    command.path("backup.kwrp"));
            byte[] before = bytes("backup.kwrp");

            export("plain");
            export("backup.kwrp");

            assertThat(command.err()).contains("no export");
            assertThat(folder.resolve("plain")).hasContent("text");
            assertThat(bytes("backup.kwrp")).isEqualTo(before);
        }

        @Test
        void anOlderExportIsReplaced() throws Exception {
            at.exportNow();
            byte[] before = bytes("out.kwsx");
            at.create("c");

            at.exportNow();

            assertThat(command.out()).isEqualTo("3 keychains examined: no problem\n");
            assertThat(bytes("out.kwsx")).isNotEqualTo(before);
        }
    }

    @Nested
    class ByEncryptingAndDecrypting {
        @Test
        void keyStorePasswordFileAndStoreStay() throws Exception {
            byte[] before = bytes("main.p12");

            encrypt("main.p12");
            encrypt("pw.txt");
            encrypt("store/store.lock");
            assertThat(command.encrypt(command.path("plain"), command.path("e.kwrp")))
                    .isZero();
            assertThat(command.decrypt(command.path("e.kwrp"), command.path("main.p12")))
                    .isEqualTo(2);

            assertThat(bytes("main.p12")).isEqualTo(before);
            assertThat(command.decrypt(command.path("e.kwrp"), command.path("back")))
                    .isZero();
        }

        @Test
        void aTreeReplacesThemNeither() throws Exception {
            command.write("in/main.p12", "an old copy");
            command.write("in/store/store.lock", "an old copy");
            byte[] before = bytes("main.p12");
            assertThat(command.encrypt(command.path("in"), command.path("store/in.enc")))
                    .isEqualTo(2);
            assertThat(command.encrypt(command.path("in"), command.path("in.enc")))
                    .isZero();
            Path moved = Files.createDirectory(folder.resolve("target"));
            Files.move(folder.resolve("main.p12"), moved.resolve("main.p12"));
            command.environment.put("KEYWRAP_KEYSTORES", "main=" + moved.resolve("main.p12"));

            assertThat(command.decrypt(command.path("in.enc"), moved.toString()))
                    .isEqualTo(2);

            assertThat(command.err()).contains("the key store 'main'");
            assertThat(bytes("target/main.p12")).isEqualTo(before);
            assertThat(moved.resolve("store")).doesNotExist();
        }
    }
}
