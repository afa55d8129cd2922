package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The clocks of this machine. */
class TimeSourceTest {
    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT0.000000001S", "PT10M"})
    void anInterruptedThreadDoesNotWaitHoweverShort(String pause) {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(() -> TimeSource.system().sleep(Duration.parse(pause)));
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aWaitLastsAtLeastAsLongAsItShould() throws InterruptedException {
        long before = System.nanoTime();
        TimeSource.system().sleep(Duration.ofMillis(2));
        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(2_000_000);
    }

    @Test
    void theyAreThoseOfTheJvm() {
        long before = System.nanoTime();
        long between = TimeSource.system().nanoTime();
        assertThat(between - before).isNotNegative();
        assertThat(System.nanoTime() - between).isNotNegative();
        assertThat(TimeSource.system().now()).isCloseTo(Instant.now(), within(1, ChronoUnit.HOURS));
    }
}
