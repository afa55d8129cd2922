package io.keywrap.stream;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Random;

/** Sources and sinks that take and give as little as they may, and some that break. */
final class OddStreams {
    private OddStreams() {}

    /** Gives 1 to {@code most} bytes at a time, sometimes none although some were asked for, and lies about what is there. */
    static InputStream shortReads(byte[] bytes, int most, Random random) {
        return new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (length > 0 && random.nextInt(8) == 0) {
                    return 0;
                }
                return super.read(target, offset, Math.min(length, 1 + random.nextInt(most)));
            }

            @Override
            public int available() {
                return random.nextInt(3) * (Integer.MAX_VALUE / 2);
            }
        };
    }

    /** Reads 0 to {@code most} bytes at a time. */
    static ReadableByteChannel shortReadsChannel(byte[] bytes, int most, Random random) {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        return new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer target) {
                if (!source.hasRemaining()) {
                    return -1;
                }
                int n = Math.min(random.nextInt(most + 1), Math.min(source.remaining(), target.remaining()));
                target.put(source.slice().limit(n));
                source.position(source.position() + n);
                return n;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {
                throw new AssertionError("the caller's channel is not ours to close");
            }
        };
    }

    /** Writes 0 to {@code most} bytes at a time. */
    static WritableByteChannel shortWritesChannel(OutputStream sink, int most, Random random) {
        return new WritableByteChannel() {
            @Override
            public int write(ByteBuffer source) throws IOException {
                int n = Math.min(random.nextInt(most + 1), source.remaining());
                for (int i = 0; i < n; i++) {
                    sink.write(source.get());
                }
                return n;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {
                throw new AssertionError("the caller's channel is not ours to close");
            }
        };
    }

    /** Says that much is at hand, gives some bytes, and then breaks. */
    static InputStream breakingAfter(byte[] bytes) {
        return new InputStream() {
            private final InputStream good = new ByteArrayInputStream(bytes);

            @Override
            public int read() throws IOException {
                int single = good.read();
                if (single < 0) {
                    throw new Broken();
                }
                return single;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int n = good.read(target, offset, length);
                if (n < 0) {
                    throw new Broken();
                }
                return n;
            }

            @Override
            public int available() {
                return 1 << 20;
            }
        };
    }

    /** Takes some bytes and then breaks. */
    static OutputStream fullAfter(int bytes, OutputStream sink) {
        return new OutputStream() {
            private int left = bytes;

            @Override
            public void write(int single) throws IOException {
                if (left-- <= 0) {
                    throw new Broken();
                }
                sink.write(single);
            }
        };
    }

    /** What broke. */
    static final class Broken extends IOException {
        Broken() {
            super("broken on purpose");
        }
    }
}
