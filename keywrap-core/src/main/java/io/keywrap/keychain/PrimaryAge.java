package io.keywrap.keychain;

import io.keywrap.TimeSource;
import io.keywrap.store.DekEntry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How old the DEK for new data may become. It is a matter of hygiene: where no younger one can be made now, the old one
 * goes on, and it is tried again after a while.
 */
final class PrimaryAge {
    private static final Logger LOG = LoggerFactory.getLogger(PrimaryAge.class);
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final Duration most;
    private final TimeSource time;
    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile long nextAttemptAt;

    PrimaryAge(Duration most, TimeSource time) {
        this.most = most;
        this.time = time;
        this.nextAttemptAt = time.nanoTime();
    }

    TimeSource time() {
        return time;
    }

    boolean isOver(DekEntry entry) {
        return !time.now().isBefore(entry.createdAt().plus(most));
    }

    /** Makes a younger one, unless another thread does so, or has failed to lately. */
    void renewal(String keychainId, Runnable rotation) {
        if (time.nanoTime() - nextAttemptAt < 0 || !underWay.compareAndSet(false, true)) {
            return;
        }
        try {
            rotation.run();
        } catch (RuntimeException e) { // A record that is full, too, or a store with failures of its own.
            nextAttemptAt = time.nanoTime() + PAUSE.toNanos();
            LOG.warn("keychain {} goes on with a DEK that is older than {}", keychainId, most, e);
        } finally {
            underWay.set(false);
        }
    }
}
