package io.keywrap.provider;

import java.time.Duration;

/**
 * Keeps what changes to and fro from being told, and acted upon, each time: the third change for the worse within ten minutes
 * makes the way back take some minutes without another. Not thread-safe.
 */
final class Damping {
    /** How long all must be well before it is believed. */
    static final Duration QUIET = Duration.ofMinutes(1);

    /** The same where nothing waits for it. */
    static final Duration LONG_QUIET = Duration.ofMinutes(5);

    private static final long WITHIN = Duration.ofMinutes(10).toNanos();

    private int changes;
    private long last;
    private long lastButOne;
    private boolean damped;

    /** Something has changed for the worse. */
    void worse(long now) {
        damped = changes >= 2 && now - lastButOne <= WITHIN;
        lastButOne = last;
        last = now;
        changes = Math.min(changes + 1, 2);
    }

    /** Whether the last change for the worse was one of many. */
    boolean isDamped() {
        return damped;
    }

    /** Whether what went well may be believed. */
    boolean believes(long wentWellAt, long lastBadAt, Duration quiet) {
        return !damped || wentWellAt - lastBadAt >= quiet.toNanos();
    }
}
