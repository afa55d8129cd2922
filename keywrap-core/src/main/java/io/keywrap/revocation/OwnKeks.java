package io.keywrap.revocation;

import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds canaries of the KEKs that a JVM uses itself while another monitors the store, or says so: whoever can write notes can hold
 * the lease, and must not keep everybody from asking. One search at a time, and one tenth of the time at most.
 */
final class OwnKeks {
    private static final long LEAST_PAUSE = Duration.ofSeconds(1).toNanos();
    private static final int PAUSES = 9;
    private static final int MOST_KEPT = 10_000;

    private final KeyProviders providers;
    private final Canaries canaries;
    private final Watches watches;
    private final LongSupplier clock;
    /** Guarded by this object, like the next. */
    private final Set<VersionInUse> wanted = new LinkedHashSet<>();

    /** What was searched for, and has no canary. */
    private final Lately<VersionInUse> searched;

    private volatile long next;

    OwnKeks(KeyProviders providers, Canaries canaries, Watches watches, MonitorOptions options, LongSupplier clock) {
        this.providers = providers;
        this.canaries = canaries;
        this.watches = watches;
        this.clock = clock;
        this.searched = new Lately<>(MOST_KEPT, options.scan().toNanos());
        this.next = clock.getAsLong();
    }

    /** What is used now, and not watched. */
    synchronized void used(List<VersionInUse> versions) {
        long now = clock.getAsLong();
        for (VersionInUse version : versions) {
            // One that waits may have been pushed out of what was searched for.
            if (wanted.size() < MOST_KEPT && !wanted.contains(version) && searched.isTurn(version, now)) {
                wanted.add(version);
            }
        }
    }

    synchronized void clear() {
        wanted.forEach(searched::forget);
        wanted.clear();
    }

    /** When there is something to search for. */
    synchronized long nextAt() {
        return wanted.isEmpty() ? Long.MAX_VALUE : next;
    }

    /** Searches for one of them, if it is time. */
    void search() {
        long began = clock.getAsLong();
        @Nullable VersionInUse version = began < next ? null : first();
        if (version == null) {
            return;
        }
        boolean again = true;
        try {
            List<String> found = canaries.more(version, new Canaries.Cursor());
            again = !found.isEmpty(); // Once it is not watched any more.
            if (again) {
                watch(version, found, clock.getAsLong());
            }
        } finally {
            long now = clock.getAsLong();
            next = now + Math.max(LEAST_PAUSE, PAUSES * (now - began));
            if (again) {
                forget(version);
            }
        }
    }

    private synchronized @Nullable VersionInUse first() {
        Iterator<VersionInUse> waiting = wanted.iterator();
        if (!waiting.hasNext()) {
            return null;
        }
        VersionInUse first = waiting.next();
        waiting.remove();
        return first;
    }

    private synchronized void forget(VersionInUse version) {
        searched.forget(version);
    }

    private void watch(VersionInUse version, List<String> keychainIds, long now) {
        Instant wall = providers.time().now();
        Optional<Instant> proven = providers
                .states()
                .of(version.kekId(), version.version(), Operation.UNWRAP)
                .flatMap(standing -> standing.provenAt());
        long ago =
                proven.map(instant -> Duration.between(instant, wall).toNanos()).orElse(0L);
        watches.own(version, providers.provider(version.kekId()).place(), keychainIds, Math.max(0, ago), now);
    }
}
