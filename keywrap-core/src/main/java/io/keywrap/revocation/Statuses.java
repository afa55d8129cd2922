package io.keywrap.revocation;

import io.keywrap.CallPurpose;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks once a day what a KMS tells about a KEK, such as when it expires. That needs another permission than a canary, so a
 * failure says nothing; a KEK of which we may not ask is asked once a week.
 */
final class Statuses {
    private static final Logger LOG = LoggerFactory.getLogger(Statuses.class);
    private static final long DAY = Duration.ofDays(1).toNanos();
    private static final long WEEK = 7 * DAY;
    private static final long EACH = Duration.ofSeconds(2).toNanos();
    private static final long LONGEST_SPREAD = Duration.ofHours(6).toNanos();

    private final KeyProviders providers;
    private final RandomGenerator random;
    private final PriorityQueue<Turn> turns = new PriorityQueue<>(Comparator.comparingLong(Turn::due));
    private final Set<KekId> known = new HashSet<>();
    private final Map<KekId, Instant> expiries = new ConcurrentHashMap<>();

    Statuses(KeyProviders providers, RandomGenerator random) {
        this.providers = providers;
        this.random = random;
    }

    private record Turn(KekId kekId, long due) {}

    /** Takes in which KEKs are in use. */
    synchronized void keks(Collection<Watch> watches, long now) {
        Set<KekId> inUse = new HashSet<>();
        watches.forEach(watch -> inUse.add(watch.version.kekId()));
        if (inUse.equals(known)) {
            return;
        }
        long spread = Math.min(LONGEST_SPREAD, inUse.size() * EACH);
        for (KekId kekId : inUse) {
            if (known.add(kekId)) {
                turns.add(new Turn(kekId, now + (long) (random.nextDouble() * spread)));
            }
        }
        known.retainAll(inUse);
        expiries.keySet().retainAll(inUse);
    }

    synchronized Optional<KekId> due(long now) {
        while (!turns.isEmpty() && !known.contains(turns.peek().kekId())) {
            turns.remove();
        }
        return turns.isEmpty() || turns.peek().due() > now
                ? Optional.empty()
                : Optional.of(turns.peek().kekId());
    }

    synchronized long nextAt() {
        return turns.isEmpty() ? Long.MAX_VALUE : turns.peek().due();
    }

    /** The turn of a KEK has come. */
    synchronized void begin(KekId kekId, long now) {
        turns.removeIf(turn -> turn.kekId().equals(kekId));
        turns.add(new Turn(kekId, now + DAY));
    }

    void ask(KekId kekId, long now) {
        try {
            Optional<Instant> expires = providers
                    .provider(kekId)
                    .status(providers.deadline(CallPurpose.CANARY))
                    .expires();
            expires.ifPresentOrElse(day -> expiries.put(kekId, day), () -> expiries.remove(kekId));
        } catch (KekException e) {
            LOG.debug("KEK {} tells nothing about itself", kekId, e);
            synchronized (this) {
                turns.removeIf(turn -> turn.kekId().equals(kekId));
                turns.add(new Turn(kekId, now + (tellsNothing(e) ? WEEK : DAY)));
            }
        }
    }

    /** Whether we may not ask, as it seems. */
    private static boolean tellsNothing(KekException failure) {
        return failure instanceof KekRevokedException revoked ? revoked.presumed() : !failure.retryable();
    }

    Map<KekId, Instant> expiries() {
        return expiries;
    }
}
