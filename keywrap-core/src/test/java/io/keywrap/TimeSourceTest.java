package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
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
}
