package io.keywrap.stream;

import io.keywrap.KeywrapException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** Random access to the plaintext of an envelope; keeps the one segment that was read last. */
final class EnvelopeChannel implements SeekableByteChannel {
    private final OpenedEnvelope envelope;
    private final SeekableByteChannel source;
    private final SegmentOpener segments;
    private final FloeParameters parameters;
    private final long payloadAt;
    private final long payloadLength;
    private final long size;
    private final byte[] sealed;
    private final byte[] plaintext;
    private long inPlaintext = -1;
    private int plaintextLength;
    private long position;
    private boolean open = true;

    private EnvelopeChannel(OpenedEnvelope envelope, SeekableByteChannel source) throws IOException {
        this.envelope = envelope;
        this.source = source;
        this.parameters = envelope.parameters();
        this.payloadAt = source.position();
        this.payloadLength = source.size() - payloadAt;
        this.size = parameters.plaintextLength(payloadLength);
        this.sealed = new byte[parameters.segmentBytes()];
        this.plaintext = new byte[parameters.plaintextBytes()];
        this.segments = new SegmentOpener(envelope);
    }

    /** Takes the envelope over, and authenticates the end of it. */
    static EnvelopeChannel open(OpenedEnvelope envelope, SeekableByteChannel source) throws IOException {
        try {
            return new EnvelopeChannel(envelope, source).authenticateEnd();
        } catch (IOException | RuntimeException | Error e) {
            envelope.close();
            throw e;
        }
    }

    private EnvelopeChannel authenticateEnd() throws IOException {
        boolean done = false;
        try {
            load(lastSegment());
            done = true;
            return this;
        } finally {
            if (!done) {
                wipe();
            }
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        requireOpen();
        int total = 0;
        while (target.hasRemaining() && position < size) {
            long segment = position / plaintext.length;
            try {
                load(segment);
            } catch (KeywrapException e) {
                throw closedBecauseOf(e);
            }
            int from = (int) (position - segment * plaintext.length);
            int n = Math.min(target.remaining(), plaintextLength - from);
            target.put(plaintext, from, n);
            position += n;
            total += n;
        }
        return total == 0 && target.hasRemaining() ? -1 : total;
    }

    @Override
    public long position() throws IOException {
        requireOpen();
        return position;
    }

    @Override
    public SeekableByteChannel position(long next) throws IOException {
        requireOpen();
        if (next < 0) {
            throw new IllegalArgumentException("a position is not negative: " + next);
        }
        position = next;
        return this;
    }

    @Override
    public long size() throws IOException {
        requireOpen();
        return size;
    }

    @Override
    public int write(ByteBuffer bytes) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long length) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() throws IOException {
        if (open) {
            open = false;
            wipe();
            source.close();
        }
    }

    private IOException closedBecauseOf(KeywrapException failure) {
        IOException wrapped = new IOException(failure.getMessage(), failure);
        try {
            close();
        } catch (IOException e) {
            wrapped.addSuppressed(e);
        }
        return wrapped;
    }

    private void wipe() {
        Fully.wipe(plaintext);
        segments.close();
        envelope.close();
    }

    private long lastSegment() {
        return (payloadLength - 1) / parameters.segmentBytes();
    }

    /** Decrypts a segment unless it is the one that is there. */
    private void load(long segment) throws IOException {
        if (segment == inPlaintext) {
            envelope.ensureUsable();
            return;
        }
        inPlaintext = -1;
        long at = segment * parameters.segmentBytes();
        int length = (int) Math.min(parameters.segmentBytes(), payloadLength - at);
        ByteBuffer buffer = ByteBuffer.wrap(sealed, 0, length);
        source.position(payloadAt + at);
        while (buffer.hasRemaining()) {
            if (source.read(buffer) < 0) {
                throw new TruncatedEnvelopeException("the envelope became shorter while it was read");
            }
        }
        plaintextLength = segments.open(segment, new Slice(sealed, 0, length), plaintext, 0);
        if (segments.wasLast() != (segment == lastSegment())) {
            throw segments.wasLast() ? SegmentOpener.followed() : SegmentOpener.cut(segment);
        }
        inPlaintext = segment;
    }

    private void requireOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }
}
