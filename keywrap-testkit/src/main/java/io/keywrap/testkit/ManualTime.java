package io.keywrap.testkit;

import io.keywrap.TimeSource;
import java.time.Duration;
import java.time.Instant;

/**
 * A time source that stands still until a test moves it.
 *
 * <p>The clock that deadlines count on and the wall clock move together in {@link #advance}; {@link #setWallClock} moves
 * the wall clock alone, as an operator or NTP may, which must change nothing in keywrap.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class ManualTime implements TimeSource {
    private long nanos;
    private Instant wall;

    private ManualTime(Instant wall) {
        this.wall = wall;
    }

    /**
     * Time that stands still at an instant.
     *
     * @param wall what the wall clock shows
     * @return the time source
     */
    public static ManualTime startingAt(Instant wall) {
        return new ManualTime(wall);
    }

    /**
     * Moves both clocks forward.
     *
     * @param duration how far, not negative
     * @return this
     * @throws IllegalArgumentException if it is negative: the clock of deadlines never goes back
     */
    public synchronized ManualTime advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("time only goes forward, not by " + duration);
        }
        nanos += duration.toNanos();
        wall = wall.plus(duration);
        return this;
    }

    /** Moves both clocks forward until that of deadlines shows a time, unless it does so already. */
    synchronized void advanceTo(long nanoTime) {
        advance(Duration.ofNanos(Math.max(0, nanoTime - nanos)));
    }

    /**
     * Nobody waits: both clocks move on instead, counted from the beginning of the wait, so that several threads wait in
     * the same time.
     *
     * @param duration how long the wait would be
     * @throws InterruptedException if the thread was interrupted; its flag is cleared then
     */
    @Override
    public void sleep(Duration duration) throws InterruptedException {
        long until = nanoTime() + duration.toNanos();
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before a wait of " + duration);
        }
        advanceTo(until);
    }

    /**
     * Sets the wall clock alone, forward or back.
     *
     * @param instant what it shows from now on
     * @return this
     */
    public synchronized ManualTime setWallClock(Instant instant) {
        wall = instant;
        return this;
    }

    @Override
    public synchronized long nanoTime() {
        return nanos;
    }

    @Override
    public synchronized Instant now() {
        return wall;
    }

    /**
     * What the clocks show.
     *
     * @return such as {@code ManualTime[2026-11-25T08:00:00Z, PT5M since the start]}
     */
    @Override
    public synchronized String toString() {
        return "ManualTime[" + wall + ", " + Duration.ofNanos(nanos) + " since the start]";
    }
}
