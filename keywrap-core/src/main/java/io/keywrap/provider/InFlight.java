package io.keywrap.provider;

/**
 * What becomes of work that is under way when its KEK is revoked. In both cases the cache of DEKs is wiped and no new lease is
 * given; this is about leases that were given before.
 *
 * <p>Readers at random ({@code EnvelopeView}, channels) have no end to come to, so they are always aborted.
 */
public enum InFlight {
    /**
     * It ends at its next segment, and what it waits for is unblocked: nothing is read or written under a key that the customer
     * has withdrawn. The default.
     */
    ABORT,

    /**
     * It goes on to its end, but no longer than {@link KeyProviders.Builder#maxInFlight} after its KEK was proven last. A DEK
     * that was destroyed, and a KMS that gives another key than before, end it all the same.
     */
    FINISH
}
