package io.keywrap.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.keywrap.stream.SteppedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done to a file system, in which order, and what is said and left where a step of it fails. */
class FileStepsTest {
    private static final Set<String> WATCHED = Set.of("folder", "open", "write", "force", "move", "moved");

    @TempDir
    Path folder;

    private final SteppedFiles files = new SteppedFiles();
    private final List<String> steps = new ArrayList<>();
    private Path target;

    @BeforeEach
    void listen() {
        target = folder.resolve("target");
        files.listener(what -> {
            if (WATCHED.contains(what)) {
                steps.add(what);
            }
        });
    }

    @Nested
    class ACommit {
        /** Bytes first, then the name, and then the folder that has it: a crash in between leaves the old file or the new one. */
        @Test
        void isOnDiskBeforeItIsNamedAndItsNameAfterThat() throws IOException {
            try (AtomicFile file = begun()) {
                file.commit();
                assertThat(file.channel().isOpen()).isFalse();
            }
            assertThat(steps).containsExactly("open", "write", "force", "move", "moved", "open", "force");
            assertThat(files.handles).isEmpty();
            assertThat(target).hasContent("content");
        }

        @Test
        void leavesAFileThatTookTheNameOfItsHiddenOneAlone() throws IOException {
            AtomicFile file = begun();
            Path hidden = hidden();
            file.commit();
            Files.writeString(hidden, "of somebody else");
            file.close();
            assertThat(hidden).hasContent("of somebody else");
        }

        @Test
        void thatDoesNotHappenLeavesNothingOpenAndNothingBehind() throws IOException {
            AtomicFile file = begun();
            assertThat(AtomicFile.isTemporary(hidden())).isTrue();
            file.close();
            assertThat(file.channel().isOpen()).isFalse();
            assertThat(files.handles).isEmpty();
            assertThat(folder).isEmptyDirectory();
        }

        @Test
        void worksWhereFilesHaveNoPermissions() throws IOException {
            files.permissions = false;
            for (String content : List.of("first", "second")) {
                try (AtomicFile file = AtomicFile.replacingInPrivate(files.path(target))) {
                    file.channel().write(ByteBuffer.wrap(content.getBytes()));
                    file.take(files.path(folder), EnumSet.allOf(FileTrait.class));
                    file.commit();
                }
                assertThat(target).hasContent(content);
            }
        }
    }

    @Nested
    class AFailure {
        private final IOException full = new IOException("no space left");

        @Test
        void saysHowMuchThereIsAndIsToBe() throws IOException {
            try (AtomicFile file = begun()) {
                assertThat(file.failed(full))
                        .isInstanceOf(FileSystemException.class)
                        .hasCause(full)
                        .hasMessageMatching(
                                "(?s).*target: no space left; it has 7; its file store says that [1-9][0-9]*"
                                        + " more are usable; to do: .*");
                file.expect(1);
                assertThat(file.failed(full)).hasMessageContaining("; it is to have 1 bytes, and has 7; ");
                assertThat(file.failed(new IOException())).hasMessageContaining("java.io.IOException; it is");
            }
        }

        @Test
        void ofAChannelThatWasClosedIsPassedOn() throws IOException {
            try (AtomicFile file = begun()) {
                ClosedChannelException closed = new ClosedChannelException();
                assertThat(file.failed(closed)).isSameAs(closed);
            }
        }

        @Test
        void hidesNotBehindAnother() throws IOException {
            try (AtomicFile file = begun()) {
                Files.delete(hidden());
                assertThat(file.failed(full))
                        .hasMessageContaining("no space left; it has an unknown number of; its file store")
                        .hasMessageContaining("says that an unknown number of more");
            }
        }

        @Test
        void ofTheLastStepBeforeItIsNamedLeavesTheOldFile() throws IOException {
            Files.writeString(target, "before");
            files.listener(what -> {
                if (what.equals("force")) {
                    throw full;
                }
            });
            try (AtomicFile file = begun()) {
                assertThatExceptionOfType(FileSystemException.class)
                        .isThrownBy(file::commit)
                        .withCause(full)
                        .withMessageContaining("it has 7");
            }
            assertThat(target).hasContent("before");
            assertThat(folder).isDirectoryNotContaining(AtomicFile::isTemporary);
        }
    }

    @Test
    void everyFolderThatIsMadeIsForcedIntoTheOneAboveIt() throws IOException {
        AtomicFile.makeFolders(files.path(folder.resolve("a/b/c")));
        assertThat(steps)
                .containsExactly("folder", "open", "force", "folder", "open", "force", "folder", "open", "force");
        assertThat(files.handles).isEmpty();
        steps.clear();
        AtomicFile.makeFolders(files.path(folder.resolve("a/b/c")));
        assertThat(steps).isEmpty();
    }

    /** As of a network file system whose server knows no locks; whoever comes next does not wait for ever. */
    @Test
    void aLockThatTheFileSystemDoesNotGiveIsNotHeld() throws Exception {
        IOException none = new IOException("no locks available");
        files.listener(what -> {
            if (what.equals("lock")) {
                throw none;
            }
        });
        Path lock = files.path(folder.resolve("lock"));
        assertThatIOException().isThrownBy(() -> AtomicFile.Lock.acquire(lock)).isSameAs(none);
        assertThat(files.handles).isEmpty();

        CompletableFuture<Throwable> next = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try (AtomicFile.Lock held = AtomicFile.Lock.acquire(lock)) {
                held.ensureHeld();
            } catch (IOException e) {
                next.complete(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        assertThat(next.get(30, TimeUnit.SECONDS)).isSameAs(none);
    }

    @Test
    void hiddenFilesAreKnownByBothEndsOfTheirNames() {
        assertThat(AtomicFile.isTemporary(folder.resolve(".a.tmp"))).isTrue();
        for (String other : List.of("a.tmp", ".a.tm", ".tmpa", "a")) {
            assertThat(AtomicFile.isTemporary(folder.resolve(other))).as(other).isFalse();
        }
    }

    private AtomicFile begun() throws IOException {
        AtomicFile file = AtomicFile.replacing(files.path(target));
        file.channel().write(ByteBuffer.wrap("content".getBytes()));
        return file;
    }

    private Path hidden() throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.filter(entry -> !entry.equals(target)).findFirst().orElseThrow();
        }
    }
}
