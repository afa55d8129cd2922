package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.TestTenant;
import io.keywrap.TruncatedEnvelopeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading at random gives what reading from the beginning gives, at any place. */
class EnvelopeChannelTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a.csv");
    private static final int FULL = 65_536 - 32;

    @TempDir
    static Path folder;

    private static EnvelopeCipher cipher;

    @BeforeAll
    static void setUp() {
        cipher = EnvelopeCipher.using(TestTenant.in(folder).keychain("tenant-42"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, FULL - 1, FULL, FULL + 1, 4 * FULL, 4 * FULL + 7})
    void readsAnyPartOfAnySize(int size) throws IOException {
        byte[] plaintext = random(size);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (SeekableByteChannel channel = cipher.channel(open(plaintext), CONTEXT)) {
            assertThat(channel.size()).isEqualTo(size);
            assertThat(channel.position()).isZero();
            for (int i = 0; i < 200; i++) {
                int from = random.nextInt(size + 10);
                ByteBuffer part = ByteBuffer.allocate(1 + random.nextInt(2 * FULL));
                int expected = Math.max(0, Math.min(part.capacity(), size - from));

                int read = channel.position(from).read(part);

                assertThat(read).as("seed %d", seed).isEqualTo(expected == 0 ? -1 : expected);
                assertThat(channel.position()).isEqualTo(from + expected);
                assertThat(Arrays.copyOf(part.array(), expected))
                        .isEqualTo(
                                Arrays.copyOfRange(plaintext, Math.min(from, size), Math.min(from, size) + expected));
            }
            assertThat(channel.position(Long.MAX_VALUE).read(ByteBuffer.allocate(1)))
                    .isEqualTo(-1);
            assertThat(channel.position(0).read(ByteBuffer.allocate(0))).isZero();
        }
    }

    @Test
    @FormatRule("P11")
    void readsOnlyTheSegmentsThatAreAskedForAndTheLast() throws IOException {
        byte[] plaintext = random(20 * FULL);
        Counting source = new Counting(open(plaintext));
        try (SeekableByteChannel channel = cipher.channel(source, CONTEXT)) {
            assertThat(source.bytes).isLessThan(2 * 65_536);
            source.bytes = 0;
            channel.position(7L * FULL + 10).read(ByteBuffer.allocate(100));
            channel.read(ByteBuffer.allocate(100));
            assertThat(source.bytes).isEqualTo(65_536);
        }
        assertThat(source.isOpen()).isFalse();
    }

    @Test
    void startsFromTheBeginningWhereverTheSourceStands() throws IOException {
        FileChannel source = open(random(100));
        source.position(33);
        try (SeekableByteChannel channel = cipher.channel(source, CONTEXT)) {
            ByteBuffer all = ByteBuffer.allocate(100);
            channel.read(all);
            assertThat(all.array()).isEqualTo(random(100));
        }
    }

    @Test
    void cannotBeWritten() throws IOException {
        try (SeekableByteChannel channel = cipher.channel(open(random(10)), CONTEXT)) {
            assertThatExceptionOfType(NonWritableChannelException.class)
                    .isThrownBy(() -> channel.write(ByteBuffer.allocate(1)));
            assertThatExceptionOfType(NonWritableChannelException.class).isThrownBy(() -> channel.truncate(1));
            assertThatIllegalArgumentException().isThrownBy(() -> channel.position(-1));
        }
    }

    @Test
    void givesNothingAfterClosing() throws IOException {
        SeekableByteChannel channel = cipher.channel(open(random(10)), CONTEXT);
        channel.close();
        channel.close();
        assertThat(channel.isOpen()).isFalse();
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> channel.read(ByteBuffer.allocate(1)));
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(channel::position);
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> channel.position(1));
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(channel::size);
    }

    @Test
    void failsWhenItsSourceBecomesShorter() throws IOException {
        Path file = Files.write(folder.resolve("shrinking.kwrp"), cipher.encrypt(random(3 * FULL), CONTEXT));
        FileChannel source = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try (SeekableByteChannel channel = cipher.channel(source, CONTEXT)) {
            source.truncate(1000);
            assertThatIOException()
                    .isThrownBy(() -> channel.read(ByteBuffer.allocate(10)))
                    .withCauseInstanceOf(TruncatedEnvelopeException.class);
            assertThat(channel.isOpen()).isFalse();
        }
    }

    private static FileChannel open(byte[] plaintext) throws IOException {
        Path file = Files.createTempFile(folder, "channel", ".kwrp");
        return FileChannel.open(Files.write(file, cipher.encrypt(plaintext, CONTEXT)));
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static final class Counting implements SeekableByteChannel {
        private final SeekableByteChannel source;
        private long bytes;

        Counting(SeekableByteChannel source) {
            this.source = source;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            int n = source.read(target);
            bytes += Math.max(0, n);
            return n;
        }

        @Override
        public int write(ByteBuffer bytes) {
            throw new NonWritableChannelException();
        }

        @Override
        public long position() throws IOException {
            return source.position();
        }

        @Override
        public SeekableByteChannel position(long next) throws IOException {
            source.position(next);
            return this;
        }

        @Override
        public long size() throws IOException {
            return source.size();
        }

        @Override
        public SeekableByteChannel truncate(long length) {
            throw new NonWritableChannelException();
        }

        @Override
        public boolean isOpen() {
            return source.isOpen();
        }

        @Override
        public void close() throws IOException {
            source.close();
        }
    }
}
