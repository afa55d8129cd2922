package io.keywrap.provider;

/**
 * What the cache of DEKs has done since its {@link KeyProviders} were made. The numbers are read one after the other while
 * others go on, so they fit together only nearly.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param entries DEKs that are kept now
 * @param openLeases leases that are open now
 * @param hits how often a kept DEK was leased
 * @param misses how often none was kept
 * @param refusalsRepeated how often a refusal was repeated without asking the KMS
 * @param unwraps unwraps that somebody waited for, after all retries
 * @param refreshes unwraps ahead of a deadline, after all retries
 * @param evictions how often a DEK had to go for want of room
 */
public record CacheStatistics(
        long entries,
        long openLeases,
        long hits,
        long misses,
        long refusalsRepeated,
        Calls unwraps,
        Calls refreshes,
        long evictions) {
    /**
     * How calls went.
     *
     * @param succeeded those that went well
     * @param failed those that did not
     */
    public record Calls(long succeeded, long failed) {}
}
