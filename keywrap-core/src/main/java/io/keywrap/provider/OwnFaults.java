package io.keywrap.provider;

import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.provider.HeardKek.Lately;
import io.keywrap.provider.KekAnswer.Says;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.OwnFault;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells denials that are a mistake of our own from revocations: owners who have nothing in common do not withdraw their KEKs in
 * the same minute, and nobody but us withdraws ours.
 */
final class OwnFaults {
    private static final Logger LOG = LoggerFactory.getLogger(OwnFaults.class);
    private static final int LEAST_OWNERS = 3;
    private static final long WINDOW = Duration.ofMinutes(1).toNanos();
    private static final long AGAIN = Duration.ofMinutes(10).toNanos();
    private static final long LOOKS = Duration.ofSeconds(1).toNanos();

    private final Optional<KekId> controlKek;
    private final TimeSource time;
    private final EventsInOrder events;
    private final Object lock = new Object();
    private @Nullable Long controlDeniedAt;
    private @Nullable Long lookedAt;
    private @Nullable Long lastedUntil;
    private long toldAt;
    private Instant since = Instant.EPOCH;

    OwnFaults(Optional<KekId> controlKek, TimeSource time, EventsInOrder events) {
        this.controlKek = controlKek;
        this.time = time;
        this.events = events;
    }

    /** An answer of any KEK; that of our own counts. */
    void hear(KekAnswer answer, long now) {
        if (answer.operation() != Operation.UNWRAP || !isControl(answer.kekId())) {
            return;
        }
        synchronized (lock) {
            if (answer.says() == Says.DENIED) {
                controlDeniedAt = now;
            } else if (answer.says() == Says.WORKS
                    && controlDeniedAt != null
                    && answer.sentAt() - controlDeniedAt > 0) {
                controlDeniedAt = null;
            }
        }
    }

    private boolean isControl(KekId kekId) {
        return controlKek.isPresent() && controlKek.get().equals(kekId);
    }

    /**
     * Whether it is our own fault that a KEK was denied just now; if so, that is told.
     *
     * @param denied what was heard of it
     * @param matters whether something depends on it; otherwise it may have been looked at a moment ago
     * @param unwraps all that unwrap
     */
    boolean isOurs(Lately denied, boolean matters, long now, Supplier<List<HeardKek>> unwraps) {
        synchronized (lock) {
            if (controlDeniedAt != null) {
                tell(new Count(1, 1, true), controlKek.orElse(denied.kekId()), now);
                return true;
            }
            boolean freshly = lookedAt != null && now - lookedAt < LOOKS;
            boolean lasts = lastedUntil != null && now - lastedUntil < LOOKS;
            if (freshly && (lasts || !matters)) {
                return lasts;
            }
            lookedAt = now;
        }
        // Since this one is denied, so that those do not count as well who have not been heard of since the fault
        // began.
        Count count = count(Math.max(denied.deniedSince() - now, -WINDOW) + now, unwraps.get(), denied.kekId());
        if (!count.isOurFault()) {
            return false;
        }
        synchronized (lock) {
            tell(count, denied.kekId(), now);
        }
        return true;
    }

    private record Count(int keks, int owners, boolean control) {
        boolean isOurFault() {
            return owners >= LEAST_OWNERS;
        }
    }

    /** Over all, and over those of one kind of KMS: we are somebody else to each, and what works there says nothing here. */
    private Count count(long from, List<HeardKek> unwraps, KekId denied) {
        Count ofAll = count(from, unwraps);
        return ofAll.isOurFault()
                ? ofAll
                : count(
                        from,
                        unwraps.stream()
                                .filter(kek -> kek.name().kekId().scheme().equals(denied.scheme()))
                                .toList());
    }

    private Count count(long from, List<HeardKek> unwraps) {
        Map<String, OfOwner> owners = new HashMap<>();
        for (HeardKek kek : unwraps) {
            Lately lately = kek.lately();
            if (!isControl(lately.kekId())) {
                owners.computeIfAbsent(lately.owner(), owner -> new OfOwner()).add(lately, from);
            }
        }
        List<OfOwner> denied =
                owners.values().stream().filter(OfOwner::isDenied).toList();
        long heard = owners.values().stream().filter(OfOwner::isHeard).count();
        int keks = denied.stream().mapToInt(owner -> owner.keks).sum();
        return denied.size() * 2L > heard ? new Count(keks, denied.size(), false) : new Count(keks, 0, false);
    }

    /** What is known of the KEKs of one owner since a time. */
    private static final class OfOwner {
        private int keks;
        private boolean works;
        private @Nullable Long deniedSince;
        private @Nullable Long workedAt;

        void add(Lately lately, long from) {
            if (lately.suspect() && lately.refusedAt() - from >= 0) {
                keks++;
                deniedSince = later(deniedSince, lately.deniedSince());
            }
            if (lately.workedAt() != null && lately.workedAt() - from >= 0) {
                works = true;
                workedAt = later(workedAt, lately.workedAt());
            }
        }

        private static Long later(@Nullable Long one, Long other) {
            return one == null || other - one > 0 ? other : one;
        }

        /** What works since shows that we may ask this owner's KEKs. */
        boolean isDenied() {
            return deniedSince != null && (workedAt == null || workedAt - deniedSince <= 0);
        }

        /** Those whose KEKs were revoked before say nothing of now. */
        boolean isHeard() {
            return works || deniedSince != null;
        }
    }

    private void tell(Count count, KekId kekId, long now) {
        boolean begins = lastedUntil == null || now - lastedUntil > WINDOW;
        lastedUntil = now;
        if (begins) {
            since = time.now();
        }
        if (begins || now - toldAt >= AGAIN) {
            toldAt = now;
            OwnFault fault = new OwnFault(
                    kekId,
                    count.keks(),
                    count.owners(),
                    count.control(),
                    since,
                    "check our own credentials, role and policy: what they may do with KEKs has changed; nothing is revoked"
                            + " until this is over");
            events.add(fault);
            LOG.error(
                    "{} KEKs of {} owners are denied to us, {}: presumably by a mistake of our own, since {}; to do: {}",
                    fault.keks(),
                    fault.owners(),
                    fault.controlKek() ? "the vendor's own among them" : "who have nothing in common",
                    fault.since(),
                    fault.operatorAction());
        }
    }
}
