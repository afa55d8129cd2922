package io.keywrap.stream;

import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.floe.FloeParameters;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What the views of one envelope share: its keys, until the last view is closed, and where its segments are. */
final class SharedEnvelope {
    private final OpenedEnvelope envelope;
    private final AtomicInteger users = new AtomicInteger(1);
    private final long payloadAt;
    private final long payloadLength;
    private final long size;
    private final Set<EnvelopeView> views = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    /** Takes the envelope over, for one view. */
    SharedEnvelope(OpenedEnvelope envelope, long payloadAt, long payloadLength) {
        this.envelope = envelope;
        this.payloadAt = payloadAt;
        this.payloadLength = payloadLength;
        this.size = envelope.parameters().plaintextLength(payloadLength);
        envelope.onEnd(this::end);
    }

    private void end() {
        ended = true;
        List<EnvelopeView> all = List.copyOf(views);
        all.forEach(EnvelopeView::end);
        all.forEach(EnvelopeView::closeSource);
    }

    /** For one more view; whoever asks has one. */
    SharedEnvelope forOneMore() {
        users.incrementAndGet();
        return this;
    }

    /** What a view waits in. */
    Unblocking unblocking() {
        return new Unblocking(envelope);
    }

    /** A view is complete, and is told when the lease ends, as it may have done just now. */
    void opened(EnvelopeView view) {
        views.add(view);
        if (ended) {
            view.end();
            view.closeSource();
        }
    }

    /**
     * Wipes the keys after the last view.
     *
     * @param view the view that goes; null if it never came to be
     */
    void release(@Nullable EnvelopeView view) {
        if (view != null) {
            views.remove(view);
        }
        if (users.decrementAndGet() == 0) {
            if (ended) {
                envelope.wipe();
            } else {
                envelope.close();
            }
        }
    }

    /** Its user has closed a view. */
    void closed() {
        if (users.get() == 0) {
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
