package io.keywrap.provider;

import io.keywrap.CallPurpose;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.provider.HeardKek.Name;
import io.keywrap.provider.HeardKek.Outcome;
import io.keywrap.provider.HeardKek.Refusal;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.ServiceOutage;
import io.keywrap.provider.KekEvent.StateChanged;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How every KEK that this process has asked for something stands, as its answers tell: a state machine for each version and
 * operation. It asks nothing itself.
 *
 * <p>A KMS that names the state of a KEK is believed at once. A denial may be our own mistake: it makes a KEK
 * {@link KekState#SUSPECT}, and {@link KekState#REVOKED} once canaries have confirmed it, unless KEKs of unrelated owners are
 * denied as well. An outage changes no state. Another that is sent after a refusal and goes well makes it
 * {@link KekState#ACTIVE} again. See docs/concepts.md.
 *
 * <p>At most {@value #MOST} are known; those that were not heard of for longest are forgotten first. Nothing is kept of wraps
 * and key contexts, nor becomes known by wraps that their KMS does not take for its own, but of canaries.
 *
 * <p><b>Thread safety:</b> thread-safe; never blocks on a KMS.
 */
public final class KekStates {
    /**
     * How long a KEK must have been suspect when a canary is sent whose denial counts, and how long after that denial another
     * must be sent whose denial makes it revoked.
     */
    public static final Duration CONFIRMATION = Duration.ofSeconds(5);

    static final int MOST = 100_000;

    private static final Logger LOG = LoggerFactory.getLogger(KekStates.class);

    private final TimeSource time;
    private final EventsInOrder events;
    private final OwnFaults faults;
    /** In the order of their answers; guarded by itself, like the next. */
    private final LinkedHashMap<Name, HeardKek> heard = new LinkedHashMap<>(16, 0.75f, true);

    private final Map<KekId, List<HeardKek>> byKek = new HashMap<>();
    private volatile Effects effects = new Effects() {};

    KekStates(TimeSource time, Events events, Optional<KekId> controlKek) {
        this.time = time;
        this.events = new EventsInOrder(events);
        this.faults = new OwnFaults(controlKek, time, this.events);
    }

    /** What follows for those who keep DEKs; told of unwraps alone. */
    interface Effects {
        /** A version was refused that is revoked or destroyed. */
        default void withdrawn(KekVersion version, Refusal refusal) {}

        /** A version works again, as a call has found out that was sent at a time. */
        default void returned(KekVersion version, long sentAt) {}
    }

    void tell(Effects whoKeepsDeks) {
        effects = whoKeepsDeks;
    }

    /** An attempt of a call has ended. */
    void hear(KekAnswer answer) {
        long now = time.nanoTime();
        Instant wall = time.now();
        faults.hear(answer, now);
        @Nullable HeardKek kek = heard(answer, wall);
        if (kek == null) {
            return;
        }
        Outcome outcome;
        synchronized (kek) {
            outcome = kek.hear(answer, now, wall);
            queue(outcome);
        }
        follow(outcome, answer.sentAt());
        if (answer.operation() == Operation.UNWRAP && outcome.after().state() == KekState.SUSPECT) {
            boolean ours = faults.isOurs(kek.lately(), outcome.mayBeConfirmed(), now, this::unwraps);
            if (outcome.mayBeConfirmed()) {
                Outcome confirmed;
                synchronized (kek) {
                    confirmed = kek.confirm(answer, ours, now, wall);
                    queue(confirmed);
                }
                follow(confirmed, answer.sentAt());
            }
        }
        events.tellAll();
    }

    /**
     * Nothing becomes known by a wrap that the KMS does not take for its own: whoever forged it chose the version. Canaries ask for
     * what records need, and whoever sends them is to see that it fails.
     */
    private @Nullable HeardKek heard(KekAnswer answer, Instant wall) {
        Name name = Name.of(answer);
        synchronized (heard) {
            @Nullable HeardKek known = heard.get(name);
            if (known != null) {
                return known;
            }
            if (answer.failure() instanceof InvalidWrappedDekException && answer.purpose() != CallPurpose.CANARY) {
                return null;
            }
            if (heard.size() >= MOST) {
                forget(heard.values().iterator().next());
            }
            HeardKek kek = new HeardKek(answer, wall);
            heard.put(name, kek);
            byKek.computeIfAbsent(name.kekId(), id -> new ArrayList<>(2)).add(kek);
            return kek;
        }
    }

    private void forget(HeardKek kek) {
        heard.remove(kek.name());
        byKek.computeIfPresent(kek.name().kekId(), (id, all) -> {
            all.remove(kek);
            return all.isEmpty() ? null : all;
        });
    }

    private void queue(Outcome outcome) {
        if (outcome.changed()) {
            events.add(new StateChanged(outcome.after().kekId(), outcome.before(), outcome.after()));
        }
    }

    private void follow(Outcome outcome, long sentAt) {
        KekStanding after = outcome.after();
        if (after.operation() == Operation.UNWRAP) {
            KekVersion version = new KekVersion(after.kekId(), after.version());
            if (outcome.refusal() != null) {
                effects.withdrawn(version, outcome.refusal());
            } else if (outcome.resumed()) {
                effects.returned(version, sentAt);
            }
        }
        log(outcome);
    }

    private static void log(Outcome outcome) {
        KekStanding after = outcome.after();
        String why = after.cause().map(KekException::getMessage).orElse("it works");
        if (outcome.ofState()) {
            LOG.warn(
                    "KEK {}, version '{}', is {} to {}, and was {}: {}",
                    after.kekId(),
                    after.version(),
                    after.state(),
                    after.operation(),
                    outcome.before().state(),
                    why);
        } else if (outcome.before().reach() != after.reach()) {
            LOG.debug("KEK {}, {}: {}: {}", after.kekId(), after.operation(), after.reach(), why);
        } else if (after.ownFailure().isPresent()
                && outcome.before().ownFailure().isEmpty()) {
            LOG.warn(
                    "KEK {} could not be asked to {}, by a mistake of ours: {}", after.kekId(), after.operation(), why);
        }
    }

    /**
     * All that is known.
     *
     * @return how each version stands for each operation; those that were heard of last come last
     */
    public List<KekStanding> all() {
        return look(known());
    }

    /**
     * How a version of a KEK stands for an operation.
     *
     * @param kekId the KEK
     * @param version the version of the wraps, for {@link Operation#UNWRAP}; of no matter for others
     * @param operation the operation
     * @return its standing; empty if it was not heard of
     */
    public Optional<KekStanding> of(KekId kekId, String version, Operation operation) {
        Name name = Name.of(kekId, version, operation);
        // Not by get(), which would make it one that was heard of just now.
        return look(known(kekId).stream().filter(kek -> kek.name().equals(name)).toList()).stream()
                .findFirst();
    }

    /**
     * The worst of what is known of a KEK, over all versions and all that DEKs need of it. What it tells of itself does not
     * count: that needs a right of its own.
     *
     * @param kekId the KEK
     * @return the standing with the worst state, and of these the worst reach; empty if it was not heard of
     */
    public Optional<KekStanding> worst(KekId kekId) {
        return look(known(kekId)).stream()
                .filter(standing -> standing.operation() != Operation.STATUS)
                .max(Comparator.comparing(KekStanding::state).thenComparing(KekStanding::reach));
    }

    /**
     * Tells the listener of the {@link KeyProviders} that a day is near; for those who know what depends on a KEK.
     *
     * @param event what is told
     */
    public void announce(DeadlineNear event) {
        events.add(event);
        events.tellAll();
    }

    /**
     * Tells the listener of the {@link KeyProviders} of an outage; for those who ask many KEKs.
     *
     * @param event what is told
     */
    public void announce(ServiceOutage event) {
        events.add(event);
        events.tellAll();
    }

    private List<HeardKek> known(KekId kekId) {
        synchronized (heard) {
            return List.copyOf(byKek.getOrDefault(kekId, List.of()));
        }
    }

    private List<HeardKek> known() {
        synchronized (heard) {
            return List.copyOf(heard.values());
        }
    }

    private List<HeardKek> unwraps() {
        return known().stream()
                .filter(kek -> kek.name().operation() == Operation.UNWRAP)
                .toList();
    }

    private List<KekStanding> look(List<HeardKek> keks) {
        long now = time.nanoTime();
        Instant wall = time.now();
        List<KekStanding> standings = new ArrayList<>(keks.size());
        for (HeardKek kek : keks) {
            Outcome outcome;
            synchronized (kek) {
                outcome = kek.look(now, wall);
                queue(outcome);
            }
            log(outcome);
            standings.add(outcome.after());
        }
        events.tellAll();
        return standings;
    }
}
