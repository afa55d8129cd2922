package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.stream.SteppedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files that somebody else writes, disks that are full, threads that are interrupted: the old envelope stays whole. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PortableRewrapFilesTest extends PortableFixture {
    private static final String NO_SPACE = "No space left on device";

    private interface Step {
        void run() throws IOException;
    }

    /** Does something in the middle of the copy. */
    private PortableRewrap meanwhile(Step step) {
        LongConsumer once = bytes -> {
            try {
                step.run();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
        return to(NEW).withProgress(once);
    }

    @Nested
    class ChangedMeanwhile {
        private void refused(PortableRewrap rewrap) throws IOException {
            for (Path target : new Path[] {envelope, work.resolve("target")}) {
                assertThatExceptionOfType(FileSystemException.class)
                        .isThrownBy(() -> {
                            if (target.equals(envelope)) {
                                rewrap.rewrap(envelope);
                            } else {
                                rewrap.rewrap(envelope, target);
                            }
                        })
                        .matches(e -> e.getFile().equals(envelope.toString()))
                        .withMessageContaining("changed while it was re-wrapped");
                assertThat(content()).containsExactly("a.csv.kwrp");
                Files.write(envelope, before);
            }
        }

        @Test
        void oneThatGrowsIsNotReplaced() throws IOException {
            refused(meanwhile(() -> Files.write(envelope, new byte[] {1}, StandardOpenOption.APPEND)));
        }

        @Test
        void oneThatIsWrittenInPlaceIsNotReplaced() throws IOException {
            refused(meanwhile(() -> {
                try (FileChannel file = FileChannel.open(envelope, StandardOpenOption.WRITE)) {
                    file.write(ByteBuffer.wrap(new byte[] {1}), before.length - 1);
                }
                Files.setLastModifiedTime(
                        envelope,
                        FileTime.fromMillis(Files.getLastModifiedTime(envelope).toMillis() + 5_000));
            }));
        }

        @Test
        void anotherFileThatTookItsNameStays() throws IOException {
            byte[] newer = "a newer backup".getBytes(StandardCharsets.US_ASCII);
            PortableRewrap rewrap = meanwhile(() -> {
                Path other = Files.write(folder.resolve("newer"), newer);
                Files.move(other, envelope, StandardCopyOption.ATOMIC_MOVE);
            });
            assertThatExceptionOfType(FileSystemException.class).isThrownBy(() -> rewrap.rewrap(envelope));
            assertThat(envelope).hasBinaryContent(newer);
            assertThat(content()).containsExactly("a.csv.kwrp");
        }

        @Test
        void oneThatIsRemovedDoesNotComeBack() throws IOException {
            PortableRewrap rewrap = meanwhile(() -> Files.delete(envelope));
            assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> rewrap.rewrap(envelope));
            assertThat(content()).isEmpty();
        }

        /** It is read in pieces of 16 MiB, and cut behind the first. */
        @Test
        void oneThatBecomesShorterIsNotReplaced() throws IOException {
            Path large = write("large.kwrp", new byte[20 << 20]);
            PortableRewrap rewrap = meanwhile(() -> {
                try (FileChannel file = FileChannel.open(large, StandardOpenOption.WRITE)) {
                    file.truncate(1 << 20);
                }
            });
            assertThatIOException().isThrownBy(() -> rewrap.rewrap(large)).withMessageContaining("changed");
            assertThat(large).hasSize(1 << 20);
            assertThat(content()).containsExactly("a.csv.kwrp", "large.kwrp");
        }
    }

    @Nested
    class NotWritten {
        private final SteppedFiles files = new SteppedFiles();

        @Test
        void aFullDiskLeavesTheOldEnvelopeAndSaysWhichFile() throws IOException {
            Path target = work.resolve("target");
            for (int room : new int[] {0, 1, 2}) {
                AtomicInteger writes = new AtomicInteger();
                files.listener(what -> {
                    if (what.equals("write") && writes.incrementAndGet() > room) {
                        throw new IOException(NO_SPACE);
                    }
                });
                assertThatExceptionOfType(FileSystemException.class)
                        .isThrownBy(() -> to(NEW).rewrap(envelope, files.path(target)))
                        .matches(e -> e.getFile().equals(target.toString()))
                        .withMessageContaining(NO_SPACE)
                        .withMessageContaining(
                                "it is to have " + to(NEW).header(before).lengthOf(before.length) + " bytes, and has ");
                requireAsItWas();
            }
        }

        @Test
        void aDiskThatTurnsOutToBeFullAtTheEndIsTheSame() throws IOException {
            files.listener(what -> {
                if (what.equals("force")) {
                    throw new IOException(NO_SPACE);
                }
            });
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> to(NEW).rewrap(envelope, files.path(work.resolve("target"))))
                    .withMessageContaining(NO_SPACE);
            requireAsItWas();
        }

        @Test
        void anInterruptStopsTheCopyAndStaysSet() throws IOException {
            PortableRewrap rewrap = meanwhile(() -> Thread.currentThread().interrupt());
            Path large = write("large.kwrp", new byte[20 << 20]);
            byte[] old = Files.readAllBytes(large);
            assertThatExceptionOfType(ClosedByInterruptException.class).isThrownBy(() -> rewrap.rewrap(large));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(large).hasBinaryContent(old);
            assertThat(content()).containsExactly("a.csv.kwrp", "large.kwrp");
        }

        @Test
        void whatAListenerThrowsPassesAndNothingIsLeft() throws IOException {
            IllegalStateException own = new IllegalStateException("stop");
            assertThatThrownBy(() -> to(NEW).withProgress(bytes -> {
                                throw own;
                            })
                            .rewrap(envelope))
                    .isSameAs(own);
            requireAsItWas();
        }
    }

    @Nested
    class NoFilesToRewrap {
        @Test
        void theSameFileByAnotherNameIsRefused() throws IOException {
            Path link = Files.createSymbolicLink(work.resolve("link"), envelope.getFileName());
            for (Path same : new Path[] {envelope, link}) {
                assertThatIOException()
                        .isThrownBy(() -> to(NEW).rewrap(envelope, same))
                        .withMessageContaining("the same file")
                        .withMessageContaining("in place");
            }
            Files.delete(link);
            requireAsItWas();
        }

        @Test
        void foldersAndWhatIsNotThereAreNamed() throws IOException {
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> to(NEW).rewrap(work))
                    .withMessageContaining("is a folder");
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> to(NEW).rewrap(envelope, Files.createDirectory(folder.resolve("dir"))))
                    .withMessageContaining("is a folder");
            assertThatExceptionOfType(NoSuchFileException.class)
                    .isThrownBy(() -> to(NEW).rewrap(work.resolve("missing")));
            requireAsItWas();
        }

        @Test
        void aPipeIsNotWaitedFor() throws Exception {
            Path pipe = work.resolve("pipe");
            assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                    .isZero();
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> to(NEW).rewrap(pipe))
                    .withMessageContaining("no regular file");
        }

        @Test
        void aLinkThatLeadsNowhereIsLeftAlone() throws IOException {
            Path link = Files.createSymbolicLink(work.resolve("link"), Path.of("nowhere"));
            assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> to(NEW).rewrap(link));
            assertThat(link).isSymbolicLink();
        }
    }
}
