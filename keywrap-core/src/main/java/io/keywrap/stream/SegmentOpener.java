package io.keywrap.stream;

import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeMessage.Segments;
import io.keywrap.floe.FloeParameters;

/**
 * Decrypts segments in order. The length word says which kind a segment claims to be, and only that kind is tried.
 */
final class SegmentOpener implements AutoCloseable {
    private final OpenedEnvelope envelope;
    private final Segments segments;
    private final int segmentBytes;
    private long next;
    private boolean ended;

    SegmentOpener(OpenedEnvelope envelope) {
        this.envelope = envelope;
        this.segments = envelope.segments();
        this.segmentBytes = envelope.parameters().segmentBytes();
    }

    /**
     * Decrypts the next segment.
     *
     * @param window the bytes from its beginning on: a full segment's length, or less if the payload ends before
     * @param out receives the plaintext
     * @param outOffset where in {@code out}
     * @return the length of the plaintext
     */
    int open(Slice window, byte[] out, int outOffset) {
        envelope.ensureUsable();
        if (window.length() < Segments.LENGTH_WORD_BYTES) {
            throw cut();
        }
        int word = Segments.lengthWord(window.array(), window.offset());
        if (word == Segments.NOT_LAST) {
            if (window.length() < segmentBytes) {
                throw cut();
            }
            return segments.decryptFull(next++, window, out, outOffset);
        }
        if (word < FloeParameters.SEGMENT_OVERHEAD_BYTES || word > segmentBytes) {
            throw new MalformedEnvelopeException("the length word of segment " + next
                    + " is that of no segment; to do: restore the envelope from another copy");
        }
        if (window.length() < word) {
            throw cut();
        }
        if (window.length() > word) {
            throw followed();
        }
        int length = segments.decryptLast(next++, window, out, outOffset);
        ended = true;
        return length;
    }

    /** Length of a full encrypted segment. */
    int segmentBytes() {
        return segmentBytes;
    }

    /** Whether the last segment was decrypted. */
    boolean ended() {
        return ended;
    }

    /** What it means if anything follows the last segment. */
    static MalformedEnvelopeException followed() {
        return new MalformedEnvelopeException(
                "something follows the last segment of the payload; to do: restore the envelope from another copy");
    }

    private TruncatedEnvelopeException cut() {
        return new TruncatedEnvelopeException("the payload ends in or before segment " + next
                + ", which is not the last; to do: restore the envelope from another copy, or run the backup again");
    }

    /** Wipes the key. */
    @Override
    public void close() {
        segments.close();
    }
}
