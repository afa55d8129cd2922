package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
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
        assertThat(command.out())
                .contains("2 exported keychains examined: 2 UNCHANGED, no problem")
                .hasLineCount(1);
        assertThat(at.store("import", "--json", command.path("out.kwsx"))).isZero();
        assertThat(at.found()).containsExactly("UNCHANGED b", "UNCHANGED tenant-42");
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
        assertThat(command.out())
                .contains("! REFUSED", ": 1 UNCHANGED, 1 REFUSED, 1 problem")
                .hasLineCount(2);
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

    @Nested
    class AnExportOfNothing {
        private byte[] good;

        @BeforeEach
        void afterAGoodOne() throws Exception {
            at.exportNow();
            good = Files.readAllBytes(folder.resolve("out.kwsx"));
        }

        @Test
        void replacesNothing() throws Exception {
            at.lose();
            Files.createDirectories(folder.resolve("store/records"));

            assertThat(at.store("export", command.path("out.kwsx"))).isEqualTo(3);
            assertThat(command.out())
                    .contains("! the store has no keychain", "to do: ", "0 keychains examined: 1 problem");
            assertThat(at.store("export", "--sound-only", command.path("new.kwsx")))
                    .isEqualTo(3);
            assertThat(at.store("export", "--json", command.path("new.kwsx"))).isEqualTo(3);

            assertThat(command.outJson().get("problem").getAsString()).contains("no keychain");
            assertThat(command.outJson().get("clean").getAsBoolean()).isFalse();
            assertThat(command.outJson().has("export")).isFalse();
            assertThat(folder.resolve("new.kwsx")).doesNotExist();
            assertThat(Files.readAllBytes(folder.resolve("out.kwsx"))).isEqualTo(good);
        }

        @Test
        void isWrittenWhereSomebodySaysSo() throws Exception {
            at.lose();
            Files.createDirectories(folder.resolve("store/records"));

            assertThat(at.store("export", "--allow-empty", command.path("out.kwsx")))
                    .isZero();
            assertThat(at.store("export", "--allow-empty", "--sound-only", command.path("new.kwsx")))
                    .isEqualTo(2);

            assertThat(Files.readAllBytes(folder.resolve("out.kwsx"))).isNotEqualTo(good);
        }

        @Test
        void isNotWhatIsSavedOfAStoreWithoutSoundRecords() {
            assertThat(at.storeUnder("keystore:main#other", "export", "--sound-only", command.path("new.kwsx")))
                    .isEqualTo(3);
            assertThat(command.out()).contains("2 OTHER_SEAL_KEK", "nothing was written");
            assertThat(folder.resolve("new.kwsx")).doesNotExist();
        }

        @Test
        void norDoesAPartReplaceTheWhole() throws Exception {
            at.edit("b");

            assertThat(at.store("export", "--sound-only", command.path("out.kwsx")))
                    .isEqualTo(2);

            assertThat(command.err()).contains("out.kwsx", "to do: choose another OUT");
            assertThat(Files.readAllBytes(folder.resolve("out.kwsx"))).isEqualTo(good);
        }
    }

    @Nested
    class WhatIsSaidOfAFile {
        @BeforeEach
        void anExportAndAnEnvelope() throws Exception {
            at.exportNow();
            command.write("plain", "text");
            assertThat(command.encrypt(command.path("plain"), command.path("e.kwrp")))
                    .isZero();
        }

        @Test
        void anEnvelopeIsNoExport() {
            for (String[] line : new String[][] {{"import"}, {"import", "--dry-run"}, {"check", "--export"}}) {
                String[] more = Arrays.copyOfRange(line, 1, line.length + 1);
                more[more.length - 1] = command.path("e.kwrp");
                assertThat(at.store(line[0], more)).isEqualTo(3);
                assertThat(command.err()).contains("e.kwrp is an envelope of keychain 'tenant-42'", "to do: ");
                assertThat(command.out()).isEmpty();
            }
        }

        @Test
        void ofADamagedOneAnotherIsToBeTaken() throws Exception {
            byte[] bytes = Files.readAllBytes(folder.resolve("out.kwsx"));
            Files.write(folder.resolve("cut.kwsx"), Arrays.copyOf(bytes, bytes.length - 1));
            bytes[bytes.length - 1] ^= 1;
            Files.write(folder.resolve("edited.kwsx"), bytes);
            command.write("no.kwsx", "no export");

            for (String damaged : new String[] {"cut.kwsx", "edited.kwsx", "no.kwsx"}) {
                assertThat(at.store("import", command.path(damaged))).isEqualTo(3);
                assertThat(command.err())
                        .contains(damaged, "; to do: take another export\n")
                        .doesNotContain("another copy");
                assertThat(at.store("check", "--export", command.path(damaged))).isEqualTo(3);
                assertThat(command.err()).contains("; to do: take another export\n");
                assertThat(command.out()).isEmpty();
            }
        }

        @Test
        void theKekOfAnotherSealIsNamedAsAReason() {
            assertThat(at.storeUnder("keystore:main#other", "import", command.path("out.kwsx")))
                    .isEqualTo(3);
            assertThat(command.err()).contains("out.kwsx", "not under keystore:main#other", "to do: ");
        }
    }

    @Test
    void whatAnImportDidBeforeItFailedIsSaid() throws Exception {
        at.create("c");
        at.exportNow();
        Map<Path, String> inOrder = new TreeMap<>();
        for (String id : List.of("b", "c", TestRun.KEYCHAIN)) {
            inOrder.put(at.recordOf(id), id);
        }
        List<Path> records = List.copyOf(inOrder.keySet());
        List<String> ids = List.copyOf(inOrder.values());
        Files.delete(records.get(1));
        Files.delete(records.get(2));
        Files.delete(records.get(2).getParent());
        // Nothing is there, and no folder can be made.
        Files.createSymbolicLink(records.get(2).getParent(), folder.resolve("nowhere"));

        assertThat(at.store("import", "--json", command.path("out.kwsx"))).isEqualTo(5);
        assertThat(command.outJson().get("complete").getAsBoolean()).isFalse();
        assertThat(command.outJson().get("clean").getAsBoolean()).isFalse();
        assertThat(at.found()).containsExactlyInAnyOrder("UNCHANGED " + ids.get(0), "ADDED " + ids.get(1));
        assertThat(command.errJson().has("error")).isTrue();

        Files.delete(records.get(1));
        assertThat(at.store("import", command.path("out.kwsx"))).isEqualTo(5);
        assertThat(command.out()).contains("  ADDED  ", "INCOMPLETE: 1 ADDED, 1 UNCHANGED");
        assertThat(command.err()).contains("the store in ", "to do: ").hasLineCount(1);
    }

    @Test
    void aTargetThatCannotBeIsRefused() {
        assertThat(at.store("export", folder.toString())).isEqualTo(2);
        assertThat(at.store("export", command.path("missing/out.kwsx"))).isEqualTo(1);
    }
}
