package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.KekException.Failure;
import io.keywrap.KekThrottledException;
import io.keywrap.provider.KekEvent.Operation;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What is silent says nothing of its state, and what comes and goes is believed late. */
class KekDampingTest extends StatesFixture {
    @Nested
    class Silent {
        @Test
        void changesTheReachAlone() {
            fails(StatesFixture::disabled);
            fails(KekThrottledException::new);
            assertThat(standing().reach()).isEqualTo(KekReach.THROTTLED);
            fails(StatesFixture::unreachable);
            assertThat(standing().reach()).isEqualTo(KekReach.UNREACHABLE);
            assertThat(state()).isEqualTo(KekState.REVOKED);
            time.advance(TICK);
            fails(StatesFixture::disabled);
            assertThat(standing().reach()).isEqualTo(KekReach.ANSWERS);
        }

        @Test
        void saysNothingIfOneThatWasSentLaterWasAnswered() {
            long early = time.nanoTime();
            time.advance(Duration.ofSeconds(4));
            works();
            time.advance(Duration.ofSeconds(1));
            hear(KEK, Operation.UNWRAP, CallPurpose.FOREGROUND, early, unreachable(Failure.of(KEK, "timed out")));
            assertThat(standing().reach()).isEqualTo(KekReach.ANSWERS);
            assertThat(events).isEmpty();
        }

        @Test
        void neverRevokesHoweverLong() {
            for (int i = 0; i < 1_000; i++) {
                time.advance(Duration.ofMinutes(1));
                fails(KEK, CallPurpose.CANARY, i % 2 == 0 ? KekThrottledException::new : StatesFixture::unreachable);
            }
            assertThat(state()).isEqualTo(KekState.ACTIVE);
        }

        @Test
        void inEveryOtherCallIsToldFiveTimes() {
            for (int i = 0; i < 1_000; i++) {
                time.advance(Duration.ofSeconds(1));
                if (i % 2 == 0) {
                    fails(KekThrottledException::new);
                } else {
                    works();
                }
            }
            // Away and back, away and back, and away until all is well for a minute.
            assertThat(changes()).hasSize(5);
        }
    }

    @Nested
    class ComingAndGoing {
        private void comeAndGo(Duration between) {
            for (int i = 0; i < 2; i++) {
                fails(StatesFixture::disabled);
                time.advance(between);
                works();
                time.advance(between);
            }
            fails(StatesFixture::disabled);
        }

        @Test
        void theThirdTimeInTenMinutesTakesAMinuteWithoutARefusal() {
            comeAndGo(Duration.ofSeconds(150)); // The third begins ten minutes after the first.
            assertThat(purges).extracting(HeardKek.Refusal::damped).containsExactly(false, false, true);
            time.advance(Damping.QUIET.minus(TICK));
            works();
            assertThat(state()).isEqualTo(KekState.REVOKED);
            time.advance(TICK);
            works();
            assertThat(state()).isEqualTo(KekState.ACTIVE);
        }

        @Test
        void theThirdTimeInLongerIsLikeTheFirst() {
            comeAndGo(Duration.ofSeconds(150).plus(TICK));
            assertThat(purges).extracting(HeardKek.Refusal::damped).containsOnly(false);
            time.advance(TICK);
            works();
            assertThat(state()).isEqualTo(KekState.ACTIVE);
        }

        @Test
        void aRefusalBeginsTheMinuteAnew() {
            comeAndGo(Duration.ofSeconds(1));
            time.advance(Damping.QUIET.minus(TICK));
            fails(StatesFixture::disabled);
            time.advance(Damping.QUIET.minus(TICK));
            works();
            assertThat(state()).isEqualTo(KekState.REVOKED);
        }

        @Test
        void denialsThatComeAndGoAreConfirmedByAMinuteOfThem() {
            for (int i = 0; i < 2; i++) {
                fails(StatesFixture::denied);
                time.advance(Duration.ofSeconds(1));
                works();
                time.advance(Duration.ofSeconds(1));
            }
            for (Duration denied = Duration.ZERO;
                    denied.compareTo(Damping.QUIET) < 0;
                    denied = denied.plus(CONFIRMATION)) {
                canaryDenied();
                assertThat(state()).isEqualTo(KekState.SUSPECT);
                time.advance(CONFIRMATION);
            }
            canaryDenied();
            assertThat(state()).isEqualTo(KekState.REVOKED);
        }

        @Test
        void aSuspicionThatComesAndGoesStaysForFiveMinutes() {
            for (int i = 0; i < 3; i++) {
                fails(StatesFixture::denied);
                time.advance(Duration.ofSeconds(1));
                works();
            }
            time.advance(Damping.LONG_QUIET.minusSeconds(1).minus(TICK));
            works();
            assertThat(state()).isEqualTo(KekState.SUSPECT);
            time.advance(TICK);
            works();
            assertThat(state()).isEqualTo(KekState.ACTIVE);
        }
    }
}
