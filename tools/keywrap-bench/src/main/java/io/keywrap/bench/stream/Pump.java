package io.keywrap.bench.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Moves bytes as users of streams and channels do, and makes channels of streams without another copy. */
final class Pump {
    private Pump() {}

    static void all(InputStream source, OutputStream sink, int bufferBytes) throws IOException {
        byte[] buffer = new byte[bufferBytes];
        for (int n = source.read(buffer); n >= 0; n = source.read(buffer)) {
            sink.write(buffer, 0, n);
        }
    }

    static void all(ReadableByteChannel source, WritableByteChannel sink, ByteBuffer buffer) throws IOException {
        buffer.clear();
        while (source.read(buffer) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                sink.write(buffer);
            }
            buffer.clear();
        }
    }

    /** Unlike {@code Channels.newChannel}, which copies everything once more. */
    record Source(InputStream stream) implements ReadableByteChannel {
        @Override
        public int read(ByteBuffer target) throws IOException {
            int n = stream.read(target.array(), target.arrayOffset() + target.position(), target.remaining());
            if (n > 0) {
                target.position(target.position() + n);
            }
            return n;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    /** Unlike {@code Channels.newChannel}, which copies everything once more. */
    record Sink(OutputStream stream) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) throws IOException {
            int n = source.remaining();
            stream.write(source.array(), source.arrayOffset() + source.position(), n);
            source.position(source.limit());
            return n;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
