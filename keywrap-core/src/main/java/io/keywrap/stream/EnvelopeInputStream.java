package io.keywrap.stream;

import io.keywrap.KeywrapException;
import io.keywrap.crypto.Jca.Slice;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The plaintext of an envelope as a stream: authenticated segment by segment, and failing for good once it fails. */
final class EnvelopeInputStream extends InputStream {
    private final OpenedEnvelope envelope;
    private final Unblocking unblocking;
    private final SegmentReader reader;
    /** Held by whoever reads, so that nobody wipes what is read. */
    private final ReentrantLock lock = new ReentrantLock();

    private Slice part = Slice.of(new byte[0]);
    private boolean ended;
    private @Nullable Exception failure;
    private volatile boolean withdrawn;
    private volatile boolean closed;
    private volatile boolean givenBack;

    private EnvelopeInputStream(OpenedEnvelope envelope, InputStream payload) {
        this.envelope = envelope;
        this.unblocking = new Unblocking(envelope);
        this.reader = new SegmentReader(envelope, unblocking.reading(payload));
    }

    static EnvelopeInputStream of(OpenedEnvelope envelope, InputStream payload) {
        EnvelopeInputStream stream = new EnvelopeInputStream(envelope, payload);
        envelope.onEnd(stream::end);
        return stream;
    }

    @Override
    public int read() throws IOException {
        byte[] single = new byte[1];
        return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        lock.lock();
        try {
            return readWhileOpen(bytes, offset, length);
        } finally {
            lock.unlock();
            if (closed || withdrawn) {
                failUnlessBusy();
            }
        }
    }

    private int readWhileOpen(byte[] bytes, int offset, int length) throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
        if (length == 0) {
            return 0;
        }
        while (part.length() == 0) {
            if (ended) {
                return -1;
            }
            advance();
        }
        int n = Math.min(length, part.length());
        System.arraycopy(part.array(), part.offset(), bytes, offset, n);
        part = new Slice(part.array(), part.offset() + n, part.length() - n);
        return n;
    }

    @Override
    public int available() {
        return failure == null ? part.length() : 0;
    }

    /** Does not wait for a read under way, which then wipes everything when it ends. */
    @Override
    public void close() {
        closed = true;
        failUnlessBusy();
    }

    private void end() {
        unblocking.end();
        withdrawn = true;
        failUnlessBusy();
    }

    private void failUnlessBusy() {
        do {
            if (!lock.tryLock()) {
                return; // Whoever has it looks again when that is over.
            }
            failAndUnlock();
        } while (closed && !givenBack);
    }

    private void failAndUnlock() {
        try {
            if (failure == null) {
                @Nullable KeywrapException why = unblocking.why();
                fail(why == null ? new IOException("the stream is closed") : why);
            }
            if (closed) {
                givenBack = true;
                envelope.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private void advance() throws IOException {
        try {
            Slice next = reader.next();
            ended = next == null;
            part = next == null ? Slice.of(new byte[0]) : next;
        } catch (KeywrapException e) {
            closed = true;
            fail(e);
            throw new IOException(e.getMessage(), e);
        } catch (IOException | RuntimeException | Error e) {
            closed = true;
            fail(new IOException("reading the envelope failed before", e));
            throw e;
        }
    }

    private void fail(Exception cause) {
        failure = cause;
        part = Slice.of(new byte[0]);
        reader.close();
        envelope.wipe();
    }
}
