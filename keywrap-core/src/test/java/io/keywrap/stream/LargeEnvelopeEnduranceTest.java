package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.keychain.Keychain;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Far more data than memory: 10 GiB through {@code encrypt} and {@code decrypt} in a JVM with 64 MiB of heap, and 5 GiB from
 * file to file.
 *
 * <p>{@code ./mvnw verify -P endurance -pl keywrap-core -am -Dtest=LargeEnvelopeEnduranceTest}; figures are in
 * docs/evidence.
 */
@Tag("endurance")
class LargeEnvelopeEnduranceTest {
    private static final long LENGTH = Long.getLong("keywrap.endurance.bytes", 10L << 30);
    private static final String HEAP = "-Xmx64m";

    @TempDir
    Path folder;

    @Test
    void tenGibibytesPassThroughSixtyFourMebibytesOfHeap() throws Exception {
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        folder.toString(),
                        Long.toString(LENGTH)))
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        System.out.println(output);
        assertThat(child.waitFor()).as(output).isZero();
        assertThat(output).contains("the same " + LENGTH + " bytes");
    }

    /** What the child does. */
    static final class Main {
        private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "large");

        private Main() {}

        public static void main(String[] arguments) throws IOException {
            Path folder = Path.of(arguments[0]);
            long length = Long.parseLong(arguments[1]);
            Path envelope = folder.resolve("large.kwrp");
            Keychain keychain = TestTenant.in(folder).keychain("large");
            EnvelopeCipher cipher = EnvelopeCipher.using(keychain);

            long start = System.nanoTime();
            try (OutputStream sink = Files.newOutputStream(envelope)) {
                cipher.encrypt(new Generated(length), sink, CONTEXT);
            }
            report("encrypt", length, start);
            start = System.nanoTime();
            try (InputStream source = Files.newInputStream(envelope);
                    Compared sink = new Compared(new Generated(length))) {
                cipher.decrypt(source, sink, CONTEXT);
            }
            report("decrypt", length, start);
            long ofEnvelope = Files.size(envelope);
            throughFiles(cipher, folder, length / 2);
            Runtime runtime = Runtime.getRuntime();
            System.out.printf(
                    "the same %d bytes; an envelope of %d; heap at most %d MiB; JDK %s%n",
                    length, ofEnvelope, runtime.maxMemory() >> 20, System.getProperty("java.version"));
        }

        /** A file that is nearly all holes, with bytes at places that 32 bits cannot name. */
        private static void throughFiles(EnvelopeCipher cipher, Path folder, long length) throws IOException {
            Path source = folder.resolve("sparse");
            Path envelope = folder.resolve("large.kwrp");
            Path restored = folder.resolve("restored");
            try (RandomAccessFile file = new RandomAccessFile(source.toFile(), "rw")) {
                for (long at : new long[] {0, length / 3, length / 2, length - 8}) {
                    file.seek(at);
                    file.writeLong(at + 1);
                }
            }
            long start = System.nanoTime();
            cipher.encrypt(source, envelope, CONTEXT);
            report("encrypt, file to file", length, start);
            start = System.nanoTime();
            cipher.decrypt(envelope, restored, CONTEXT);
            report("decrypt, file to file", length, start);
            if (Files.mismatch(source, restored) != -1) {
                throw new IOException("not the same file");
            }
            try (EnvelopeView view = cipher.view(envelope, CONTEXT)) {
                ByteBuffer last = ByteBuffer.allocate(8);
                view.position(length - 8).read(last);
                if (last.getLong(0) != length - 7) {
                    throw new IOException("not the same bytes at the end");
                }
            }
        }

        private static void report(String verb, long length, long start) {
            double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
            System.out.printf("%s: %.1f s, %.0f MB/s%n", verb, seconds, length / seconds / 1e6);
        }
    }

    /** The same pseudorandom bytes each time. */
    private static final class Generated extends InputStream {
        private final SplittableRandom random = new SplittableRandom(42);
        private final ByteBuffer block = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        private long left;

        Generated(long length) {
            left = length;
            block.position(block.capacity());
        }

        @Override
        public int read() {
            byte[] single = new byte[1];
            return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (left == 0) {
                return -1;
            }
            if (!block.hasRemaining()) {
                block.clear();
                while (block.hasRemaining()) {
                    block.putLong(random.nextLong());
                }
                block.flip();
            }
            int n = (int) Math.min(Math.min(length, block.remaining()), left);
            block.get(target, offset, n);
            left -= n;
            return n;
        }
    }

    /** Demands what another stream gives. */
    private static final class Compared extends OutputStream {
        private final InputStream expected;

        Compared(InputStream expected) {
            this.expected = expected;
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (!ByteBuffer.wrap(expected.readNBytes(length)).equals(ByteBuffer.wrap(bytes, offset, length))) {
                throw new IOException("not the same bytes");
            }
        }

        @Override
        public void close() throws IOException {
            if (expected.read() >= 0) {
                throw new IOException("too few bytes");
            }
        }
    }
}
