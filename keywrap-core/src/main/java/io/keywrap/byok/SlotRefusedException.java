package io.keywrap.byok;

import io.keywrap.KekException;

/** A slot did not change, because what was asked for does not fit its state, its keys or its rules. Nothing was stored. */
public final class SlotRefusedException extends KekException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /**
     * Makes the exception.
     *
     * @param failure what is known of the failure
     * @param reason why
     */
    public SlotRefusedException(Failure failure, Reason reason) {
        super(failure);
        this.reason = reason;
    }

    /**
     * Why.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Whether the same call can succeed later.
     *
     * @return true for {@link Reason#CONFLICT} alone
     */
    @Override
    public boolean retryable() {
        return reason == Reason.CONFLICT;
    }

    /** Why a slot did not change. */
    public enum Reason {
        /** The word that confirms it was not typed. */
        NOT_CONFIRMED,
        /** The slot has no such version. */
        NO_SUCH_VERSION,
        /** The version is not pending. */
        NOT_PENDING,
        /** The slot has an active key already, which is archived and replaced in one step. */
        HAS_ACTIVE,
        /** The slot has no active key that could be archived. */
        NO_ACTIVE,
        /** The version is active, and cannot be dropped. */
        IS_ACTIVE,
        /** Keychains have wraps under the version, or it is not known that none has. */
        STILL_NEEDED,
        /** The slot has this key already. */
        SAME_KEY,
        /** The slot is revoked, and this is none of its keys. */
        OTHER_KEY,
        /** The slot is revoked: the same key restores it, and nothing else is done meanwhile. */
        IS_REVOKED,
        /** The slot is not revoked, so there is nothing to restore. */
        NOT_REVOKED,
        /** The slot has as many versions as it may. */
        FULL,
        /** Others changed the slot each time just before; it can be tried again. */
        CONFLICT
    }
}
