package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders: every file to an envelope of its own, and back. */
class TreeTest {
    @TempDir
    Path folder;

    private TestRun command;
    private String in;
    private String out;
    private String back;

    @BeforeEach
    void tree() throws Exception {
        command = TestRun.withKeychain(folder);
        command.write("in/a.txt", "A");
        command.write("in/b.txt", "B");
        command.write("in/sub/größe.txt", "C");
        command.write("in/.hidden", "");
        Files.createDirectories(folder.resolve("in/empty/inner"));
        in = command.path("in");
        out = command.path("out");
        back = command.path("back");
    }

    private static List<String> names(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> !file.equals(root))
                    .map(file -> Tree.slashed(root.relativize(file)))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everyFileAndFolderComesBack() throws Exception {
        assertThat(command.encrypt(in, out, "--context", "backup=1")).isZero();
        assertThat(command.err()).contains("encrypted 4 files");
        assertThat(names(Path.of(out)))
                .containsExactly(
                        ".hidden.kwrp",
                        "a.txt.kwrp",
                        "b.txt.kwrp",
                        "empty",
                        "empty/inner",
                        "sub",
                        "sub/größe.txt.kwrp");
        command.must("inspect", command.path("out/sub/größe.txt.kwrp"));
        JsonObject context = command.outJson().getAsJsonObject("objectContext");
        assertThat(context.get("path").getAsString()).isEqualTo("sub/größe.txt");
        assertThat(context.get("backup").getAsString()).isEqualTo("1");

        assertThat(command.decrypt(out, back, "--context", "backup=1", "--exact-context"))
                .isZero();

        assertThat(names(Path.of(back))).isEqualTo(names(Path.of(in)));
        assertThat(folder.resolve("back/sub/größe.txt")).hasContent("C");
        assertThat(folder.resolve("back/.hidden")).isEmptyFile();
    }

    @Test
    void oneFileOfATreeOpensAloneByItsPath() {
        command.encrypt(in, out);

        assertThat(command.decrypt(command.path("out/a.txt.kwrp"), command.path("a"), "--context", "path=a.txt"))
                .isZero();
        assertThat(folder.resolve("a")).hasContent("A");
    }

    @Test
    void anEmptyFolderIsATree() throws Exception {
        assertThat(command.encrypt(command.path("in/empty/inner"), out)).isZero();
        assertThat(names(Path.of(out))).isEmpty();
    }

    @Test
    void anOlderTargetIsReplaced() throws Exception {
        command.write("out/a.txt.kwrp", "older");

        assertThat(command.encrypt(in, out)).isZero();
        assertThat(command.decrypt(out, back)).isZero();
    }

    @Test
    void aLinkInTheNameOfAFileIsNotFollowed() throws Exception {
        Path victim = Files.writeString(folder.resolve("victim"), "before");
        Files.createDirectories(folder.resolve("out"));
        Files.createSymbolicLink(folder.resolve("out/a.txt.kwrp"), victim);

        assertThat(command.encrypt(in, out)).isEqualTo(2);
        assertThat(command.err()).contains("symbolic link", "a.txt.kwrp");
        assertThat(victim).hasContent("before");
    }

    @Test
    void aLinkBelowTheTargetIsNotFollowed() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.createDirectory(Path.of(out));
        Files.createSymbolicLink(folder.resolve("out/sub"), elsewhere);

        assertThat(command.encrypt(in, out)).isEqualTo(2);

