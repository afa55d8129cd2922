package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.Deadline;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ManualTimeTest {
    private static final Instant START = Instant.parse("2026-11-25T08:00:00Z");

    private final ManualTime time = ManualTime.startingAt(START);

    @Test
    void standsStillUntilItIsMoved() {
        assertThat(time.now()).isEqualTo(START);
        long before = time.nanoTime();
        assertThat(time.nanoTime()).isEqualTo(before);
        time.advance(Duration.ofMinutes(5));
        assertThat(time.nanoTime() - before).isEqualTo(Duration.ofMinutes(5).toNanos());
        assertThat(time.now()).isEqualTo(START.plus(Duration.ofMinutes(5)));
    }

    @Test
    void deadlinesPassToTheNanosecondAndWithoutTheWallClock() {
        Deadline deadline = Deadline.after(Duration.ofSeconds(10), time);
        time.setWallClock(START.plusSeconds(3600));
        assertThat(deadline.expired()).isFalse();
        time.advance(Duration.ofSeconds(10).minusNanos(1)).setWallClock(START.minusSeconds(3600));
        assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(1));
        assertThat(deadline.expired()).isFalse();
        time.advance(Duration.ofNanos(1));
        assertThat(deadline.expired()).isTrue();
        assertThat(deadline.remaining()).isZero();
    }

    @Test
    void neverGoesBack() {
        assertThatIllegalArgumentException().isThrownBy(() -> time.advance(Duration.ofNanos(-1)));
        assertThat(time.now()).isEqualTo(START);
    }
}
