package io.keywrap.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files appear whole, where their name leads, with the permissions that they should have. */
class AtomicFileTest {
    @TempDir
    Path folder;

    @Nested
    class ATarget {
        @Test
        void mayHaveAnyName() throws IOException {
            for (int letters : new int[] {1, 38, 39, 40, 41, 100}) {
                Path target = folder.resolve("a".repeat(letters) + "😀😀.csv");
                write(AtomicFile.replacing(target), "x");
                assertThat(target).hasContent("x");
            }
        }

        /** So that an operator who finds one after a crash knows what it was to become. */
        @Test
        void givesItsHiddenFileTheBeginOfItsName() throws IOException {
            for (int letters : new int[] {1, 32, 38, 39, 100}) {
                String name = "a".repeat(letters) + "😀😀.csv";
                try (AtomicFile file = AtomicFile.replacing(folder.resolve(name));
                        Stream<Path> entries = Files.list(folder)) {
                    assertThat(file.channel().isOpen()).isTrue();
                    String hidden =
                            entries.findFirst().orElseThrow().getFileName().toString();
                    String begin = name.substring(0, letters == 39 ? 39 : Math.min(40, name.length()));
                    assertThat(hidden).startsWith("." + begin + ".").hasSize(begin.length() + 2 + 36 + 4);
                }
            }
        }

        @Test
        void thatIsALinkIsWrittenWhereItLeads() throws IOException {
            Path real = Files.writeString(folder.resolve("real"), "before");
            Path link = Files.createSymbolicLink(folder.resolve("link"), real);
            write(AtomicFile.replacing(link), "after");
            assertThat(link).isSymbolicLink();
            assertThat(real).hasContent("after");
        }

        @Test
        void thatIsALinkToNowhereIsRefused() throws IOException {
            Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));
            assertThatIOException().isThrownBy(() -> AtomicFile.replacing(link));
            assertThat(AtomicFile.isThere(link)).isTrue();
            assertThat(AtomicFile.isThere(folder.resolve("nowhere"))).isFalse();
        }

        @Test
        void thatIsNoRegularFileIsRefused() throws Exception {
            Path pipe = folder.resolve("pipe");
            assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "this platform has pipes");
            for (Path odd : new Path[] {pipe, folder}) {
                assertThatExceptionOfType(FileAlreadyExistsException.class)
                        .isThrownBy(() -> AtomicFile.replacing(odd))
                        .withMessageContaining(odd.equals(folder) ? "is a folder" : "no regular file");
            }
        }

        @Test
        void isUntouchedWithoutACommit() throws IOException {
            Path target = Files.writeString(folder.resolve("target"), "before");
            try (AtomicFile file = AtomicFile.replacing(target)) {
                file.channel().write(ByteBuffer.wrap("after".getBytes()));
            }
            assertThat(target).hasContent("before");
            try (Stream<Path> entries = Files.list(folder)) {
                assertThat(entries).containsExactly(target);
            }
        }
    }

    @Nested
    class Permissions {
        @Test
        void areTheOwnersAloneFromTheFirstByteOn() throws IOException {
            Path target = folder.resolve("private");
            try (AtomicFile file = AtomicFile.replacingInPrivate(target)) {
                try (Stream<Path> entries = Files.list(folder)) {
                    assertThat(permissions(entries.findFirst().orElseThrow())).isEqualTo("rw-------");
                }
                file.commit();
            }
            assertThat(permissions(target)).isEqualTo("rw-------");
        }

        @Test
        void ofAFileThatIsReplacedStay() throws IOException {
            for (String mode : new String[] {"rw-------", "rw-rw----", "r--r--r--"}) {
                Path target = Files.writeString(folder.resolve("file" + mode), "before");
                Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(mode));
                write(AtomicFile.replacing(target), "after");
                assertThat(permissions(target)).isEqualTo(mode);
                write(AtomicFile.replacingInPrivate(target), "again");
                assertThat(permissions(target)).isEqualTo(mode);
            }
        }

        private String permissions(Path file) throws IOException {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        }
    }

    @Nested
    class ALock {
        @Test
        void isHeldByOneThreadAtATime() throws Exception {
            Path file = folder.resolve("lock");
            CountDownLatch got = new CountDownLatch(1);
            Thread second;
            try (AtomicFile.Lock held = AtomicFile.Lock.acquire(file)) {
                second = new Thread(() -> {
                    try (AtomicFile.Lock own = AtomicFile.Lock.acquire(file)) {
                        own.ensureHeld();
                        got.countDown();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
                second.start();
                held.ensureHeld();
                assertThat(got.getCount()).isEqualTo(1);
            }
            second.join();
            assertThat(got.getCount()).isZero();
        }

        @Test
        void thatSomethingElseInTheProcessHoldsIsAnErrorAndStaysTheirs() throws IOException {
            Path file = folder.resolve("lock");
            try (FileChannel other = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                other.lock();
                for (int i = 0; i < 2; i++) {
                    assertThatIOException()
                            .isThrownBy(() -> AtomicFile.Lock.acquire(file))
                            .withCauseInstanceOf(OverlappingFileLockException.class);
                }
            }
        }
    }

    @Test
    void foldersAreMadeAllTheWay() throws IOException {
        AtomicFile.makeFolders(folder.resolve("a/b/c"));
        AtomicFile.makeFolders(folder.resolve("a/b/c"));
        assertThat(folder.resolve("a/b/c")).isDirectory();
    }

    private static void write(AtomicFile file, String content) throws IOException {
        try (file) {
            file.channel().write(ByteBuffer.wrap(content.getBytes()));
            file.commit();
        }
    }
}
