package io.keywrap.provider;

/**
 * What is known of a version of a KEK, for one operation: what its owner, or the one who runs its KMS, has decided. Whether
 * it answers at all is told beside it, by {@link KekReach}.
 *
 * <p>They are in order: the later one is worse.
 */
public enum KekState {
    /** It works, or nothing else is known. */
    ACTIVE,
    /**
     * It was refused for a reason that may be our own mistake, or the cloud's delay. What is kept of its DEKs serves until its
     * deadline, and is not proven again.
     */
    SUSPECT,
    /** It is withdrawn, and can be given back. */
    REVOKED,
    /** It is gone for good, or presumed to be, because the day of its deletion has passed. */
    DESTROYED
}
