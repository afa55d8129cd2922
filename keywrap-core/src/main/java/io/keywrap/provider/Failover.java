package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets a REPLICA KEK stand in for CONTROL KEKs that are out of reach, and for no others: whatever else a CONTROL KEK
 * answers closes the DEK, and what it answered last, if that was that it is withdrawn, goes on holding while it is silent.
 */
final class Failover {
    private final DekCache cache;
    private final Renewals renewals;
    private final Outages outages;

    Failover(DekCache cache, Renewals renewals, Outages outages) {
        this.cache = cache;
        this.renewals = renewals;
        this.outages = outages;
    }

    /** Obtains a DEK under a deadline. */
    interface Obtaining {
        CachedDek of(UnwrapKey key, Once deadline);
    }

    /**
     * Obtains what a lease needs.
     *
     * @param control the wraps under CONTROL KEKs
     * @param replicas the wraps under REPLICA KEKs, at least one
     * @param obtained gets what was obtained
     * @return what the lease asks at every use
     */
    Runnable obtain(
            List<UnwrapKey> control,
            List<UnwrapKey> replicas,
            Obtaining obtaining,
            Once deadline,
            List<CachedDek> obtained) {
        List<UnwrapKey> silent = new ArrayList<>();
        @Nullable KekException outage = null;
        Once half = share(deadline, 2);
        for (int i = 0; i < control.size(); i++) {
            UnwrapKey key = control.get(i);
            // Each has its share, so that each is asked: the last one's refusal must not be missed for the first one's
            // silence.
            Optional<KekException> failure = asked(key, share(half, control.size() - i), obtaining, obtained);
            if (failure.isPresent()) {
                silent.add(key);
                outage = failure.get();
            }
        }
        List<CachedDek> proven = List.copyOf(obtained);
        if (outage == null) {
            return () -> proven.forEach(renewals::ensureUsable);
        }
        CachedDek replica = standIn(silent, replicas, obtaining, deadline, outage);
        obtained.add(replica);
        StandIn standIn = new StandIn(cache, renewals, outages, silent, replica);
        return () -> {
            proven.forEach(renewals::ensureUsable);
            standIn.ensureUsable();
        };
    }

    private static Once share(Once deadline, int sharers) {
        return new Once(() -> {
            Deadline whole = deadline.get();
            return whole.within(whole.remaining().dividedBy(sharers));
        });
    }

    /** Why a CONTROL KEK could not be asked; empty if the DEK was obtained. */
    private Optional<KekException> asked(UnwrapKey key, Once share, Obtaining obtaining, List<CachedDek> obtained) {
        boolean kept = cache.kept(key).isPresent();
        @Nullable KekException known = kept ? null : outages.current(key.kekId());
        if (known != null) {
            outages.ask(key);
            return Optional.of(known);
        }
        try {
            obtained.add(obtaining.of(key, share));
            if (!kept) {
                outages.over(key); // What was kept says nothing of now.
            }
            return Optional.empty();
        } catch (KekException e) {
            if (!e.retryable()) {
                outages.answered(key, e);
                throw e;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw e; // Nothing is known of the KEK, and nobody waits any more.
            }
            outages.noticed(key, e);
            return Optional.of(e);
        }
    }

    private CachedDek standIn(
            List<UnwrapKey> silent, List<UnwrapKey> replicas, Obtaining obtaining, Once deadline, KekException outage) {
        silent.forEach(cache::requireNoVerdict);
        Set<KekVersion> silentVersions = new HashSet<>();
        silent.forEach(key -> silentVersions.add(KekVersion.of(key)));
        List<KekException> failures = new ArrayList<>();
        for (int i = 0; i < replicas.size(); i++) {
            try {
                CachedDek entry = obtaining.of(replicas.get(i), share(deadline, replicas.size() - i));
                entry.standsInFor(silentVersions);
                // A verdict may have come while the REPLICA was asked, before it was known to end this entry.
                silent.forEach(cache::requireNoVerdict);
                return entry;
            } catch (KekException e) {
                silent.forEach(cache::requireNoVerdict);
                failures.add(e); // A REPLICA vetoes nothing: what closes the DEK is that CONTROL is out of reach.
            }
        }
        throw noneCould(outage, failures);
    }

    /** Others are told of the same outage, which is remembered: what befell this caller is said in one of its own. */
    private static KekException noneCould(KekException outage, List<KekException> failures) {
        Failure failure = outage.kekId()
                .map(kekId -> Failure.of(kekId, "it cannot be asked now, nor can a REPLICA KEK stand in for it"))
                .orElseGet(
                        () -> Failure.ofUnknownKek("a KEK cannot be asked now, nor can a REPLICA KEK stand in for it"))
                .rawCode(outage.rawCode().orElse(null))
                .requestId(outage.requestId().orElse(null))
                .retryAfter(outage.retryAfter().orElse(null))
                .operatorAction(outage.operatorAction())
                .cause(outage);
        KekException own = outage instanceof KekThrottledException
                ? new KekThrottledException(failure)
                : new KekUnreachableException(failure);
        failures.forEach(own::addSuppressed);
        return own;
    }
}
