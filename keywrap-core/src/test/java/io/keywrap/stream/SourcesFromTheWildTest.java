package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keywrap.DataException;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.TruncatedEnvelopeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sources that are no files, change their length, lie about it, or say nothing true of what is at hand. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SourcesFromTheWildTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");
    private static final int LARGE = 3 << 20;
    private static final int SMALL = 300_000;

    @TempDir
    static Path folder;

    private static RecordingKeys keys;
    private static EnvelopeCipher cipher;
    private static byte[] plaintext;
    private static byte[] envelope;

    private final SteppedFiles files = new SteppedFiles();
    private Path work;
    private Path source;
    private Path target;

    @BeforeAll
    static void setUp() {
        keys = new RecordingKeys(new KeychainKeys(TestTenant.in(folder).keychain("tenant-42")));
        cipher = EnvelopeCipher.of(keys).withParallelism(3);
        plaintext = new byte[LARGE];
        new Random(1).nextBytes(plaintext);
        envelope = cipher.encrypt(plaintext, CONTEXT);
    }

    @BeforeEach
    void freshFolder() throws IOException {
        work = Files.createTempDirectory(folder, "work");
        source = work.resolve("source");
        target = work.resolve("target");
        keys.leases.clear();
    }

    static Path pipe(Path path) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "mkfifo");
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", path.toString())
                        .start()
                        .waitFor())
                .isZero();
        return path;
    }

    @Test
    void aFolderIsRefusedByNameAndNoKeyIsAskedFor() {
        for (Failing verb : List.<Failing>of(
                () -> cipher.encrypt(work, target, CONTEXT),
                () -> cipher.decrypt(work, target, CONTEXT),
                () -> cipher.view(work, CONTEXT),
                () -> EnvelopeCipher.inspect(work))) {
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(verb::run)
                    .withMessage(work + ": is a folder");
        }
        assertThat(keys.leases).isEmpty();
        assertThat(target).doesNotExist();
    }

    @Test
    void aPipeIsReadToItsEnd() throws Exception {
        pipe(source);
        CompletableFuture<Void> writing = feed(plaintext);
        cipher.encrypt(source, target, CONTEXT);
        writing.get();
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo(plaintext);

        writing = feed(envelope);
        cipher.decrypt(source, target, CONTEXT);
        writing.get();
        assertThat(Files.readAllBytes(target)).isEqualTo(plaintext);

        writing = feed(Arrays.copyOf(envelope, LARGE / 2));
        Path other = work.resolve("other");
        assertThatExceptionOfType(TruncatedEnvelopeException.class)
                .isThrownBy(() -> cipher.decrypt(source, other, CONTEXT));
        writing.get();
        assertThat(other).doesNotExist();
    }

    /** To open one would wait until somebody writes. */
    @Test
    void aPipeCannotBeReadAtRandomAndNobodyWaitsForIt() throws Exception {
        pipe(source);
        for (Failing verb :
                List.<Failing>of(() -> cipher.view(source, CONTEXT), () -> EnvelopeCipher.inspect(source))) {
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(verb::run)
                    .withMessage(source + ": is no regular file");
        }
    }

    @Test
    void aDeviceIsReadToItsEnd() throws IOException {
        Path nothing = Path.of("/dev/null");
        assumeTrue(Files.isReadable(nothing), "Unix");
        cipher.encrypt(nothing, target, CONTEXT);
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEmpty();
        assertThatExceptionOfType(TruncatedEnvelopeException.class)
                .isThrownBy(() -> cipher.decrypt(nothing, target, CONTEXT));
    }

    /** In one segment or several, and at its last moment. */
    @Test
    void aSmallFileThatBecomesShorterGivesNothing() throws IOException {
        for (int size : new int[] {1000, SMALL}) {
            for (int left : new int[] {0, size / 2, size - 1}) {
                Files.write(source, Arrays.copyOf(plaintext, size));
                assertThatIOException()
                        .isThrownBy(() -> cipher.encrypt(cutBeforeItIsRead(left), target, CONTEXT))
                        .withMessageContaining("became shorter");
                assertThat(target).doesNotExist();
                Files.write(source, cipher.encrypt(Arrays.copyOf(plaintext, size), CONTEXT));
                assertThatExceptionOfType(TruncatedEnvelopeException.class)
                        .isThrownBy(() -> cipher.decrypt(cutBeforeItIsRead(left / 2), target, CONTEXT));
                assertThat(target).doesNotExist();
            }
        }
    }

    /** As a log that is emptied and goes on. */
    @Test
    void aSmallFileThatIsLongAgainByThenGivesNothing() throws IOException {
        Files.write(source, Arrays.copyOf(plaintext, 1000));
        AtomicInteger reads = new AtomicInteger();
        files.listener(what -> {
            if (what.equals("read") && reads.incrementAndGet() == 1) {
                Files.write(source, new byte[500]);
            } else if (what.equals("size") && reads.get() > 1) { // Its end was seen.
                Files.write(source, new byte[1000]);
            }
        });
        assertThatIOException()
                .isThrownBy(() -> cipher.encrypt(files.path(source), target, CONTEXT))
                .withMessageContaining("became shorter");
        assertThat(target).doesNotExist();
    }

    private Path cutBeforeItIsRead(int left) {
        files.listener(what -> {
            if (what.equals("read")) {
                try (FileChannel file = FileChannel.open(source, StandardOpenOption.WRITE)) {
                    file.truncate(left);
                }
            }
        });
        return files.path(source);
    }

    /** As those of sysfs, which claim a page and have a line. */
    @Test
    void aFileThatIsShorterThanItEverClaimedIsReadToItsEnd() throws IOException {
        Path line = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
        assumeTrue(Files.isReadable(line) && Files.size(line) > Files.readAllBytes(line).length, "Linux");
        cipher.encrypt(line, target, CONTEXT);
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo(Files.readAllBytes(line));
    }

    @Test
    void aStreamOfAnEnvelopeThatBecomesShorterFails() throws IOException {
        Files.write(source, envelope);
        try (InputStream file = Files.newInputStream(source);
                InputStream reader = cipher.reader(file, CONTEXT)) {
            assertThat(reader.readNBytes(100)).hasSize(100);
            try (FileChannel cut = FileChannel.open(source, StandardOpenOption.WRITE)) {
                cut.truncate(LARGE / 2);
            }
            assertThatIOException()
                    .isThrownBy(reader::readAllBytes)
                    .withCauseInstanceOf(TruncatedEnvelopeException.class);
        }
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    /** A view knows where the end is; what comes behind it later is not the envelope's. */
    @Test
    void aViewOfAFileThatGrowsIsAsItWasAndOfOneThatBecomesShorterFails() throws IOException {
        Files.write(source, envelope);
        try (EnvelopeView view = cipher.view(source, CONTEXT);
                FileChannel file = FileChannel.open(source, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[100_000]), envelope.length);
            ByteBuffer all = ByteBuffer.allocate(LARGE + 1);
            while (view.read(all) >= 0) {
                assertThat(view.position()).isEqualTo(all.position());
            }
            assertThat(Arrays.copyOf(all.array(), all.position())).isEqualTo(plaintext);

            file.truncate(LARGE / 2);
            assertThatIOException()
                    .isThrownBy(() -> view.position(LARGE / 2).read(ByteBuffer.allocate(200_000)))
                    .withCauseInstanceOf(TruncatedEnvelopeException.class);
            assertThat(view.isOpen()).isFalse();
        }
        assertThatExceptionOfType(TruncatedEnvelopeException.class)
                .isThrownBy(() -> cipher.view(source, CONTEXT).close());
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    @Test
    void aChannelThatLiesAboutItsLengthIsNoEnvelope() throws IOException {
        Files.write(source, envelope);
        for (int lie : new int[] {-envelope.length, -65_536, -1, 1, 65_536, 1 << 30}) {
            files.listener(what -> {});
            SeekableByteChannel lying = new SteppedChannel(FileChannel.open(source), files) {
                @Override
                public long size() throws IOException {
                    return super.size() + lie;
                }
            };
            try (lying) {
                assertThat(catchThrowable(() -> cipher.channel(lying, CONTEXT)))
                        .as("off by %d", lie)
                        .isInstanceOf(DataException.class);
            }
        }
        assertThat(keys.leases).allMatch(DekLease::isClosed);
    }

    /** What a stream says is at hand, true or not. */
    enum AtHand {
        NOTHING {
            @Override
            int available() {
                return 0;
            }
        },
        EVERYTHING {
            @Override
            int available() {
                return Integer.MAX_VALUE;
            }
        },
        LESS_THAN_NOTHING {
            @Override
            int available() {
                return -7;
            }
        },
        A_FAILURE {
            @Override
            int available() throws IOException {
                throw new IOException("cannot tell");
            }
        },
        A_MISTAKE {
            @Override
            int available() {
                throw new UnsupportedOperationException();
            }
        };

        abstract int available() throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSaidToBeAtHandChangesNothing(AtHand atHand) throws IOException {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        cipher.encrypt(saying(atHand, plaintext), sealed, CONTEXT);
        ByteArrayOutputStream opened = new ByteArrayOutputStream();
        cipher.decrypt(saying(atHand, sealed.toByteArray()), opened, CONTEXT);
        assertThat(opened.toByteArray()).isEqualTo(plaintext);
        try (InputStream reader = cipher.reader(saying(atHand, envelope), CONTEXT)) {
            assertThat(reader.readAllBytes()).isEqualTo(plaintext);
        }
        cipher.encrypt(saying(atHand, plaintext), target, CONTEXT);
        cipher.decrypt(saying(atHand, Files.readAllBytes(target)), source, CONTEXT);
        assertThat(Files.readAllBytes(source)).isEqualTo(plaintext);
        try (EnvelopeWriter writer = cipher.writer(target, CONTEXT)) {
            saying(atHand, plaintext).transferTo(writer.stream());
            writer.commit();
        }
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo(plaintext);
    }

    private static InputStream saying(AtHand atHand, byte[] bytes) {
        return new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int available() throws IOException {
                return atHand.available();
            }
        };
    }

    @Test
    void aChannelBehindItsEndIsEmpty() throws IOException {
        Files.write(source, plaintext);
        try (FileChannel in = FileChannel.open(source);
                FileChannel out = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            in.position(LARGE + 1000);
            cipher.encrypt(in, out, CONTEXT);
            in.position(LARGE + 1000);
            assertThatExceptionOfType(TruncatedEnvelopeException.class)
                    .isThrownBy(() -> cipher.decrypt(in, out, CONTEXT));
        }
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEmpty();
    }

    /** It would be read for ever: what is written stands before what is read next. */
    @Test
    void oneChannelForBothIsRefused() throws IOException {
        Files.write(source, plaintext);
        try (FileChannel both = FileChannel.open(source, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            assertThatIllegalArgumentException().isThrownBy(() -> cipher.encrypt(both, both, CONTEXT));
            assertThatIllegalArgumentException().isThrownBy(() -> cipher.decrypt(both, both, CONTEXT));
        }
        assertThat(Files.readAllBytes(source)).isEqualTo(plaintext);
    }

    /** Relative and absolute, through links of files and of folders, hard links, from either side. */
    @Test
    void oneFileIsOneFileByWhateverName() throws IOException {
        Files.write(source, plaintext);
        Path here = Path.of("").toAbsolutePath();
        Path folderLink = Files.createSymbolicLink(folder.resolve(work.getFileName() + "-link"), work);
        List<Path> names = List.of(
                source,
                here.relativize(source),
                work.resolve(".").resolve("source"),
                folderLink.resolve("source"),
                Files.createLink(work.resolve("hard"), source),
                Files.createSymbolicLink(work.resolve("link"), source),
                Files.createSymbolicLink(work.resolve("link-to-link"), Path.of("link")));
        for (Path from : names) {
            for (Path to : names) {
                assertThatIOException()
                        .isThrownBy(() -> cipher.encrypt(from, to, CONTEXT))
                        .withMessageContaining("same file");
                assertThatIOException()
                        .isThrownBy(() -> cipher.decrypt(from, to, CONTEXT))
                        .withMessageContaining("same file");
            }
        }
        assertThat(keys.leases).isEmpty();
        assertThat(Files.readAllBytes(source)).isEqualTo(plaintext);
    }

    private CompletableFuture<Void> feed(byte[] bytes) {
        return CompletableFuture.runAsync(() -> {
            try {
                Files.write(source, bytes, StandardOpenOption.WRITE);
            } catch (IOException e) { // Whoever reads has had enough.
                assertThat(e).hasMessageContaining("pipe");
            }
        });
    }

    /** Any verb. */
    private interface Failing {
        void run() throws IOException;
    }
}
