package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekState;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** How long a KEK is left alone after an answer. */
class MonitorOptionsTest {
    private static final RandomGenerator LEAST = () -> 0;
    private static final RandomGenerator MOST = () -> -1;

    private final MonitorOptions options = options(60);

    private static MonitorOptions options(int inUseSeconds) {
        return new MonitorOptions(
                Duration.ofSeconds(inUseSeconds),
                Duration.ofMinutes(5),
                Duration.ofMinutes(15),
                Duration.ofSeconds(30),
                20,
                10,
                8,
                true);
    }

    private static Duration rest(MonitorOptions options, KekState state, KekReach reach, int alike, boolean used) {
        return Duration.ofNanos(options.restNanos(state, reach, alike, used));
    }

    @Test
    void whatIsWellIsAskedAsTheBuilderSays() {
        assertThat(rest(options, KekState.ACTIVE, KekReach.ANSWERS, 7, true)).isEqualTo(Duration.ofMinutes(1));
        assertThat(rest(options, KekState.ACTIVE, KekReach.ANSWERS, 7, false)).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void aDenialIsConfirmedEveryFiveSecondsUnlessTheServiceIsSilent() {
        for (int alike = 0; alike < 5; alike++) {
            assertThat(rest(options, KekState.SUSPECT, KekReach.ANSWERS, alike, false))
                    .isEqualTo(Duration.ofSeconds(5));
        }
        assertThat(rest(options, KekState.SUSPECT, KekReach.UNREACHABLE, 0, true))
                .isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void whatIsRevokedIsAskedEachTimeAfterTwiceAsLongUpToTenMinutes() {
        int[] seconds = {30, 60, 120, 240, 480, 600, 600};
        for (int alike = 0; alike < seconds.length; alike++) {
            assertThat(rest(options, KekState.REVOKED, KekReach.ANSWERS, alike, true))
                    .isEqualTo(Duration.ofSeconds(seconds[alike]));
        }
        assertThat(rest(options, KekState.REVOKED, KekReach.ANSWERS, 1_000, true))
                .isEqualTo(Duration.ofMinutes(10));
        assertThat(rest(options(5), KekState.REVOKED, KekReach.ANSWERS, 0, true))
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(rest(options(5), KekState.REVOKED, KekReach.ANSWERS, 100, true))
                .isEqualTo(Duration.ofMinutes(10));
        assertThat(rest(options, KekState.DESTROYED, KekReach.ANSWERS, 0, true)).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void whatIsSilentIsAskedEachTimeAfterTwiceAsLongUpToFiveMinutes() {
        int[] seconds = {15, 30, 60, 120, 240, 300, 300};
        for (KekReach silent : new KekReach[] {KekReach.UNREACHABLE, KekReach.THROTTLED}) {
            for (int alike = 0; alike < seconds.length; alike++) {
                assertThat(rest(options, KekState.ACTIVE, silent, alike, false))
                        .isEqualTo(Duration.ofSeconds(seconds[alike]));
            }
        }
    }

    @Test
    void jitterIsAFifthMoreOrLessAndOfAConfirmationOnlyMore() {
        assertThat(MonitorOptions.jittered(1_000_000, false, LEAST)).isEqualTo(800_000);
        assertThat(MonitorOptions.jittered(1_000_000, false, MOST)).isBetween(1_199_999L, 1_200_000L);
        assertThat(MonitorOptions.jittered(1_000_000, true, LEAST)).isEqualTo(1_000_000);
        assertThat(MonitorOptions.jittered(1_000_000, true, MOST)).isBetween(1_199_999L, 1_200_000L);
    }

    @Test
    void theLongestTimesHaveTheirJitterInThem() {
        assertThat(options.longestInUse()).isEqualTo(Duration.ofSeconds(72));
        assertThat(MonitorOptions.longestConfirmation()).isEqualTo(Duration.ofSeconds(12));
        assertThat(options.poll()).isEqualTo(Duration.ofSeconds(10));
    }
}
