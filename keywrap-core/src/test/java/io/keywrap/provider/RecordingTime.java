package io.keywrap.provider;

import io.keywrap.ManualTime;
import io.keywrap.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A manual clock that writes down how long it was asked to wait, and may oversleep. */
record RecordingTime(ManualTime clock, List<Duration> pauses, Duration oversleep) implements TimeSource {
    RecordingTime(ManualTime clock, List<Duration> pauses) {
        this(clock, pauses, Duration.ZERO);
    }

    @Override
    public long nanoTime() {
        return clock.nanoTime();
    }

    @Override
    public Instant now() {
        return clock.now();
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        clock.sleep(duration);
        clock.advance(oversleep);
        pauses.add(duration);
    }
}
