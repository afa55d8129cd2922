package io.keywrap.rewrap;

import java.util.concurrent.TimeUnit;

/**
 * When the next call of a KEK may be made: the generic cell rate algorithm (ITU-T I.371), with a rate that is halved while a KMS
 * throttles, and comes back by a twentieth a second. Thread-safe.
 */
final class Rate {
    /** What may be caught up on, where nobody came in time: threads do not wake up to the microsecond. */
    private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final double LEAST = 1.0 / 64;

    private final double full;
    private double factor = 1;
    private long next;
    private long changed;
    private long slowed;

    Rate(double callsPerSecond, long now) {
        full = callsPerSecond;
        next = now;
        changed = now - SECOND;
        slowed = changed;
    }

    /** Takes a turn. */
    synchronized long waitNanos(long now) {
        if (factor < 1 && now - changed >= SECOND) {
            factor = Math.min(1, factor + 0.05 * (now - changed) / SECOND);
            changed = now;
        }
        long at = Math.max(next, now - SLACK);
        next = at + (long) (SECOND / (full * factor));
        return Math.max(0, at - now);
    }

    /** Once a second at most: many calls are throttled at once. */
    synchronized void slower(long now) {
        if (now - slowed >= SECOND) { // Whether or not it has come back a little meanwhile.
            factor = Math.max(LEAST, factor / 2);
            changed = now;
            slowed = now;
        }
    }

    synchronized double perSecond() {
        return full * factor;
    }
}
