package io.keywrap.provider;

import io.keywrap.CallPurpose;
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
        Outage outage = outages.computeIfAbsent(control.kekId(), kek -> {
            LOG.warn("KEK {} is out of reach; REPLICA KEKs stand in for it", kek, failure);
            return new Outage();
        });
        outage.failure = failure;
        outage.triedAt = time.nanoTime();
    }

    /** Why a KEK was out of reach a moment ago, so that to ask it again would only take time; null if it was not. */
    @Nullable
    KekException current(UnwrapKey control) {
        @Nullable Outage outage = outages.get(control.kekId());
        if (outage == null) {
            return null;
        }
        boolean lasts = outage.asking.get() || time.nanoTime() - outage.triedAt < options.pauseNanos();
        return lasts ? outage.failure : null;
    }

    /** A KEK has answered, whatever it said. */
    void over(UnwrapKey control) {
        if (!outages.isEmpty() && outages.remove(control.kekId()) != null) {
            LOG.warn("KEK {} answers again", control.kekId());
        }
    }

    /** Asks a KEK in the background, if nobody does and the last time is long enough ago. */
    void ask(UnwrapKey control) {
        @Nullable Outage outage = outages.get(control.kekId());
        if (outage == null) {
            outage = outages.computeIfAbsent(control.kekId(), kek -> {
                Outage unknown = new Outage();
                unknown.triedAt = time.nanoTime() - options.pauseNanos();
                return unknown;
            });
        }
        if (time.nanoTime() - outage.triedAt < options.pauseNanos() / 2 || !outage.asking.compareAndSet(false, true)) {
            return;
        }
        Outage asked = outage;
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
                over(control);
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
    }
}
