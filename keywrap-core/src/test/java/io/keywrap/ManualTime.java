package io.keywrap;

import java.time.Duration;
import java.time.Instant;

/** Clocks that stand still until a test moves them. */
public final class ManualTime implements TimeSource {
    /** Near the end of its range, so that every test also passes the overflow. */
    private volatile long nanos = Long.MAX_VALUE - 5;

    private volatile Instant wall = Instant.parse("2026-11-01T00:00:00Z");

    public synchronized void advance(Duration by) {
        nanos += by.toNanos();
        wall = wall.plus(by);
    }

    /** Nobody waits: the clocks move on. */
    @Override
    public void sleep(Duration duration) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        advance(duration);
    }

    /** Sets the wall clock alone, as an operator or NTP does. */
    public void setWall(Instant instant) {
        wall = instant;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public Instant now() {
        return wall;
    }
}
