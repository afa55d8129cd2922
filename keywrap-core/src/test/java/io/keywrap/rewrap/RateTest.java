package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When calls may be made, on a clock of its own. */
class RateTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private long now = 5_000;

    private void take(Rate rate) {
        now += rate.waitNanos(now);
    }

    private double callsIn(Rate rate, long nanos) {
        long end = now + nanos;
        int calls = 0;
        while (now < end) {
            take(rate);
            calls++;
        }
        return calls;
    }

    @Test
    void callsComeAtTheRate() {
        Rate rate = new Rate(50, now);
        assertThat(callsIn(rate, 10 * SECOND)).isCloseTo(500, within(10.0));
    }

    @Test
    void fractionsOfACallASecondAreARateToo() {
        Rate rate = new Rate(0.01, now);
        take(rate);
        long first = now;
        take(rate);
        assertThat(now - first).isCloseTo(100 * SECOND, within(SECOND));
    }

    @Test
    void whatWasNotTakenForLongIsNotCaughtUpOn() {
        Rate rate = new Rate(50, now);
        take(rate);
        now += 60 * SECOND;
        assertThat(callsIn(rate, SECOND)).isLessThanOrEqualTo(50 + 6);
    }

    @Test
    void afterAPauseATenthOfASecondIsCaughtUpOnAtOnceAndNoMore() {
        Rate rate = new Rate(50, now);
        take(rate);
        now += 60 * SECOND;
        for (int i = 0; i < 6; i++) { // One for just now, and five that are late by 20 ms each.
            assertThat(rate.waitNanos(now)).isZero();
        }
        assertThat(rate.waitNanos(now)).isEqualTo(SECOND / 50);
        assertThat(rate.waitNanos(now)).isEqualTo(2 * SECOND / 50);
    }

    @Test
    void whatIsThrottledIsAskedAtHalfTheRate() {
        Rate rate = new Rate(50, now);
        rate.slower(now);
        assertThat(rate.waitNanos(now)).isZero();
        assertThat(rate.waitNanos(now)).isEqualTo(2 * SECOND / 50);
        assertThat(rate.waitNanos(now)).isEqualTo(4 * SECOND / 50);
    }

    @Test
    void lateThreadsDoNotMakeItSlower() {
        Rate rate = new Rate(50, now);
        long began = now;
        for (int i = 0; i < 500; i++) {
            take(rate);
            now += TimeUnit.MILLISECONDS.toNanos(5); // Late by less than the next turn.
        }
        assertThat(now - began).isCloseTo(10 * SECOND, within(SECOND / 4));
    }

    @Test
    void throttledIsHalvedOnceASecondAndComesBackSlowly() {
        Rate rate = new Rate(100, now);
        rate.slower(now);
        rate.slower(now);
        assertThat(rate.perSecond()).isEqualTo(50);
        now += SECOND;
        rate.slower(now);
        assertThat(rate.perSecond()).isEqualTo(25);
        now += SECOND;
        take(rate);
        assertThat(rate.perSecond()).isCloseTo(30, within(0.5));
        now += 60 * SECOND;
        take(rate);
        assertThat(rate.perSecond()).isEqualTo(100);
    }

    @Test
    void throttledNowAndThenItBecomesSlowerAllTheSame() {
        Rate rate = new Rate(100, now);
        for (int i = 0; i < 200; i++) {
            now += SECOND / 10;
            rate.waitNanos(now); // Comes back a little, and is throttled just then.
            rate.slower(now);
        }
        assertThat(rate.perSecond()).isLessThan(20);
    }

    @Test
    void itNeverComesToAStop() {
        Rate rate = new Rate(64, now);
        for (int i = 0; i < 100; i++) {
            now += SECOND;
            rate.slower(now);
        }
        assertThat(rate.perSecond()).isEqualTo(1);
    }
}
