package io.keywrap.stream;

import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeMessage.Segments;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** Takes plaintext in pieces of any size and writes segments; the last one only when told so. */
final class SegmentWriter implements AutoCloseable {
    private final OpenedEnvelope envelope;
    private final OutputStream sink;
    private final Segments segments;
    private final byte[] plaintext;
    private final byte[] sealed;
    private int filled;
    private long next;

    SegmentWriter(OpenedEnvelope envelope, OutputStream sink) {
        this.envelope = envelope;
        this.sink = sink;
        this.segments = envelope.segments();
        this.plaintext = new byte[envelope.parameters().plaintextBytes()];
        this.sealed = new byte[envelope.parameters().segmentBytes()];
    }

    /** Takes some plaintext. A full segment is written once it is known not to be the last. */
    void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        int end = offset + length;
        for (int at = offset; at < end; ) {
            if (filled == plaintext.length) {
                writeFull(Slice.of(plaintext));
                filled = 0;
            }
            if (filled == 0 && end - at > plaintext.length) {
                writeFull(new Slice(bytes, at, plaintext.length));
                at += plaintext.length;
            } else {
                int n = Math.min(plaintext.length - filled, end - at);
                System.arraycopy(bytes, at, plaintext, filled, n);
                filled += n;
                at += n;
            }
        }
    }

    /** Writes the last segment. */
    void finish() throws IOException {
        envelope.ensureUsable();
        sink.write(sealed, 0, segments.encryptLast(next++, new Slice(plaintext, 0, filled), sealed, 0));
    }

    private void writeFull(Slice full) throws IOException {
        envelope.ensureUsable();
        sink.write(sealed, 0, segments.encryptFull(next++, full, sealed, 0));
    }

    /**
     * Wipes key and plaintext; writes nothing. The key first: once it is gone nothing can be encrypted any more, so
     * another thread that is still writing never encrypts what was wiped.
     */
    @Override
    public void close() {
        try {
            segments.close();
        } finally {
            Fully.wipe(plaintext);
        }
    }
}
