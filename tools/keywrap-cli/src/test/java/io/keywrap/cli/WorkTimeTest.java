package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.Deadline;
import io.keywrap.TimeSource;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How long a person takes is no part of a deadline. */
class WorkTimeTest {
    private Duration past = Duration.ZERO;
    private final WorkTime time = new WorkTime(new TimeSource() {
        @Override
        public long nanoTime() {
            return past.toNanos();
        }

        @Override
        public Instant now() {
            return Instant.EPOCH.plus(past);
        }
    });
    private final Deadline deadline = Deadline.after(Duration.ofSeconds(10), time);

    private void pass(int seconds) {
        past = past.plusSeconds(seconds);
    }

    @Test
    void workUsesUpTheTimeAndWaitingForAPersonDoesNot() {
        pass(3);
        String answer = time.leaveOut(() -> {
            pass(600);
            assertThat(deadline.remaining()).hasSeconds(7);
            return "typed";
        });
        pass(2);

        assertThat(answer).isEqualTo("typed");
        assertThat(deadline.remaining()).hasSeconds(5);
        assertThat(time.now()).isEqualTo(Instant.EPOCH.plusSeconds(605));
    }

    @Test
    void theTimeGoesOnAfterAPersonWhoGivesUp() {
        assertThatIllegalStateException()
                .isThrownBy(() -> time.leaveOut(() -> {
                    pass(600);
                    throw new IllegalStateException("no password");
                }));
        pass(10);

        assertThat(deadline.expired()).isTrue();
    }
}
