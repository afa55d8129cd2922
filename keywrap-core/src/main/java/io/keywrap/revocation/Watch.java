package io.keywrap.revocation;

import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A version of a KEK that is watched. Changed by its {@link Watches} alone, but for what is volatile. */
final class Watch implements Comparable<Watch> {
    private static final int MOST_CANDIDATES = 3;

    final VersionInUse version;
    final Place place;
    private final long number;

    /** Keychains that may have a canary, the best first. */
    final List<String> candidates = new CopyOnWriteArrayList<>();

    volatile int keychains;
    volatile int deks;
    /** The reading of the store that has last seen it. */
    volatile long seenIn;
    /** Whether it is watched only until it is known how it stands, since somebody has said that it is not well. */
    volatile boolean asked;
    /**
     * Whether it is watched only since this JVM uses it itself, which does not monitor the store. Its canary is taken from the
     * store anew each time, since nobody here sees whether it is still there.
     */
    volatile boolean own;

    /** How far the store was searched for a canary, where none of those that were thought of is one. */
    final Canaries.Cursor cursor = new Canaries.Cursor();
    /** Whether the search has found none so far, and is not over. */
    volatile boolean searching;

    /** Whether somebody was told that the KEK does not take one. */
    volatile boolean toldDamaged;

    /** When it was last seen with a canary. */
    @Nullable
    Long withCanaryAt;

    /** Whether somebody was told that it has none. */
    boolean toldWithout;

    /** Set by the call that is under way. */
    volatile @Nullable Canary canary;
    /** The reading of the store that has last seen the canary there. */
    volatile long canarySeenIn;

    long due;
    /** Whether it is the vendor's own KEK, by which records are sealed. */
    boolean ofSeal;

    boolean queued;
    boolean flying;
    long usedAt;
    boolean everUsed;
    boolean probed;
    long probedAt;
    volatile KekState state = KekState.ACTIVE;
    volatile Instant since = Instant.EPOCH;
    KekReach reach = KekReach.ANSWERS;
    /** How many answers in a row said the same that is not well. */
    int alike;

    /** When it was last heard of, as of the last look; tells calls that others made. */
    @Nullable
    Instant heardAt;

    /** How long before the last answer it was proven: the next canary is counted from then. 0 if it was not proven. */
    long lastTook;

    Watch(VersionInUse version, Place place, long number) {
        this.version = version;
        this.place = place;
        this.number = number;
    }

    void candidate(String keychainId) {
        if (!keychainId.isEmpty() && candidates.size() < MOST_CANDIDATES && !candidates.contains(keychainId)) {
            candidates.add(keychainId);
        }
    }

    /** Who owns it, among all kinds of KMS. */
    String owner() {
        return version.kekId().scheme() + ':' + place.owner();
    }

    /** Whether the seal of a record is checked before it is asked, which may take a call of the vendor's KEK. */
    boolean needsSeal() {
        return own || canary == null;
    }

    /** Takes in how it stands. */
    void take(KekStanding standing, boolean afterProbe) {
        boolean same = standing.state() == state && standing.reach() == reach;
        if (!same) {
            alike = 0;
        } else if (afterProbe) {
            alike++;
        }
        state = standing.state();
        since = standing.since();
        reach = standing.reach();
        heardAt = standing.heardAt();
        lastTook = state == KekState.ACTIVE
                        && reach == KekReach.ANSWERS
                        && standing.ownFailure().isEmpty()
                ? standing.provenAt()
                        .map(proven ->
                                Duration.between(proven, standing.heardAt()).toNanos())
                        .filter(nanos -> nanos > 0)
                        .orElse(0L)
                : 0;
    }

    /** Whether somebody has used it lately. */
    boolean isUsed(long now) {
        return isUsedWithin(MonitorOptions.IDLE_AFTER, now);
    }

    boolean isUsedWithin(Duration duration, long now) {
        return now - usedAt < duration.toNanos();
    }

    boolean isWell() {
        return state == KekState.ACTIVE && reach == KekReach.ANSWERS;
    }

    /** Whether a canary is known, or where one may be. */
    boolean mayBeAsked() {
        return canary != null || !candidates.isEmpty();
    }

    boolean isSuspect() {
        return state == KekState.SUSPECT && reach == KekReach.ANSWERS;
    }

    @Override
    public int compareTo(Watch other) {
        int byTime = Long.compare(due, other.due);
        return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
}
