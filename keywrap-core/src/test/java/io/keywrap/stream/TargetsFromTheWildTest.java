package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.floe.FloeParameters;
import java.io.ByteArrayInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets that cannot be written, or are full: one clear exception from each verb, and nothing is left. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TargetsFromTheWildTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");
    private static final int LARGE = 3 << 20;
    private static final String NO_SPACE = "No space left on device";

    @TempDir
    static Path folder;

    private static RecordingKeys keys;
    private static EnvelopeCipher cipher;
    private static byte[] plaintext;
    private static byte[] envelope;

    private final SteppedFiles files = new SteppedFiles();
    private Path work;
    private Path target;

    @BeforeAll
    static void setUp() throws IOException {
        keys = new RecordingKeys(new KeychainKeys(TestTenant.in(folder).keychain("tenant-42")));
        cipher = EnvelopeCipher.of(keys).withParallelism(3);
        plaintext = new byte[LARGE];
        new Random(1).nextBytes(plaintext);
        envelope = cipher.encrypt(plaintext, CONTEXT);
        Files.write(folder.resolve("plaintext"), plaintext);
        Files.write(folder.resolve("envelope"), envelope);
    }

    @BeforeEach
    void freshFolder() throws IOException {
        work = Files.createTempDirectory(folder, "work");
        target = work.resolve("target");
        keys.leases.clear();
    }

    /** Every verb whose sink is a file, and how long the file is, if the verb can know that. */
    enum Verb {
        ENCRYPT_A_FILE {
            @Override
            void run(Path target) throws IOException {
                cipher.encrypt(folder.resolve("plaintext"), target, CONTEXT);
            }

            @Override
            int length() {
                return envelope.length;
            }
        },
        ENCRYPT_A_STREAM {
            @Override
            void run(Path target) throws IOException {
                cipher.encrypt(new ByteArrayInputStream(plaintext), target, CONTEXT);
            }
        },
        DECRYPT_A_FILE {
            @Override
            void run(Path target) throws IOException {
                cipher.decrypt(folder.resolve("envelope"), target, CONTEXT);
            }

            @Override
            int length() {
                return plaintext.length;
            }
        },
        DECRYPT_A_STREAM {
            @Override
            void run(Path target) throws IOException {
                cipher.decrypt(new ByteArrayInputStream(envelope), target, CONTEXT);
            }
        },
        WRITE {
            @Override
            void run(Path target) throws IOException {
                try (EnvelopeWriter writer = cipher.writer(target, CONTEXT)) {
                    writer.stream().write(plaintext);
                    writer.commit();
                }
            }
        };

        abstract void run(Path target) throws IOException;

        int length() {
            return 0;
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeAFileIsRefused(Verb verb) throws Exception {
        Path file = Files.createFile(work.resolve("file"));
        Path nowhere = Files.createSymbolicLink(work.resolve("link"), work.resolve("missing/file"));
        List<Path> all =
                new ArrayList<>(List.of(work.resolve("missing/target"), file.resolve("target"), work, nowhere));
        if (Files.isExecutable(Path.of("/usr/bin/mkfifo"))) {
            all.add(SourcesFromTheWildTest.pipe(work.resolve("pipe")));
        }
        for (Path unwritable : List.of(Path.of("/dev/full"), Path.of("/proc/keywrap"))) {
            if (Files.isDirectory(Path.of("/proc/self"))) {
                all.add(unwritable);
            }
        }
        List<Path> before = content();
        for (Path one : all) {
            assertThatExceptionOfType(FileSystemException.class)
                    .as(one.toString())
                    .isThrownBy(() -> verb.run(one))
                    .matches(e -> e.getSuppressed().length == 0)
                    .withMessageContaining(one.getFileName().toString());
        }
        assertThat(content()).isEqualTo(before);
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    @ParameterizedTest
    @EnumSource
    void aFolderThatMayOnlyBeReadIsLeftAlone(Verb verb) throws IOException {
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeTrue(!Files.isWritable(work), "whoever runs this may write everywhere");
        assertThatExceptionOfType(FileSystemException.class).isThrownBy(() -> verb.run(target));
        assertThat(content()).isEmpty();
    }

    /** It stays full for all that write to it, from one write on. */
    @ParameterizedTest
    @EnumSource
    void aFullDiskIsOneExceptionThatSaysWhichFileAndHowMuch(Verb verb) throws IOException {
        IOException noSpace = new IOException(NO_SPACE);
        for (int room : new int[] {0, 1, 2, 5}) {
            AtomicInteger writes = new AtomicInteger();
            files.listener(what -> {
                if (what.equals("write") && writes.incrementAndGet() > room) {
                    throw noSpace;
                }
            });
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> verb.run(files.path(target)))
                    .matches(e -> e.getFile().equals(target.toString()))
                    .withCause(noSpace)
                    .withMessageContaining(NO_SPACE)
                    .withMessageMatching(".*its file store says that [0-9]+ more are usable.*")
                    .withMessageContaining(
                            verb.length() == 0 ? "; it has " : "it is to have " + verb.length() + " bytes, and has ");
            assertThat(content()).isEmpty();
            assertThat(keys.leases).allMatch(DekLease::isClosed);
        }
    }

    /** File systems that give out room late say only then that there is none. */
    @ParameterizedTest
    @EnumSource
    void aDiskThatTurnsOutToBeFullAtTheEndIsTheSame(Verb verb) throws IOException {
        files.listener(what -> {
            if (what.equals("force")) {
                throw new IOException(NO_SPACE);
            }
        });
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> verb.run(files.path(target)))
                .withMessageContaining(NO_SPACE)
                .withMessageContaining("usable");
        assertThat(content()).isEmpty();
    }

    /** The figures of a disk that cannot be asked are no reason to hide why the write failed. */
    @Test
    void whereTheRoomIsUnknownTheFailureIsToldAllTheSame() throws IOException {
        boolean[] full = new boolean[1];
        files.listener(what -> {
            full[0] |= what.equals("write");
            if (full[0]) {
                throw new IOException(NO_SPACE);
            }
        });
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> Verb.ENCRYPT_A_FILE.run(files.path(target)))
                .withMessageContaining(NO_SPACE)
                .withMessageContaining("has an unknown number of");
    }

    /** Not every file system has stores, nor may everybody ask for them. */
    @Test
    void whereNobodyMayAskForTheRoomTheFailureIsToldAllTheSame() {
        for (RuntimeException refusal : List.of(new UnsupportedOperationException(), new SecurityException("no"))) {
            files.listener(what -> {
                if (what.equals("write")) {
                    files.atStore = refusal;
                    throw new IOException(NO_SPACE);
                }
            });
            for (Verb verb : Verb.values()) {
                files.atStore = null;
                assertThatExceptionOfType(FileSystemException.class)
                        .isThrownBy(() -> verb.run(files.path(target)))
                        .withMessageContaining(NO_SPACE)
                        .withMessageContaining("says that an unknown number of");
            }
        }
    }

    /** As on a network file system, which may say of a full disk only then: a part of a plaintext must not stay behind. */
    @ParameterizedTest
    @EnumSource
    void aTargetThatCannotBeClosedIsRemovedAllTheSame(Verb verb) throws IOException {
        AtomicInteger writes = new AtomicInteger();
        files.listener(what -> {
            if (what.equals("write") && writes.incrementAndGet() > 2) {
                throw new IOException("said first");
            }
        });
        files.atClose = new IOException("said at the end");
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> verb.run(files.path(target)))
                .withMessageContaining("said first");
        assertThat(content()).isEmpty();
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    /** Such as a lease that is ended by another thread at that moment. */
    @Test
    void aWriterThatCannotBeginLeavesNothing() throws IOException {
        OpenedEnvelope envelope = OpenedEnvelope.create(keys, CONTEXT, FloeParameters.ofSegmentLength(65_536));
        envelope.close();
        assertThatIllegalStateException().isThrownBy(() -> EnvelopeWriter.start(envelope, files.path(target)));
        assertThat(content()).isEmpty();
        assertThat(files.handles).isEmpty();
    }

    @Test
    void aFullDeviceFailsEveryVerbOfStreamsAndChannels() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full), "Linux");
        try (OutputStream sink = new FileOutputStream(full.toFile());
                FileChannel channel = FileChannel.open(full, StandardOpenOption.WRITE);
                FileChannel plain = FileChannel.open(folder.resolve("plaintext"));
                FileChannel sealed = FileChannel.open(folder.resolve("envelope"))) {
            assertFull(() -> cipher.encrypt(new ByteArrayInputStream(plaintext), sink, CONTEXT));
            assertFull(() -> cipher.decrypt(new ByteArrayInputStream(envelope), sink, CONTEXT));
            assertFull(() -> cipher.encrypt(plain, channel, CONTEXT));
            assertFull(() -> cipher.decrypt(sealed, channel, CONTEXT));
            assertFull(() -> cipher.writer(sink, CONTEXT));
        }
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    /** Exactly what the channel says. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aChannelThatIsNotForWritingOrClosedFails(boolean closed) throws IOException {
        FileChannel sink = FileChannel.open(Files.createFile(target));
        if (closed) {
            sink.close();
        }
        try (sink;
                FileChannel plain = FileChannel.open(folder.resolve("plaintext"));
                FileChannel sealed = FileChannel.open(folder.resolve("envelope"))) {
            Class<?> expected = closed ? ClosedChannelException.class : NonWritableChannelException.class;
            assertThat(catchThrowable(() -> cipher.encrypt(plain, sink, CONTEXT)))
                    .isInstanceOf(expected);
            assertThat(catchThrowable(() -> cipher.decrypt(sealed, sink, CONTEXT)))
                    .isInstanceOf(expected);
        }
        assertThat(keys.leases).hasSize(2).allMatch(DekLease::isClosed);
    }

    private static void assertFull(Failing verb) {
        assertThatIOException().isThrownBy(verb::run).withMessageContaining(NO_SPACE);
    }

    private List<Path> content() throws IOException {
        try (Stream<Path> all = Files.list(work)) {
            return all.sorted().toList();
        }
    }

    /** Any verb. */
    private interface Failing {
        void run() throws IOException;
    }
}
