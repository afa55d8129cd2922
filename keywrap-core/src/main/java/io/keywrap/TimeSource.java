package io.keywrap;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Where keywrap takes the time from; tests give their own.
 *
 * <p>Every deadline counts on {@link #nanoTime()}, so that a wall clock set forward or back changes nothing.
 *
 * <p><b>Thread safety:</b> implementations are thread-safe.
 */
public interface TimeSource {
    /**
     * A clock that only ever goes forward.
     *
     * @return nanoseconds since an arbitrary origin, as {@link System#nanoTime()}
     */
    long nanoTime();

    /**
     * The wall clock, for records and events.
     *
     * @return the present instant
     */
    Instant now();

    /**
     * Waits. Tests give a clock that moves on instead.
     *
     * @param duration how long, not negative
     * @throws InterruptedException if the thread was or is interrupted; its flag is cleared then
     */
    default void sleep(Duration duration) throws InterruptedException {
        if (Thread.interrupted()) {
            // The JDK does not look if there is nothing to wait for.
            throw new InterruptedException();
        }
        TimeUnit.NANOSECONDS.sleep(duration.toNanos());
    }

    /**
     * The clocks of this machine.
     *
     * @return the system's time source
     */
    static TimeSource system() {
        return SystemTime.INSTANCE;
    }
}
