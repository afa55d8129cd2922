package io.keywrap.rewrap;

import io.keywrap.TimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells how far a run is, once a second at most. Thread-safe; nobody waits for another's telling. */
final class Teller {
    private static final Logger LOG = LoggerFactory.getLogger(Teller.class);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final TimeSource time;
    private final Tally tally;
    private final Optional<Consumer<RewrapProgress>> listener;
    private final ReentrantLock telling = new ReentrantLock();
    private final long began;
    private volatile long keychainsTotal;
    private volatile long keychainsBefore;
    private volatile long deksBefore;
    private volatile long next;

    Teller(TimeSource time, Tally tally, Optional<Consumer<RewrapProgress>> listener) {
        this.time = time;
        this.tally = tally;
        this.listener = listener;
        this.began = time.nanoTime();
        this.next = began + SECOND;
    }

    void total(long keychains) {
        keychainsTotal = keychains;
    }

    /** What an earlier run has done. */
    void before(long keychains, long deks) {
        keychainsBefore = keychains;
        deksBefore = deks;
    }

    Duration elapsed() {
        return Duration.ofNanos(time.nanoTime() - began);
    }

    void perhaps() {
        if (listener.isPresent() && isDue(time.nanoTime()) && telling.tryLock()) {
            try {
                long now = time.nanoTime();
                if (isDue(now)) { // another may have told meanwhile
                    tell(now);
                }
            } finally {
                telling.unlock();
            }
        }
    }

    void atTheEnd() {
        telling.lock();
        try {
            tell(time.nanoTime());
        } finally {
            telling.unlock();
        }
    }

    private boolean isDue(long now) {
        return now - next >= 0;
    }

    private void tell(long now) {
        next = now + SECOND;
        listener.ifPresent(told -> {
            try {
                told.accept(progress(now));
            } catch (RuntimeException e) {
                LOG.warn("the listener of a job has failed, and is told further on", e);
            }
        });
    }

    RewrapProgress progress() {
        return progress(time.nanoTime());
    }

    private RewrapProgress progress(long now) {
        long keychains = tally.keychains();
        long done = tally.done();
        long failed = tally.failed();
        long total = Math.max(keychainsTotal, keychainsBefore + keychains);
        double each = keychains == 0 ? 0 : (double) tally.deksSeen() / keychains;
        long left = Math.round(each * Math.max(0, total - keychainsBefore - keychains))
                + Math.max(0, tally.deksSeen() - done - failed);
        Duration elapsed = Duration.ofNanos(now - began);
        Optional<Duration> remaining = done + failed == 0
                ? Optional.empty()
                : Optional.of(Duration.ofNanos((long) ((double) elapsed.toNanos() * left / (done + failed))));
        return new RewrapProgress(
                keychainsBefore + keychains,
                total,
                deksBefore + done,
                failed,
                deksBefore + done + failed + left,
                elapsed,
                remaining);
    }
}
