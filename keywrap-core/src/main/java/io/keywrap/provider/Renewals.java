package io.keywrap.provider;

import io.keywrap.CallPurpose;
import io.keywrap.Deadline;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeywrapException;
import io.keywrap.TimeSource;
import io.keywrap.provider.CachedDek.Standing;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.RenewalFailed;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves DEKs in use again: ahead of their deadline in the background, and at their deadline while a lease waits. Leases
 * go on over an outage for a while; a refusal ends them.
 */
class Renewals {
    private static final Logger LOG = LoggerFactory.getLogger(Renewals.class);

    /** A KEK that hangs leaves the threads to the others. */
    private static final int MOST_PER_KEK = 4;

    private final DekCache cache;
    private final CacheOptions options;
    private final TimeSource time;
    private final long renewalNanos;
    private final long refreshNanos;
    private final Executor executor;
    private final Events events;
    private final ConcurrentMap<KekId, Semaphore> turns = new ConcurrentHashMap<>();

    Renewals(DekCache cache, CacheOptions options, TimeSource time, Executor executor, Events events) {
        this.cache = cache;
        this.options = options;
        this.time = time;
        this.renewalNanos = options.renewalNanos();
        this.refreshNanos = options.refreshNanos();
        this.executor = executor;
        this.events = events;
    }

    /** Is asked at every use of a leased key. */
    void ensureUsable(CachedDek entry) {
        Standing standing = entry.standing();
        if (standing.refusal() != null) {
            throw standing.refusal();
        }
        long age = time.nanoTime() - standing.provenAt();
        if (age >= renewalNanos) {
            overdue(entry, standing, age);
        } else if (age >= refreshNanos) {
            ahead(entry, time.nanoTime());
        }
    }

    /** Begins to prove a DEK again in the background if it is time. */
    void ahead(CachedDek entry, long now) {
        if (now - entry.standing().provenAt() < refreshFrom(entry) || !entry.beginRenewal(now)) {
            return;
        }
        KekId kekId = entry.key().kekId();
        Semaphore turn = turns.computeIfAbsent(kekId, kek -> new Semaphore(MOST_PER_KEK));
        if (!turn.tryAcquire()) {
            entry.endRenewal();
            return;
        }
        try {
            executor.execute(() -> refresh(entry, turn));
        } catch (RejectedExecutionException e) {
            end(entry, turn);
        } catch (RuntimeException | Error e) { // Such as no room for a thread: no reason to fail who holds a DEK.
            entry.pauseUntil(time.nanoTime() + options.pauseNanos());
            end(entry, turn);
            LOG.warn(
                    "the refresh of DEK {} could not begin",
                    entry.key().wrapped().dekId(),
                    e);
        }
    }

    /** Throws nothing: on the caller's executor that may reach whoever leases. */
    private void refresh(CachedDek entry, Semaphore turn) {
        try {
            prove(entry, options.deadlineOf(CallPurpose.REFRESH, time));
        } catch (KekException e) {
            LOG.debug("DEK {} was not proven again", entry.key().wrapped().dekId(), e);
        } catch (RuntimeException | Error e) {
            entry.pauseUntil(time.nanoTime() + options.pauseNanos());
            LOG.warn("the refresh of DEK {} failed", entry.key().wrapped().dekId(), e);
        } finally {
            end(entry, turn);
        }
    }

    private static void end(CachedDek entry, Semaphore turn) {
        entry.endRenewal();
        turn.release();
    }

    /** Not all at once: each DEK has its own moment from 80 to 90 % of the deadline. */
    private long refreshFrom(CachedDek entry) {
        return refreshNanos + renewalNanos / 10 * (entry.key().hashCode() & 0xFF) / 0x100;
    }

    private void overdue(CachedDek entry, Standing standing, long age) {
        boolean tooLong = age >= options.maxInFlight().toNanos();
        if (entry.wasWaitedFor(standing)) {
            if (!tooLong && verdict(entry).isEmpty()) {
                ahead(entry, time.nanoTime()); // An outage, known already: the work goes on meanwhile.
                return;
            }
            if (entry.pauses(time.nanoTime())) {
                throw verdict(entry).orElseGet(() -> tooLong(entry, age));
            }
        }
        // Also after a long time without a use: nobody has asked meanwhile, so nothing is known of an outage.
        try {
            prove(entry, options.deadlineOf(CallPurpose.FOREGROUND, time));
        } catch (KekException e) {
            if (Failures.endAtDeadline(e)) {
                throw e;
            }
            entry.waitedFor(standing);
            verdict(entry).ifPresent(verdict -> {
                throw verdict;
            });
            if (tooLong) {
                throw tooLong(entry, age);
            }
        }
    }

    /** What its KEK has said to others, and does not take back while it is silent. Who may not unwrap never hears it. */
    private Optional<KekException> verdict(CachedDek entry) {
        return entry.provenBy() == Operation.UNWRAP ? cache.verdict(entry.key()) : Optional.empty();
    }

    private static KekUnreachableException tooLong(CachedDek entry, long age) {
        return new KekUnreachableException(Failure.of(
                        entry.key().kekId(),
                        "it was not proven for " + Duration.ofNanos(age) + ", too long for work in flight")
                .operatorAction("check the network and the health of the KMS; begin the work again after that"));
    }

    private void prove(CachedDek entry, Deadline deadline) {
        try {
            entry.proven(cache.provenAfter(entry, deadline).standing().provenAt());
        } catch (KekException e) {
            entry.pauseUntil(time.nanoTime() + options.pauseNanos());
            failed(entry, e);
            throw e;
        } catch (KeywrapException e) { // The DEK was destroyed, also for a lease that an outage lets go on.
            entry.refuse(e);
            throw e;
        }
    }

    private void failed(CachedDek entry, KekException failure) {
        long age = time.nanoTime() - entry.standing().provenAt();
        boolean ended =
                Failures.endAtOnce(failure) || (Failures.endAtDeadline(failure) && age >= options.renewalNanos());
        if (ended) {
            entry.refuse(failure);
        }
        events.tell(new RenewalFailed(
                entry.key().kekId(), entry.key().wrapped().dekId(), Duration.ofNanos(age), ended, failure));
    }
}
