package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A deadline counts on the monotonic clock alone, also where that clock overflows. */
class DeadlineTest {
    private final ManualTime time = new ManualTime();

    @Test
    void countsDownToZeroAndNoFurther() {
        Deadline deadline = Deadline.after(Duration.ofSeconds(10), time);
        assertThat(deadline.remaining()).isEqualTo(Duration.ofSeconds(10));

        time.advance(Duration.ofSeconds(4));
        assertThat(deadline.remaining()).isEqualTo(Duration.ofSeconds(6));
        assertThat(deadline.expired()).isFalse();

        time.advance(Duration.ofSeconds(60));
        assertThat(deadline.remaining()).isZero();
        assertThat(deadline.expired()).isTrue();
    }

    @Test
    void expiresExactlyAtItsNanosecond() {
        Deadline deadline = Deadline.after(Duration.ofSeconds(10), time);
        time.advance(Duration.ofSeconds(10).minusNanos(1));
        assertThat(deadline.expired()).isFalse();
        time.advance(Duration.ofNanos(1));
        assertThat(deadline.expired()).isTrue();
    }

    @Test
    void ofNoTimeHasExpiredAtOnce() {
        assertThat(Deadline.after(Duration.ZERO, time).expired()).isTrue();
    }

    @Test
    void doesNotHeedTheWallClock() {
        Deadline deadline = Deadline.after(Duration.ofSeconds(10), time);
        time.setWall(Instant.parse("2036-01-01T00:00:00Z"));
        assertThat(deadline.remaining()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void saysWhyTheCallIsMadeAndSoDoItsParts() {
        Deadline canary = Deadline.of(CallPurpose.CANARY, Duration.ofSeconds(10), time);
        assertThat(canary.purpose()).isEqualTo(CallPurpose.CANARY);
        assertThat(canary.within(Duration.ofSeconds(4)).purpose()).isEqualTo(CallPurpose.CANARY);
        assertThat(Deadline.after(Duration.ofSeconds(10), time).purpose()).isEqualTo(CallPurpose.FOREGROUND);
    }

    @Test
    void refusesANegativeBudget() {
        assertThatIllegalArgumentException().isThrownBy(() -> Deadline.after(Duration.ofNanos(-1), time));
    }

    @Test
    void saysHowMuchIsLeft() {
        assertThat(Deadline.after(Duration.ofMillis(9500), time)).hasToString("Deadline[PT9.5S left]");
    }

    @Test
    void aPartHasItsOwnDeadlineButNoLaterOne() {
        ManualTime time = new ManualTime();
        Deadline whole = Deadline.after(Duration.ofSeconds(10), time);
        assertThat(whole.within(Duration.ofSeconds(4)).remaining()).isEqualTo(Duration.ofSeconds(4));
        assertThat(whole.within(Duration.ofSeconds(10))).isSameAs(whole);
        assertThat(whole.within(Duration.ofHours(1))).isSameAs(whole);
        time.advance(Duration.ofSeconds(11));
        assertThat(whole.within(Duration.ZERO).expired()).isTrue();
    }
}
