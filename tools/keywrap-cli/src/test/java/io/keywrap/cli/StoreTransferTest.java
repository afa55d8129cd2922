package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores that are exported and imported. */
class StoreTransferTest {
    @TempDir
    Path folder;

    private StoreRun at;
    private TestRun command;

    @BeforeEach
    void keychains() throws Exception {
        at = new StoreRun(folder);
        command = at.command;
    }

    @Test
    void bringBackALostStore() throws Exception {
        command.write("plain", "text");
        assertThat(command.encrypt(command.path("plain"), command.path("e.kwrp")))
                .isZero();
        at.exportNow();
        assertThat(command.out()).isEqualTo("2 keychains examined: no problem\n");
        at.lose();

        assertThat(at.store("import", command.path("out.kwsx"), "--json")).isZero();

        assertThat(at.found()).containsExactly("ADDED b", "ADDED tenant-42");
        assertThat(command.outJson().get("dryRun").getAsBoolean()).isFalse();
        assertThat(command.decrypt(command.path("e.kwrp"), command.path("restored")))
                .isZero();
        assertThat(folder.resolve("restored")).hasContent("text");
        assertThat(at.store("import", command.path("out.kwsx"))).isZero();
        assertThat(command.out()).contains("2 exported keychains examined: 2 UNCHANGED, no problem");
    }

    @Test
    void aDryRunChangesNothing() throws Exception {
        at.exportNow();
        at.lose();

        assertThat(at.store("import", "--dry-run", command.path("out.kwsx"), "--json"))
                .isEqualTo(3);
        assertThat(at.found()).containsExactly("KEYCHAIN_MISSING b", "KEYCHAIN_MISSING tenant-42");
        assertThat(folder.resolve("store")).doesNotExist();
    }

    @Test
    void whatIsNoExportMakesNoStore() throws Exception {
        command.write("no.kwsx", "no export");
        at.exportNow();
        byte[] bytes = Files.readAllBytes(folder.resolve("out.kwsx"));
        Files.write(folder.resolve("cut.kwsx"), Arrays.copyOf(bytes, bytes.length - 1));
        at.lose();

        assertThat(at.store("import", command.path("no.kwsx"))).isEqualTo(3);
        assertThat(at.store("import", command.path("cut.kwsx"))).isEqualTo(3);
        assertThat(at.store("import", command.path("missing.kwsx"))).isEqualTo(1);
        assertThat(command.run(
                        "store",
                        "import",
                        "--store",
                        command.path("store"),
                        "--seal-kek",
                        "keystore:main#other",
                        command.path("out.kwsx")))
                .isEqualTo(3);
        assertThat(folder.resolve("store")).doesNotExist();
    }

    @Test
    void aBrokenRecordIsRefusedOnImport() throws Exception {
        at.exportNow();
        at.edit("b");

        assertThat(at.store("import", command.path("out.kwsx"))).isEqualTo(3);
        assertThat(command.out()).contains("! REFUSED", "  UNCHANGED", "1 problem");
    }

    @Test
    void aBrokenRecordEndsTheExportAndNoFileIsThere() throws Exception {
        at.edit("b");

        assertThat(at.store("export", command.path("out.kwsx"))).isEqualTo(3);
        assertThat(folder.resolve("out.kwsx")).doesNotExist();
    }

    @Test
    void soundOnlySavesTheRestAndSaysSo() throws Exception {
        at.edit("b");

        assertThat(at.store("export", "--sound-only", command.path("out.kwsx"), "--json"))
                .isEqualTo(3);
        assertThat(command.outJson().get("export").getAsString()).isEqualTo(command.path("out.kwsx"));
        at.lose();
        assertThat(at.store("import", command.path("out.kwsx"))).isZero();
        assertThat(command.out()).contains("1 exported keychain examined: 1 ADDED");
    }

    @Test
    void aTargetThatCannotBeIsRefused() {
        assertThat(at.store("export", folder.toString())).isEqualTo(2);
        assertThat(at.store("export", command.path("missing/out.kwsx"))).isEqualTo(1);
    }
}
