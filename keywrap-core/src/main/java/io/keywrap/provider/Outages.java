package io.keywrap.provider;

import io.keywrap.CallPurpose;
import io.keywrap.Deadline;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CONTROL KEKs that could not be asked lately. While a REPLICA KEK stands in for one of them, it is asked in the background:
 * nobody waits again for what does not answer, and it is noticed when it answers.
 */
final class Outages {
    private static final Logger LOG = LoggerFactory.getLogger(Outages.class);

    private final DekCache cache;
    private final CacheOptions options;
    private final TimeSource time;
    private final Executor executor;
    private final Map<KekId, Outage> outages = new ConcurrentHashMap<>();

    Outages(DekCache cache, CacheOptions options, TimeSource time, Executor executor) {
        this.cache = cache;
        this.options = options;
        this.time = time;
        this.executor = executor;
    }

    /** A KEK could not be asked now. */
    void noticed(UnwrapKey control, KekException failure) {
        Outage outage = of(control);
        if (outage.failure == null) {
            LOG.warn("KEK {} is out of reach; REPLICA KEKs stand in for it", control.kekId(), failure);
        }
        outage.failure = failure;
        outage.triedAt = time.nanoTime();
    }

    /** Why a KEK was out of reach a moment ago, so that to ask it again would only take time; null if it was not. */
    @Nullable
    KekException current(KekId control) {
        @Nullable Outage outage = outages.get(control);
        if (outage == null) {
            return null;
        }
        long since = time.nanoTime() - outage.triedAt;
        // Who asks in the background may hang, or never get its turn: that must not keep CONTROL from being asked for
        // ever.
        long most = outage.asking.get() ? options.renewalNanos() : options.pauseNanos();
        return since < most ? outage.failure : null;
    }

    /** A KEK has unwrapped. */
    void over(UnwrapKey control) {
        answers(control, null);
    }

    /** A KEK has answered, and not as one that is out of reach: so it is not for that that it is stood in for. */
    void answered(UnwrapKey control, KekException failure) {
        answers(control, new Answer(control, failure));
    }

    private void answers(UnwrapKey control, @Nullable Answer answer) {
        @Nullable Outage outage = answer == null ? outages.get(control.kekId()) : of(control);
        if (outage != null) {
            if (outage.failure != null) {
                LOG.warn("KEK {} answers again", control.kekId());
            }
            outage.failure = null;
            outage.answer = answer;
            outage.triedAt = time.nanoTime(); // Kept, so that leases which go on do not ask it at each use.
        }
    }

    /**
     * Where a KEK has answered to something that it has no use for us, such as for credentials that are none, work in flight
     * goes on as it would without a REPLICA KEK, and no longer. That holds until it unwraps, also when it falls silent.
     *
     * @param provenAt when it has last unwrapped for this work, or was begun to be stood in for
     */
    void requireInFlight(UnwrapKey control, long provenAt) {
        @Nullable Outage outage = outages.get(control.kekId());
        @Nullable Answer answer = outage == null ? null : outage.answer;
        if (answer == null) {
            return;
        }
        boolean ofItsWrap = answer.asked.equals(control) && Failures.endAtOnce(answer.failure);
        if (ofItsWrap || time.nanoTime() - provenAt >= options.maxInFlight().toNanos()) {
            throw answer.failure;
        }
    }

    private Outage of(UnwrapKey control) {
        return outages.computeIfAbsent(control.kekId(), kek -> new Outage(time.nanoTime() - options.renewalNanos()));
    }

    /**
     * Sees to it, at a use of a lease, that a KEK was asked not longer ago than a kept DEK may be used: in the background as
     * a rule; while the lease waits if that did not happen.
     */
    void seeTo(UnwrapKey control) {
        if (time.nanoTime() - of(control).triedAt < options.renewalNanos()) {
            ask(control);
        } else {
            askAndWait(control);
        }
    }

    /** Asks a KEK while a lease waits. Throws what it answers, but for an outage. */
    void askAndWait(UnwrapKey control) {
        Deadline foreground = options.deadlineOf(CallPurpose.FOREGROUND, time);
        try {
            cache.leased(cache.obtain(
                    control, foreground.within(foreground.remaining().dividedBy(2))));
            over(control);
        } catch (KekException e) {
            if (!e.retryable()) {
                answered(control, e);
                throw e;
            }
            if (!Thread.currentThread().isInterrupted()) {
                noticed(control, e);
            }
        }
    }

    /** Asks a KEK in the background, if nobody does and the last time is long enough ago. */
    void ask(UnwrapKey control) {
        Outage asked = of(control);
        if (time.nanoTime() - asked.triedAt < options.pauseNanos() / 2 || !asked.asking.compareAndSet(false, true)) {
            return;
        }
        try {
            executor.execute(() -> askNow(control, asked));
        } catch (RejectedExecutionException e) {
            asked.asking.set(false);
        } catch (RuntimeException | Error e) { // Such as no room for a thread: who holds a DEK goes on.
            asked.triedAt = time.nanoTime();
            asked.asking.set(false);
            LOG.warn("KEK {} could not be asked whether it answers again", control.kekId(), e);
        }
    }

    /** Throws nothing: on the caller's executor that may reach whoever leases. */
    private void askNow(UnwrapKey control, Outage outage) {
        try {
            cache.leased(cache.obtain(control, options.deadlineOf(CallPurpose.REFRESH, time)));
            over(control);
        } catch (KekException e) {
            if (e.retryable()) {
                noticed(control, e);
            } else {
                answered(control, e);
            }
        } catch (RuntimeException | Error e) {
            outage.triedAt = time.nanoTime();
            LOG.warn("KEK {} could not be asked whether it answers again", control.kekId(), e);
        } finally {
            outage.asking.set(false);
        }
    }

    private static final class Outage {
        private final AtomicBoolean asking = new AtomicBoolean();
        private volatile long triedAt;
        private volatile @Nullable KekException failure;
        private volatile @Nullable Answer answer;

        Outage(long triedAt) {
            this.triedAt = triedAt;
        }
    }

    private record Answer(UnwrapKey asked, KekException failure) {}
}
