package io.keywrap.cli;

import io.keywrap.DekLease;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the leases of one run of the command now and then, so that a KEK that is revoked ends the work also while a pipe gives
 * or takes nothing: a lease is proven again when somebody uses it, and whoever waits uses none.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
final class ProvenLeases implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProvenLeases.class);
    private static final int LOOKS = 10;

    private final Duration every;
    private final Set<DekLease> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread daemon = new Thread(work, "keywrap-proves");
        daemon.setDaemon(true);
        return daemon;
    });

    /**
     * Begins.
     *
     * @param every how long a DEK may be used without a proof
     */
    @SuppressWarnings("FutureReturnValueIgnored") // It lets nothing out, and ends with its thread.
    ProvenLeases(Duration every) {
        this.every = every;
        long pause = every.dividedBy(LOOKS).toMillis();
        thread.scheduleWithFixedDelay(this::look, pause, pause, TimeUnit.MILLISECONDS);
    }

    /** The options of the providers whose leases these are. */
    KeyProviders.Builder options(KeyProviders.Builder options) {
        return options.cacheDeadline(every).onLease(this::given);
    }

    private void given(DekLease lease) {
        open.add(lease);
        lease.onClose(() -> open.remove(lease));
    }

    private void look() {
        open.forEach(ProvenLeases::lookAt);
    }

    private static void lookAt(DekLease lease) {
        try {
            lease.ensureUsable();
        } catch (RuntimeException | Error e) { // Whoever has the lease hears it; or it was closed just now.
            LOG.debug("a lease has ended, or cannot be proven", e);
        }
    }

    /** Looks no more. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
