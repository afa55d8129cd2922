package io.keywrap.stream;

import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeMessage.Segments;
import io.keywrap.floe.FloeParameters;

/** Decrypts segments. The length word says which kind a segment claims to be, and only that kind is tried. */
final class SegmentOpener implements AutoCloseable {
    private final OpenedEnvelope envelope;
    private final Segments segments;
    private final int segmentBytes;
    private boolean last;

    SegmentOpener(OpenedEnvelope envelope) {
        this.envelope = envelope;
        this.segments = envelope.segments();
        this.segmentBytes = envelope.parameters().segmentBytes();
    }

    /**
     * Decrypts a segment.
     *
     * @param segment its number, counted from 0
     * @param window the bytes from its beginning on: a full segment's length, or less if the payload ends before
     * @param out receives the plaintext
     * @param outOffset where in {@code out}
     * @return the length of the plaintext
     */
    int open(long segment, Slice window, byte[] out, int outOffset) {
        envelope.ensureUsable();
        if (window.length() < Segments.LENGTH_WORD_BYTES) {
            throw cut(segment);
        }
        int word = Segments.lengthWord(window.array(), window.offset());
        if (word == Segments.NOT_LAST) {
            if (window.length() < segmentBytes) {
                throw cut(segment);
            }
            last = false;
            return segments.decryptFull(segment, window, out, outOffset);
        }
        if (word < FloeParameters.SEGMENT_OVERHEAD_BYTES || word > segmentBytes) {
            throw new MalformedEnvelopeException("the length word of segment " + segment
                    + " is that of no segment; to do: restore the envelope from another copy");
        }
        if (window.length() < word) {
            throw cut(segment);
        }
        if (window.length() > word) {
            throw followed();
        }
        int length = segments.decryptLast(segment, window, out, outOffset);
        last = true;
        return length;
    }

    /** Length of a full encrypted segment. */
    int segmentBytes() {
        return segmentBytes;
    }

    /** Whether the segment decrypted just now was the payload's last. */
    boolean wasLast() {
        return last;
    }

    /** What it means if anything follows the last segment. */
    static MalformedEnvelopeException followed() {
        return new MalformedEnvelopeException(
                "something follows the last segment of the payload; to do: restore the envelope from another copy");
    }

    /** What it means if the payload ends in a segment that is not the last. */
    static TruncatedEnvelopeException cut(long segment) {
        return new TruncatedEnvelopeException("the payload ends in or behind segment " + segment
                + ", which is not the last; to do: restore the envelope from another copy, or run the backup again");
    }

    /** Wipes the key. */
    @Override
    public void close() {
        segments.close();
    }
}
