package io.keywrap.stream;

import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.floe.FloeParameters;
import java.util.concurrent.atomic.AtomicInteger;

/** What the views of one envelope share: its keys, until the last view is closed, and where its segments are. */
final class SharedEnvelope {
    private final OpenedEnvelope envelope;
    private final AtomicInteger users = new AtomicInteger(1);
    private final long payloadAt;
    private final long payloadLength;
    private final long size;

    /** Takes the envelope over, for one view. */
    SharedEnvelope(OpenedEnvelope envelope, long payloadAt, long payloadLength) {
        this.envelope = envelope;
        this.payloadAt = payloadAt;
        this.payloadLength = payloadLength;
        this.size = envelope.parameters().plaintextLength(payloadLength);
    }

    /** For one more view; whoever asks has one. */
    SharedEnvelope forOneMore() {
        users.incrementAndGet();
        return this;
    }

    /** Wipes the keys after the last view. */
    void release() {
        if (users.decrementAndGet() == 0) {
            envelope.close();
        }
    }

    EnvelopeHeader header() {
        return envelope.header();
    }

    FloeParameters parameters() {
        return envelope.parameters();
    }

    Direction.Transform decrypting() {
        return Direction.DECRYPT.transform(envelope);
    }

    void ensureUsable() {
        envelope.ensureUsable();
    }

    /** Length of the plaintext. */
    long size() {
        return size;
    }

    long lastSegment() {
        return (payloadLength - 1) / parameters().segmentBytes();
    }

    /** Where a segment begins, in the source. */
    long placeOf(long segment) {
        return payloadAt + segment * parameters().segmentBytes();
    }

    /** How long some segments in a row are. */
    int lengthOf(long segment, int count) {
        long bytes = (long) count * parameters().segmentBytes();
        return (int) Math.min(bytes, payloadLength - segment * parameters().segmentBytes());
    }
}