        assertThat(command.err()).contains("symbolic link", "sub");
        assertThat(names(elsewhere)).isEmpty();
        assertThat(names(Path.of(out))).containsExactly("sub");
    }

    @Test
    void anEnvelopeThatWouldTakeThePlaceOfAFolderIsRefusedBeforeAnythingIsWritten() throws Exception {
        command.write("in/deep/a.kwrp/x", "X");
        command.write("in/deep/a", "A");

        assertThat(command.encrypt(in, out)).isEqualTo(2);

        assertThat(command.err())
                .contains("deep/a", "deep/a.kwrp", "to do: rename")
                .hasLineCount(2);
        assertThat(Path.of(out)).doesNotExist();
    }

    @Test
    void aFileThatWouldTakeThePlaceOfAFolderIsRefusedBeforeAnythingIsRestored() throws Exception {
        command.must("encrypt", "--store", command.path("store"), "--keychain", TestRun.KEYCHAIN, in, out);
        Files.createDirectory(folder.resolve("out/a.txt"));

        assertThat(command.decrypt(out, back)).isEqualTo(2);

        assertThat(command.err()).contains("a.txt.kwrp");
        assertThat(Path.of(back)).doesNotExist();
    }

    @Test
    void aFolderThatCannotBeReadDoesNotStopTheOthers() throws Exception {
        Path closed = folder.resolve("in/empty");
        Files.setPosixFilePermissions(closed, Set.of());
        assumeThat(Files.isReadable(closed)).as("root reads every folder").isFalse();
        try {
            assertThat(command.encrypt(in, out)).isEqualTo(1);
        } finally {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        }
        assertThat(command.err()).contains("empty: access denied", "4 encrypted");
        assertThat(names(Path.of(out))).contains("a.txt.kwrp", "sub/größe.txt.kwrp");
    }

    @Test
    void theKeyOfThePathIsTaken() {
        assertThat(command.encrypt(in, out, "--context", "path=mine")).isEqualTo(2);
        assertThat(Path.of(out)).doesNotExist();
    }

    @Nested
    class WithSymbolicLinks {
        @BeforeEach
        void links() throws Exception {
            Files.createSymbolicLink(folder.resolve("in/link"), Path.of("a.txt"));
            Files.createSymbolicLink(folder.resolve("in/sub/loop"), Path.of(".."));
        }

        @Test
        void theyAreNamedBeforeAnythingIsWritten() {
            assertThat(command.encrypt(in, out)).isEqualTo(2);

            assertThat(command.err()).contains("link, sub/loop", "--skip-special");
            assertThat(Path.of(out)).doesNotExist();
        }

        @Test
        void theyAreLeftOutWhereThatIsAllowed() throws Exception {
            assertThat(command.encrypt(in, out, "--skip-special", "--json")).isZero();

            assertThat(command.outJson().getAsJsonArray("skipped").toString()).isEqualTo("[\"link\",\"sub/loop\"]");
            assertThat(names(Path.of(out))).hasSize(7).doesNotContain("link.kwrp");
        }

        @Test
        void aRootThatIsALinkIsFollowed() throws Exception {
            Files.createSymbolicLink(folder.resolve("root"), folder.resolve("in/sub"));

            assertThat(command.encrypt(command.path("root"), out, "--skip-special"))
                    .isZero();
            assertThat(names(Path.of(out))).containsExactly("größe.txt.kwrp");
        }
    }

    @Nested
    class WithFoldersThatOverlap {
        @Test
        void allAreRefused() throws Exception {
            Files.createSymbolicLink(folder.resolve("alias"), folder.resolve("in"));
            for (String target : List.of("in", "in/sub", "in/new/deep", "alias", "alias/new", "in/../in/x", ".")) {
                assertThat(command.encrypt(in, command.path(target))).as(target).isEqualTo(2);
            }
            assertThat(names(Path.of(in))).hasSize(7);
        }

        @Test
        void aLinkIsFollowedBeforeTheParentBehindItIsTaken() throws Exception {
            Files.createDirectories(folder.resolve("other"));
            Files.createSymbolicLink(folder.resolve("other/link"), folder.resolve("in/sub"));

            assertThat(command.encrypt(in, command.path("other/link/../new"))).isEqualTo(2);
            assertThat(command.err()).contains("inside of the other");
            assertThat(names(Path.of(in))).hasSize(7);
        }

        @Test
        void aTargetThatIsALinkToNothingIsRefused() throws Exception {
            Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("in/new"));

            assertThat(command.encrypt(in, command.path("dangling"))).isEqualTo(1);
            assertThat(command.encrypt(in, command.path("dangling/deep"))).isEqualTo(1);
            assertThat(names(Path.of(in))).hasSize(7);
        }

        @Test
        void standardOutputAndFilesAreNoFolders() {
            assertThat(command.encrypt(in, "-")).isEqualTo(2);
            assertThat(command.encrypt(in, command.path("main.p12"))).isEqualTo(1);
            assertThat(command.err()).contains("not a folder");
        }
    }

    @Nested
    class WithEnvelopes {
        @BeforeEach
        void envelopes() {
            assertThat(command.encrypt(in, out)).isZero();
        }

        private JsonArray failures() {
            return command.errJson().getAsJsonObject("error").getAsJsonArray("failures");
        }

        @Test
        void swappedFilesAreRefusedAndTheOthersRestored() throws Exception {
            Path a = folder.resolve("out/a.txt.kwrp");
            Path b = folder.resolve("out/b.txt.kwrp");
            Path spare = Files.copy(a, folder.resolve("spare"));
            Files.copy(b, a, StandardCopyOption.REPLACE_EXISTING);
            Files.move(spare, b, StandardCopyOption.REPLACE_EXISTING);

            assertThat(command.decrypt(out, back, "--json")).isEqualTo(3);

            assertThat(failures()).hasSize(2);
            assertThat(failures().get(0).getAsJsonObject().get("path").getAsString())
                    .isEqualTo("a.txt.kwrp");
            assertThat(names(Path.of(back))).containsExactly(".hidden", "empty", "empty/inner", "sub", "sub/größe.txt");
        }

        @Test
        void aStrangeFileIsReportedAndTheOthersRestored() throws Exception {
            command.write("out/notes.txt", "who put this here?");
            command.write("out/sub/.kwrp", "");

            assertThat(command.decrypt(out, back)).isEqualTo(3);

            assertThat(command.err())
                    .contains("notes.txt: no envelope by its name", "sub/.kwrp: no envelope", "2 of 6 files failed");
            assertThat(folder.resolve("back/b.txt")).hasContent("B");
        }

        @Test
        void theFirstFailureGivesTheExitCode() throws Exception {
            Files.createDirectories(folder.resolve("back/a.txt/in the way"));
            command.write("out/notes.txt", "");

            assertThat(command.decrypt(out, back)).isEqualTo(1);
            assertThat(command.err()).contains("a.txt.kwrp: is a folder", "notes.txt: ");
        }

        @Test
        void aMissingKekEndsItAtOnce() throws Exception {
            Files.delete(folder.resolve("main.p12"));

            assertThat(command.decrypt(out, back)).isEqualTo(6);
            assertThat(Path.of(back)).doesNotExist();
        }

        @Test
        void anotherContextIsRefusedForEveryFile() {
            assertThat(command.decrypt(out, back, "--context", "backup=2", "--json"))
                    .isEqualTo(3);
            assertThat(failures()).hasSize(4);
        }
    }
}
