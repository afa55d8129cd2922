package io.keywrap.bench.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * Sources and sinks in memory, the same for all. Sources say what is at hand, as those of the JDK do: without that no other
 * thread helps, and rows of several threads would be those of one.
 */
final class Ends {
    /** No multiple of any segment, so that a segment in the wrong place is seen. */
    static final int PERIOD_BYTES = (16 << 20) + 43;

    static final int SHORT_PERIOD_BYTES = (1 << 20) - 43;

    private Ends() {}

    /** The bytes that plaintexts repeat; the same in all processes. */
    static byte[] period(int bytes) {
        byte[] period = new byte[bytes];
        new Random(42).nextBytes(period);
        return period;
    }

    /** Writes a plaintext to a file. */
    static void write(byte[] period, long length, Path file) throws IOException {
        try (OutputStream sink = Files.newOutputStream(file)) {
            Pump.all(new Repeated(period, length), sink, 1 << 20);
        }
    }

    /** An array over and over, up to a length. */
    static final class Repeated extends InputStream {
        private final byte[] period;
        private final long length;
        private long position;

        Repeated(byte[] period, long length) {
            this.period = period;
            this.length = length;
        }

        @Override
        public int read() {
            return position == length ? -1 : period[(int) (position++ % period.length)] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int most) {
            if (position == length) {
                return most == 0 ? 0 : -1;
            }
            int n = (int) Math.min(most, length - position);
            int from = (int) (position % period.length);
            int first = Math.min(n, period.length - from);
            System.arraycopy(period, from, target, offset, first);
            for (int done = first; done < n; done += period.length) {
                System.arraycopy(period, 0, target, offset + done, Math.min(period.length, n - done));
            }
            position += n;
            return n;
        }

        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, length - position);
        }
    }

    /** An array, without the lock of {@code ByteArrayInputStream}. */
    static final class Array extends InputStream {
        private final byte[] bytes;
        private int position;

        Array(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            return position == bytes.length ? -1 : bytes[position++] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int most) {
            int n = Math.min(most, bytes.length - position);
            if (n == 0) {
                return most == 0 ? 0 : -1;
            }
            System.arraycopy(bytes, position, target, offset, n);
            position += n;
            return n;
        }

        @Override
        public int available() {
            return bytes.length - position;
        }
    }

    /** Counts, and touches nothing. */
    static final class Count extends OutputStream {
        private long count;

        @Override
        public void write(int b) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            count += length;
        }

        long count() {
            return count;
        }
    }

    /** Keeps what it gets in an array of the right length. */
    static final class Keep extends OutputStream {
        private final byte[] bytes;
        private int count;

        Keep(int length) {
            bytes = new byte[length];
        }

        @Override
        public void write(int b) {
            bytes[count++] = (byte) b;
        }

        @Override
        public void write(byte[] more, int offset, int length) {
            System.arraycopy(more, offset, bytes, count, length);
            count += length;
        }

        byte[] whole() {
            if (count != bytes.length) {
                throw new IllegalStateException(count + " bytes instead of " + bytes.length);
            }
            return bytes;
        }
    }

    /** Compares what it gets with what was encrypted. */
    static final class Compare extends OutputStream {
        private final Repeated expected;
        private final byte[] one = new byte[1];
        private byte[] wanted = new byte[0];

        Compare(byte[] period, long length) {
            expected = new Repeated(period, length);
        }

        @Override
        public void write(int b) throws IOException {
            one[0] = (byte) b;
            write(one, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (wanted.length < length) {
                wanted = new byte[length];
            }
            int n = expected.readNBytes(wanted, 0, length);
            if (n != length || !Arrays.equals(bytes, offset, offset + n, wanted, 0, n)) {
                throw new IllegalStateException("not what was encrypted");
            }
        }

        /** That nothing is missing. */
        void atEnd() {
            if (expected.read() >= 0) {
                throw new IllegalStateException("not all that was encrypted");
            }
        }
    }
}
