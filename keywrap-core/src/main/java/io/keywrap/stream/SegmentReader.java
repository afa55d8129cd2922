package io.keywrap.stream;

import io.keywrap.crypto.Jca.Slice;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads segments and gives their plaintext, the last one only when nothing follows it. */
final class SegmentReader implements AutoCloseable {
    private final InputStream source;
    private final SegmentOpener opener;
    private final byte[] sealed;
    private final byte[] plaintext;
    private long segment;

    SegmentReader(OpenedEnvelope envelope, InputStream source) {
        this.source = source;
        this.opener = new SegmentOpener(envelope);
        this.sealed = new byte[envelope.parameters().segmentBytes()];
        this.plaintext = new byte[envelope.parameters().plaintextBytes()];
    }

    /**
     * Decrypts the next segment.
     *
     * @return its plaintext, valid until the next call; null after the last segment
     */
    @Nullable
    Slice next() throws IOException {
        if (opener.wasLast()) {
            return null;
        }
        int n = Fully.read(source, sealed);
        int length = opener.open(segment++, new Slice(sealed, 0, n), plaintext, 0);
        if (opener.wasLast() && n == sealed.length && source.read() >= 0) {
            throw SegmentOpener.followed();
        }
        return new Slice(plaintext, 0, length);
    }

    /** Wipes plaintext and key. */
    @Override
    public void close() {
        Fully.wipe(plaintext);
        opener.close();
    }
}
