package io.keywrap.revocation;

/** So many calls within any second, and no more. For one thread at a time. */
final class Budget {
    private static final long SECOND = 1_000_000_000L;

    private final long[] latest;
    /** Where the oldest of them is; where the next goes. */
    private int oldest;

    private int taken;

    Budget(int perSecond) {
        latest = new long[perSecond];
    }

    /** When some more calls may be made: now or later. */
    long freeAt(long now, int calls) {
        int wanted = Math.min(calls, latest.length);
        return taken + wanted <= latest.length
                ? now
                : Math.max(now, latest[(oldest + wanted - 1) % latest.length] + SECOND);
    }

    boolean allows(long now, int calls) {
        return freeAt(now, calls) <= now;
    }

    void take(long now) {
        latest[oldest] = now;
        oldest = (oldest + 1) % latest.length;
        taken = Math.min(latest.length, taken + 1);
    }

    /** How many regular calls a second it has room for: a tenth is left for confirmations. */
    double regular() {
        return latest.length * 0.9;
    }
}
