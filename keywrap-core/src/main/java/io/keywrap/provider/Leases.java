package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.DekLease;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekUnreachableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Gives out leases of unwrapped DEKs. */
final class Leases {
    private final DekCache cache;
    private final Renewals renewals;
    private final CacheCounters counters;
    private final Consumer<DekLease> observer;
    private final Failover failover;

    Leases(DekCache cache, Renewals renewals, Outages outages, CacheCounters counters, Consumer<DekLease> observer) {
        this.cache = cache;
        this.renewals = renewals;
        this.failover = new Failover(cache, renewals, outages);
        this.counters = counters;
        this.observer = observer;
    }

    /** Leases a DEK by one wrap, which nothing proves to be of the DEK that it names. It ends with its KEK. */
    DekLease lease(UnwrapKey key, Deadline within) {
        Once deadline = new Once(() -> within);
        return leased(List.of(key), deadline, InFlight.ABORT, false, entries -> {
            entries.add(obtained(key, null, deadline));
            return check(entries);
        });
    }

    /**
     * Leases a DEK that every wrap under a CONTROL KEK unwraps to; each of them can end the lease.
     *
     * @param within the deadline, which is asked for once if a KMS must be called, and not else
     */
    DekLease lease(DekWraps wraps, Supplier<Deadline> within, InFlight policy) {
        Once deadline = new Once(within);
        List<UnwrapKey> control = UnwrapKey.of(wraps.control(), wraps.keyContext());
        if (wraps.replicas().isEmpty()) {
            return leased(control, deadline, policy, false, entries -> {
                control.forEach(key -> entries.add(obtained(key, wraps.checkValue(), deadline)));
                return check(entries);
            });
        }
        List<UnwrapKey> replicas = UnwrapKey.of(wraps.replicas(), wraps.keyContext());
        return leased(
                control,
                deadline,
                policy,
                true,
                entries -> failover.obtain(
                        control,
                        replicas,
                        (key, share) -> obtained(key, wraps.checkValue(), share),
                        deadline,
                        entries));
    }

    /** Gathers the entries of a lease, and tells what it asks at every use. */
    private interface Gathering {
        Runnable into(List<CachedDek> entries);
    }

    private DekLease leased(
            List<UnwrapKey> keys, Once deadline, InFlight policy, boolean mayStandIn, Gathering gathering) {
        while (true) {
            List<CachedDek> entries = new ArrayList<>();
            try {
                Runnable check = gathering.into(entries);
                CachedDek last = entries.get(entries.size() - 1);
                boolean standsIn = mayStandIn && !keys.contains(last.key());
                LeaseWatch watch = new LeaseWatch(cache, entries, standsIn, check, policy);
                Optional<DekLease> lease = lease(last, watch);
                if (lease.isPresent()) {
                    return lease.get();
                }
            } finally {
                entries.forEach(cache::leased);
            }
            if (deadline.get().expired()) {
                throw new KekUnreachableException(
                        Failure.of(keys.get(0).kekId(), "the cache of DEKs is too small: it let go of a DEK at once")
                                .operatorAction("allow more entries"));
            }
        }
    }

    private CachedDek obtained(UnwrapKey key, @Nullable String checkValue, Once deadline) {
        long begun = cache.now();
        Optional<CachedDek> hit = cache.hit(key, begun);
        if (hit.isPresent()) {
            requireProven(hit.get(), checkValue);
            renewals.ahead(hit.get(), begun);
            return hit.get();
        }
        CachedDek entry = cache.obtain(key, deadline.get());
        requireProven(entry, checkValue);
        requireTimeLeft(entry, begun);
        renewals.ahead(entry, cache.now());
        return entry;
    }

    /** Leases a DEK that is kept, without asking any KMS. */
    Optional<DekLease> leaseKept(List<UnwrapKey> keys, InFlight policy) {
        List<CachedDek> entries = new ArrayList<>(keys.size());
        for (UnwrapKey key : keys) {
            Optional<CachedDek> entry = cache.kept(key);
            if (entry.isEmpty()) {
                return Optional.empty();
            }
            renewals.ahead(entry.get(), cache.now());
            entries.add(entry.get());
        }
        return lease(entries.get(0), new LeaseWatch(cache, entries, false, check(entries), policy));
    }

    private Optional<DekLease> lease(CachedDek opened, DekLease.Watch watch) {
        return opened.lease(watch).map(this::observed);
    }

    private Runnable check(List<CachedDek> entries) {
        if (entries.size() == 1) {
            CachedDek only = entries.get(0);
            return () -> renewals.ensureUsable(only);
        }
        return () -> entries.forEach(renewals::ensureUsable);
    }

    private DekLease observed(DekLease lease) {
        counters.leaseGiven();
        lease.onClose(counters::leaseClosed);
        try {
            observer.accept(lease);
            return lease;
        } catch (RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    /** Where an answer comes too late, asking again would not help. */
    private void requireTimeLeft(CachedDek entry, long begun) {
        if (cache.isOver(entry) && entry.standing().provenAt() - begun >= 0) {
            throw new KekUnreachableException(Failure.of(
                            entry.key().kekId(), "its answer took longer than a DEK may be used after it was asked for")
                    .operatorAction("find out why this KEK answers slowly, or allow a longer deadline of kept DEKs"));
        }
    }

    private void requireProven(CachedDek entry, @Nullable String checkValue) {
        if (checkValue != null && !entry.isProvenBy(checkValue)) {
            cache.forget(entry);
            cache.leased(entry);
            throw new InvalidWrappedDekException(Failure.of(
                            entry.key().kekId(),
                            "the key that was unwrapped is not DEK "
                                    + entry.key().wrapped().dekId())
                    .operatorAction(
                            "do not trust the KMS or the store that gave it; restore the record from a backup"));
        }
    }
}
