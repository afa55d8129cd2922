package io.keywrap.stream;

import io.keywrap.file.AtomicFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Blocking channels as streams, whatever sizes they read and write at a time. Closing leaves the channel open. */
final class ChannelStreams {
    private ChannelStreams() {}

    /**
     * A channel to read, which must not be the one to write: a file would be written over before it is read, and might be read
     * for ever. A connection may well be both.
     */
    static InputStream from(ReadableByteChannel channel, WritableByteChannel sink) {
        if (channel.equals(sink) && channel instanceof SeekableByteChannel) {
            throw new IllegalArgumentException("source and sink are the same channel, with one position for both");
        }
        return from(channel);
    }

    /** What is to become a file; failures say which, and how much room it needs. */
    static OutputStream to(AtomicFile file) {
        return new ToChannel(file.channel(), file::failed);
    }

    static InputStream from(ReadableByteChannel channel) {
        requireBlocking(channel);
        return new FromChannel(channel);
    }

    static OutputStream to(WritableByteChannel channel) {
        requireBlocking(channel);
        return new ToChannel(channel, failure -> failure);
    }

    /** What ends a call of a stream when it is closed. */
    static Closeable behind(Closeable stream) {
        if (stream instanceof FromChannel from) {
            return from.channel;
        }
        return stream instanceof ToChannel to ? to.channel : stream;
    }

    private static final class FromChannel extends InputStream {
        private final ReadableByteChannel channel;

        FromChannel(ReadableByteChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read() throws IOException {
            byte[] single = new byte[1];
            return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            int n = 0;
            while (n == 0 && length > 0) {
                n = channel.read(buffer);
            }
            return n;
        }

        @Override
        public int available() throws IOException {
            return channel instanceof SeekableByteChannel seekable
                    ? (int) Math.min(Integer.MAX_VALUE, Math.max(0, seekable.size() - seekable.position()))
                    : 0;
        }
    }

    private static final class ToChannel extends OutputStream {
        private final WritableByteChannel channel;
        private final UnaryOperator<IOException> failed;

        ToChannel(WritableByteChannel channel, UnaryOperator<IOException> failed) {
            this.channel = channel;
            this.failed = failed;
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            try {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            } catch (IOException e) {
                throw failed.apply(e);
            }
        }
    }

    private static void requireBlocking(Object channel) {
        if (channel instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
    }
}
