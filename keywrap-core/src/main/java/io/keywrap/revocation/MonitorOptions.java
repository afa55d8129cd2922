package io.keywrap.revocation;

import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekState;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often a monitor asks; its builder says what each means.
 *
 * @param inUse between canaries of a KEK that is used
 * @param idle between canaries of one that is not
 * @param scan between readings of the whole store
 * @param lease how long one JVM stays the one that monitors without saying so again
 * @param callsPerSecond the most calls of all KMS
 * @param callsPerSecondOfService the most calls of one
 * @param concurrency the most calls at once
 * @param canaries whether any call is made
 */
record MonitorOptions(
        Duration inUse,
        Duration idle,
        Duration scan,
        Duration lease,
        int callsPerSecond,
        int callsPerSecondOfService,
        int concurrency,
        boolean canaries) {
    /** Without traffic for so long, a KEK is idle. */
    static final Duration IDLE_AFTER = Duration.ofHours(1);

    private static final Duration CONFIRMATION = Duration.ofSeconds(5);
    private static final Duration REVOKED_FIRST = Duration.ofSeconds(30);
    private static final Duration REVOKED_MOST = Duration.ofMinutes(10);
    private static final Duration SILENT_FIRST = Duration.ofSeconds(15);
    private static final Duration SILENT_MOST = Duration.ofMinutes(5);
    private static final int MOST_DOUBLINGS = 10;
    private static final double JITTER = 0.2;

    /** Longest time between canaries of a KEK in use, before it is stretched, jitter included. */
    Duration longestInUse() {
        return Duration.ofNanos((long) (inUse.toNanos() * (1 + JITTER)));
    }

    /** Longest time until a denial is confirmed: two canaries, each some time after what it confirms. */
    static Duration longestConfirmation() {
        return Duration.ofNanos((long) (2 * CONFIRMATION.toNanos() * (1 + JITTER)));
    }

    /** How long after an answer the next canary is sent, without jitter, if nothing stretches it. */
    long restNanos(KekState state, KekReach reach, int alike, boolean used) {
        if (state == KekState.SUSPECT && reach == KekReach.ANSWERS) {
            return CONFIRMATION.toNanos();
        }
        if (state == KekState.DESTROYED) {
            return REVOKED_MOST.toNanos();
        }
        if (state == KekState.REVOKED) {
            return doubled(inUse.compareTo(REVOKED_FIRST) < 0 ? inUse : REVOKED_FIRST, alike, REVOKED_MOST);
        }
        if (reach != KekReach.ANSWERS) {
            return doubled(SILENT_FIRST, alike, SILENT_MOST);
        }
        return (used ? inUse : idle).toNanos();
    }

    /** A fifth more or less; a confirmation never sooner, since it would confirm nothing. */
    static long jittered(long nanos, boolean neverSooner, RandomGenerator random) {
        double part = neverSooner ? random.nextDouble() : 2 * random.nextDouble() - 1;
        return (long) (nanos * (1 + JITTER * part));
    }

    private static long doubled(Duration first, int times, Duration most) {
        return Math.min(first.toNanos() << Math.min(times, MOST_DOUBLINGS), most.toNanos());
    }

    /** How often a JVM looks at the notes. */
    Duration poll() {
        return lease.dividedBy(3);
    }
}
