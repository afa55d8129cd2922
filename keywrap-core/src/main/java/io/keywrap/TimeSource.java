package io.keywrap;

import java.time.Instant;

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
     * The clocks of this machine.
     *
     * @return the system's time source
     */
    static TimeSource system() {
        return SystemTime.INSTANCE;
    }
}
