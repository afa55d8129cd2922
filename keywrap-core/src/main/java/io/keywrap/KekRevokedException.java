package io.keywrap;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The KEK is no longer usable by us, and it is not an outage: its owner has withdrawn it. Not retryable. */
public final class KekRevokedException extends KekException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final @Nullable Instant until;

    /**
     * A revoked KEK.
     *
     * @param failure what is known of the failure
     * @param reason how it was withdrawn
     */
    public KekRevokedException(Failure failure, Reason reason) {
        super(failure);
        this.reason = reason;
        this.until = null;
    }

    /**
     * A KEK that its owner has scheduled for deletion.
     *
     * @param failure what is known of the failure
     * @param deletion when it will be deleted, which can be cancelled until then
     */
    public KekRevokedException(Failure failure, Instant deletion) {
        super(failure);
        this.reason = Reason.PENDING_DELETION;
        this.until = deletion;
    }

    private KekRevokedException(Failure failure, Reason reason, @Nullable Instant until) {
        super(failure);
        this.reason = reason;
        this.until = until;
    }

    @Override
    KekException like(Failure failure) {
        return new KekRevokedException(failure, reason, until);
    }

    /**
     * How the KEK was withdrawn.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Whether this is an inference: a denial looks the same as our own missing permission.
     *
     * @return true for {@link Reason#DENIED}, false where the provider named the state
     */
    public boolean presumed() {
        return reason == Reason.DENIED;
    }

    /**
     * Whether the owner can give the key back.
     *
     * @return false for {@link Reason#DELETED} alone
     */
    public boolean recoverable() {
        return reason != Reason.DELETED;
    }

    /**
     * When a pending deletion becomes final.
     *
     * @return the instant; empty unless a deletion is pending and its date known
     */
    public Optional<Instant> deletion() {
        return Optional.ofNullable(until);
    }

    /** How a KEK was withdrawn. */
    public enum Reason {
        /** Switched off; it can be switched on again. */
        DISABLED,
        /** Scheduled for deletion, which can be cancelled until then. */
        PENDING_DELETION,
        /** Gone for good. */
        DELETED,
        /** Access was refused; presumed to be deliberate. */
        DENIED,
        /** Outside of the time of its validity: past the end or, where a cloud has that, before the begin. */
        EXPIRED,
        /** The customer's own key system keeps it from the cloud. */
        UNAVAILABLE_BY_CUSTOMER
    }
}
