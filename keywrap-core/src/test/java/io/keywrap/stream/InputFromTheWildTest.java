package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TestTenant;
import io.keywrap.TruncatedEnvelopeException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and channels as they are found: changing, empty, sparse, or standing somewhere. */
@Timeout(60)
class InputFromTheWildTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "disk.img");
    private static final int LARGE = 3 << 20;

    @TempDir
    static Path folder;

    private static EnvelopeCipher cipher;

    private final SteppedFiles files = new SteppedFiles();
    private Path work;
    private Path source;
    private Path target;

    @BeforeAll
    static void setUp() {
        cipher = EnvelopeCipher.using(TestTenant.in(folder).keychain("tenant-42"))
                .withParallelism(3);
    }

    @BeforeEach
    void freshFolder() throws IOException {
        work = Files.createTempDirectory(folder, "work");
        source = work.resolve("source");
        target = work.resolve("target");
    }

    /** Does something once while the source is being read: before its second piece. */
    private Path readAnd(Change change) {
        AtomicInteger reads = new AtomicInteger();
        files.listener(what -> {
            synchronized (reads) {
                if (what.equals("read") && reads.incrementAndGet() == 2) {
                    try (FileChannel file = FileChannel.open(source, StandardOpenOption.WRITE)) {
                        change.change(file);
                    }
                }
            }
        });
        return files.path(source);
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, LARGE})
    void aFileThatGrowsGivesAnEnvelopeOfABeginning(int size) throws IOException {
        byte[] plaintext = random(size);
        Files.write(source, plaintext);
        cipher.encrypt(readAnd(file -> file.write(ByteBuffer.wrap(random(100_000)), size)), target, CONTEXT);
        byte[] read = cipher.decrypt(Files.readAllBytes(target), CONTEXT);
        assertThat(Arrays.copyOf(read, size)).isEqualTo(plaintext);
        assertThat(read.length).isIn(size, size + 100_000);
        assertThat(size == LARGE && read.length != size).isFalse();
    }

    @Test
    void aFileThatBecomesShorterGivesNothing() throws IOException {
        Files.write(source, random(LARGE));
        assertThatIOException()
                .isThrownBy(() -> cipher.encrypt(readAnd(file -> file.truncate(LARGE / 2)), target, CONTEXT))
                .withMessageContaining("became shorter");
        assertThat(target).doesNotExist();
    }

    @Test
    void anEnvelopeThatGrowsOrBecomesShorterGivesNothing() throws IOException {
        byte[] envelope = cipher.encrypt(random(LARGE), CONTEXT);
        Files.write(source, envelope);
        Path growing = readAnd(file -> file.write(ByteBuffer.wrap(new byte[1]), envelope.length));
        assertThatExceptionOfType(MalformedEnvelopeException.class)
                .isThrownBy(() -> cipher.decrypt(growing, target, CONTEXT));
        Files.write(source, envelope);
        Path shrinking = readAnd(file -> file.truncate(LARGE / 2));
        assertThatExceptionOfType(TruncatedEnvelopeException.class)
                .isThrownBy(() -> cipher.decrypt(shrinking, target, CONTEXT));
        assertThat(target).doesNotExist();
    }

    /** The workers read one file, whatever its name leads to meanwhile. */
    @Test
    void aFileThatIsReplacedMeanwhileIsReadAsItWas() throws IOException {
        byte[] plaintext = random(LARGE);
        Files.write(source, plaintext);
        Path other = Files.write(work.resolve("other"), new byte[LARGE]);
        Path replaced = readAnd(file -> Files.move(other, source, java.nio.file.StandardCopyOption.REPLACE_EXISTING));
        cipher.encrypt(replaced, target, CONTEXT);
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo(plaintext);
    }

    @Test
    void filesWithoutALengthAreReadToTheirEnd() throws IOException {
        Path status = Path.of("/proc/self/cmdline");
        assumeTrue(Files.isRegularFile(status), "Linux");
        cipher.encrypt(status, target, CONTEXT);
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo(Files.readAllBytes(status));
    }

    /** As some that are inside of archives, or elsewhere. */
    @Test
    void filesOfAFileSystemThatHasNoFileChannelsAreReadAndClosed() throws IOException {
        files.streamsOnly = true;
        byte[] plaintext = random(LARGE);
        cipher.encrypt(files.path(Files.write(source, plaintext)), target, CONTEXT);
        Path back = work.resolve("back");
        cipher.decrypt(files.path(target), back, CONTEXT);
        assertThat(back).hasBinaryContent(plaintext);
        assertThat(files.buffers).as("read through this").isNotEmpty();
        assertThat(files.handles).as("left open").isEmpty();
    }

    /** It was read to its end, and what comes later is for the next backup. */
    @Test
    void aSmallFileThatGrowsOnceItsEndWasSeenIsComplete() throws IOException {
        byte[] plaintext = random(1000);
        Files.write(source, plaintext);
        AtomicInteger reads = new AtomicInteger();
        files.listener(what -> {
            if (what.equals("read")) {
                reads.incrementAndGet();
            } else if (what.equals("write") && reads.get() == 2) {
                Files.write(source, new byte[100], StandardOpenOption.APPEND);
            }
        });
        cipher.encrypt(files.path(source), files.path(target), CONTEXT);
        assertThat(source).hasSize(1100);
        assertThat(cipher.decrypt(Files.readAllBytes(target), CONTEXT)).isEqualTo(plaintext);
    }

    @Test
    void emptyAndSparseFilesComeBackAsTheyWere() throws IOException {
        Files.createFile(source);
        cipher.encrypt(source, target, CONTEXT);
        Path back = work.resolve("back");
        cipher.decrypt(target, back, CONTEXT);
        assertThat(back).isEmptyFile();

        try (RandomAccessFile sparse = new RandomAccessFile(source.toFile(), "rw")) {
            sparse.seek(LARGE);
            sparse.write(1);
            sparse.setLength(2 * LARGE);
        }
        cipher.encrypt(source, target, CONTEXT);
        cipher.decrypt(target, back, CONTEXT);
        assertThat(Files.mismatch(source, back)).isEqualTo(-1);
    }

    @Test
    void channelsAreReadAndWrittenFromWhereTheyStand() throws IOException {
        byte[] plaintext = random(LARGE);
        Files.write(source, plaintext);
        Files.write(target, new byte[100]);
        Path back = work.resolve("back");
        try (FileChannel in = FileChannel.open(source);
                FileChannel envelope = FileChannel.open(target, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileChannel out = FileChannel.open(back, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            in.position(12_345);
            envelope.position(77);
            cipher.encrypt(in, envelope, CONTEXT);
            assertThat(in.position()).isEqualTo(LARGE);
            assertThat(envelope.position()).isEqualTo(envelope.size());
            envelope.position(77);
            cipher.decrypt(envelope, out, CONTEXT);
        }
        assertThat(Files.readAllBytes(back)).isEqualTo(Arrays.copyOfRange(plaintext, 12_345, LARGE));
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    /** What somebody else does to a file. */
    private interface Change {
        void change(FileChannel file) throws IOException;
    }
}
