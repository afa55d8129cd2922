package io.keywrap.stream;

import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.stream.EnvelopeView.RangeReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An envelope that is read in parts. Each view has a source of its own, for one thread at a time. */
interface RangeSource extends Closeable {
    /** Length of the envelope. */
    long length() throws IOException;

    /**
     * Reads a part.
     *
     * @param offset where it begins
     * @param length how long it is, within the length of the envelope
     * @return all of it, valid until the next call
     */
    Slice read(long offset, int length) throws IOException;

    /** The same for another view. */
    RangeSource again() throws IOException;

    /** What a caller gives. */
    static RangeSource of(RangeReader reader, long length) {
        return new Ranges(reader, length);
    }

    /** A channel of the caller's, which this takes over. */
    static RangeSource of(SeekableByteChannel channel) {
        return new Channel(channel, null);
    }

    /** A file. */
    static RangeSource of(Path file) throws IOException {
        FileVerbs.requireRegular(file);
        return new Channel(Files.newByteChannel(file), file);
    }

    /** Its beginning as a stream, which reads ahead a little. */
    static Head head(RangeSource source) throws IOException {
        return new Head(source, source.length());
    }

    /** Parts that a caller reads. */
    record Ranges(RangeReader reader, long length) implements RangeSource {
        public Ranges {
            if (length < 0) {
                throw new IllegalArgumentException("an envelope's length is not negative: " + length);
            }
        }

        @Override
        public Slice read(long offset, int bytes) throws IOException {
            byte[] part = reader.read(offset, bytes);
            if (part == null || part.length != bytes) {
                throw new IOException("the range reader gave " + (part == null ? "no" : part.length) + " bytes for the "
                        + bytes + " from " + offset + " on");
            }
            return Slice.of(part);
        }

        @Override
        public RangeSource again() {
            return this;
        }

        @Override
        public void close() {}
    }

    /** A channel, whose file is known if this has opened it. */
    final class Channel implements RangeSource {
        private final SeekableByteChannel channel;
        private final @Nullable Path file;
        private byte[] buffer = new byte[0];

        private Channel(SeekableByteChannel channel, @Nullable Path file) {
            this.channel = channel;
            this.file = file;
        }

        @Override
        public long length() throws IOException {
            return channel.size();
        }

        @Override
        public Slice read(long offset, int length) throws IOException {
            if (buffer.length < length) {
                buffer = new byte[length];
            }
            ByteBuffer part = ByteBuffer.wrap(buffer, 0, length);
            channel.position(offset);
            while (part.hasRemaining()) {
                if (channel.read(part) < 0) {
                    throw new TruncatedEnvelopeException("the envelope became shorter while it was read");
                }
            }
            return new Slice(buffer, 0, length);
        }

        /** Another handle: an interrupt of one thread closes its handle, and must not close the others'. */
        @Override
        public RangeSource again() throws IOException {
            if (file == null) {
                throw new UnsupportedOperationException("a channel has one position, and so one view");
            }
            return of(file);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** The beginning of an envelope. */
    final class Head extends InputStream {
        private static final int BLOCK_BYTES = 8 * 1024;

        private final RangeSource source;
        private final long length;
        private Slice block = Slice.of(new byte[0]);
        private long blockAt;
        private int inBlock;

        private Head(RangeSource source, long length) {
            this.source = source;
            this.length = length;
        }

        /** How much was taken. */
        long position() {
            return blockAt + inBlock;
        }

        @Override
        public int read() throws IOException {
            byte[] single = new byte[1];
            return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int wanted) throws IOException {
            if (wanted == 0) {
                return 0;
            }
            if (inBlock == block.length()) {
                long at = position();
                if (at >= length) {
                    return -1;
                }
                block = source.read(at, (int) Math.min(BLOCK_BYTES, length - at));
                blockAt = at;
                inBlock = 0;
            }
            int n = Math.min(wanted, block.length() - inBlock);
            System.arraycopy(block.array(), block.offset() + inBlock, bytes, offset, n);
            inBlock += n;
            return n;
        }
    }
}
