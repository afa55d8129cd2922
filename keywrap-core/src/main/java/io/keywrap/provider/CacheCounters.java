package io.keywrap.provider;

import com.github.benmanes.caffeine.cache.RemovalCause;
import io.keywrap.CallPurpose;
import java.util.concurrent.atomic.LongAdder;

/** Counts what the cache of DEKs does. */
final class CacheCounters {
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder refusedAgain = new LongAdder();
    private final LongAdder unwraps = new LongAdder();
    private final LongAdder refreshes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder refreshFailures = new LongAdder();
    private final LongAdder evictions = new LongAdder();
    private final LongAdder leasesGiven = new LongAdder();
    private final LongAdder leasesClosed = new LongAdder();

    void hit() {
        hits.increment();
    }

    void miss() {
        misses.increment();
    }

    void refusedAgain() {
        refusedAgain.increment();
    }

    void proven(CallPurpose purpose) {
        (purpose == CallPurpose.REFRESH ? refreshes : unwraps).increment();
    }

    void failed(CallPurpose purpose) {
        (purpose == CallPurpose.REFRESH ? refreshFailures : failures).increment();
    }

    void removed(RemovalCause cause) {
        if (cause == RemovalCause.SIZE) {
            evictions.increment();
        }
    }

    void evicted() {
        evictions.increment();
    }

    void leaseGiven() {
        leasesGiven.increment();
    }

    void leaseClosed() {
        leasesClosed.increment();
    }

    CacheStatistics snapshot(long entries) {
        // Closed before given: no reader sees fewer than none open.
        long closed = leasesClosed.sum();
        return new CacheStatistics(
                entries,
                leasesGiven.sum() - closed,
                hits.sum(),
                misses.sum(),
                refusedAgain.sum(),
                new CacheStatistics.Calls(unwraps.sum(), failures.sum()),
                new CacheStatistics.Calls(refreshes.sum(), refreshFailures.sum()),
                evictions.sum());
    }
}
