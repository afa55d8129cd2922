package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.Ending;
import io.keywrap.provider.KekEvent.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What answers make of what is known of a KEK. */
class KekStatesTest extends StatesFixture {
    @Nested
    class Definite {
        @ParameterizedTest
        @EnumSource(
                value = Reason.class,
                mode = EnumSource.Mode.EXCLUDE,
                names = {"DENIED", "DELETED"})
        void revokesAtOnce(Reason reason) {
            works();
            time.advance(TICK);
            fails(failure -> new KekRevokedException(failure.rawCode("Raw"), reason));
            assertThat(state()).isEqualTo(KekState.REVOKED);
            assertThat(standing().since()).isEqualTo(time.now());
            assertThat(standing().cause())
                    .get()
                    .satisfies(cause -> assertThat(cause.rawCode()).contains("Raw"));
            assertThat(purges).hasSize(1);
            assertThat(told()).containsExactly(KekState.REVOKED);
            assertThat(changes().get(0).before().state()).isEqualTo(KekState.ACTIVE);
        }

        @Test
        void deletedIsDestroyed() {
            fails(failure -> new KekRevokedException(failure, Reason.DELETED));
            assertThat(state()).isEqualTo(KekState.DESTROYED);
            assertThat(purges).hasSize(1);
        }

        @Test
        void successThatWasSentAfterwardsEndsIt() {
            fails(StatesFixture::disabled);
            time.advance(TICK);
            works();
            assertThat(state()).isEqualTo(KekState.ACTIVE);
            assertThat(standing().cause()).isEmpty();
            assertThat(told()).containsExactly(KekState.REVOKED, KekState.ACTIVE);
            assertThat(returnedBy).containsExactly(time.nanoTime());
            assertThat(returned).containsExactly(new KekVersion(KEK, "1"));
        }

        @Test
        void successThatWasSentBeforeOrAtTheSameMomentDoesNot() {
            long sent = time.nanoTime();
            time.advance(TICK);
            fails(StatesFixture::disabled);
            worksSent(sent);
            worksSent(time.nanoTime());
            assertThat(state()).isEqualTo(KekState.REVOKED);
            assertThat(returned).isEmpty();
        }

        @Test
        void isToldOnceAndPurgesEachTime() {
            fails(StatesFixture::disabled);
            time.advance(Duration.ofSeconds(5));
            fails(StatesFixture::disabled);
            assertThat(told()).containsExactly(KekState.REVOKED);
            assertThat(purges).hasSize(2);
        }

        @Test
        void anotherReasonIsTold() {
            fails(StatesFixture::disabled);
            Instant deletion = time.now().plus(Duration.ofDays(7));
            fails(failure -> new KekRevokedException(failure, deletion));
            assertThat(told()).containsExactly(KekState.REVOKED, KekState.REVOKED);
            assertThat(standing().deletion()).contains(deletion);
        }

        @Test
        void denialTakesNothingBack() {
            fails(StatesFixture::disabled);
            fails(StatesFixture::denied);
            assertThat(state()).isEqualTo(KekState.REVOKED);
            assertThat(standing().cause().map(KekException::rawCode)).get().isEqualTo(Optional.of("DisabledException"));
        }
    }

    @Nested
    class Deletion {
        private static final Duration DAYS = Duration.ofDays(7);
        private final Instant day = time.now().plus(DAYS);

        private void pending() {
            fails(failure -> new KekRevokedException(failure, day));
        }

        @Test
        void isPresumedOnItsDayByAQuery() {
            pending();
            time.advance(DAYS.minusNanos(1));
            assertThat(state()).isEqualTo(KekState.REVOKED);
            time.advance(TICK);
            assertThat(state()).isEqualTo(KekState.DESTROYED);
            assertThat(told()).containsExactly(KekState.REVOKED, KekState.DESTROYED);
        }

        @Test
        void isPresumedByTheNextAnswerAlsoIfItIsNone() {
            pending();
            time.advance(DAYS);
            fails(StatesFixture::unreachable);
            assertThat(told()).endsWith(KekState.DESTROYED);
        }

        @Test
        void isNotPresumedForAWallClockThatJumps() {
            pending();
            time.setWall(day.plus(DAYS));
            assertThat(state()).isEqualTo(KekState.REVOKED);
            fails(StatesFixture::unreachable);
            assertThat(state()).isEqualTo(KekState.REVOKED);
            time.setWall(day.minus(DAYS)); // And one that is set back keeps its word.
            time.advance(DAYS.minusNanos(1));
            assertThat(told()).doesNotContain(KekState.DESTROYED);
            time.advance(TICK);
            assertThat(state()).isEqualTo(KekState.DESTROYED);
        }

        @Test
        void isNotPresumedByTheClockThatCountsTimeAlone() {
            pending();
            time.advance(DAYS);
            time.setWall(day.minusNanos(1));
            assertThat(state()).isEqualTo(KekState.REVOKED);
            time.setWall(day);
            assertThat(state()).isEqualTo(KekState.DESTROYED);
        }

        @Test
        void isNotPresumedWhereTheKmsSaysThatItStillPends() {
            pending();
            time.advance(DAYS);
            assertThat(state()).isEqualTo(KekState.DESTROYED);
            pending();
            assertThat(state()).isEqualTo(KekState.REVOKED);
            time.advance(HeardKek.LATE_DELETION.minusNanos(1));
            assertThat(state()).isEqualTo(KekState.REVOKED);
            time.advance(TICK);
            assertThat(state()).isEqualTo(KekState.DESTROYED);
        }

        @Test
        void wasCancelledIfItIsDisabledAfterwards() {
            pending();
            time.advance(DAYS);
            assertThat(state()).isEqualTo(KekState.DESTROYED);
            fails(StatesFixture::disabled);
            assertThat(state()).isEqualTo(KekState.REVOKED);
            assertThat(standing().deletion()).isEmpty();
        }

        @Test
        void keepsItsDayWhereALaterAnswerHasNone() {
            pending();
            fails(failure -> new KekRevokedException(failure, Reason.PENDING_DELETION));
            assertThat(standing().deletion()).contains(day);
        }

        @Test
        void isForgottenWhenItWorks() {
            pending();
            time.advance(TICK);
            works();
            time.advance(DAYS);
            assertThat(state()).isEqualTo(KekState.ACTIVE);
            assertThat(standing().deletion()).isEmpty();
        }
    }

    @Nested
    class Denied {
        @Test
        void isSuspectAndPurgesNothing() {
            fails(StatesFixture::denied);
            assertThat(state()).isEqualTo(KekState.SUSPECT);
            assertThat(purges).isEmpty();
        }

        @Test
        void isRevokedByTwoCanaries() {
            deniedUntilConfirmed(KEK);
            assertThat(state()).isEqualTo(KekState.REVOKED);
            assertThat(standing().cause()).get().isInstanceOf(KekRevokedException.class);
            assertThat(told()).containsExactly(KekState.SUSPECT, KekState.REVOKED);
            assertThat(purges).hasSize(1);
        }

        @Test
        void needsEachCanaryToBeLateEnough() {
            fails(StatesFixture::denied);
            time.advance(CONFIRMATION.minus(TICK));
            canaryDenied(); // Does not count.
            time.advance(CONFIRMATION);
            canaryDenied();
            assertThat(state()).isEqualTo(KekState.SUSPECT);
            time.advance(CONFIRMATION.minus(TICK));
            canaryDenied();
            assertThat(state()).isEqualTo(KekState.SUSPECT);
            time.advance(TICK);
            canaryDenied();
            assertThat(state()).isEqualTo(KekState.REVOKED);
        }

        @Test
        void isConfirmedByNoTraffic() {
            for (int i = 0; i < 100; i++) {
                fails(StatesFixture::denied);
                time.advance(CONFIRMATION);
            }
            assertThat(state()).isEqualTo(KekState.SUSPECT);
        }

        @Test
        void countsACanaryByWhenItWasSent() {
            fails(StatesFixture::denied);
            long tooEarly = time.nanoTime();
            time.advance(CONFIRMATION.multipliedBy(3));
            KekException late = denied(Failure.of(KEK, "late"));
            hear(KEK, Operation.UNWRAP, CallPurpose.CANARY, tooEarly, late);
            time.advance(CONFIRMATION);
            canaryDenied();
            assertThat(state()).isEqualTo(KekState.SUSPECT);
        }

        @Test
        void beginsAnewAfterASuccessThatWasSentInBetweenAndAnsweredLate() {
            fails(StatesFixture::denied);
            time.advance(CONFIRMATION);
            long between = time.nanoTime();
            time.advance(TICK);
            canaryDenied();
            worksSent(between); // Sent before the last refusal: it is suspect still.
            assertThat(state()).isEqualTo(KekState.SUSPECT);
            time.advance(CONFIRMATION);
            canaryDenied();
            time.advance(CONFIRMATION);
            canaryDenied();
            assertThat(state()).isEqualTo(KekState.SUSPECT);
            time.advance(CONFIRMATION);
            canaryDenied();
            assertThat(state()).isEqualTo(KekState.REVOKED);
        }

        @Test
        void isUndisturbedByASuccessThatWasSentBefore() {
            long before = time.nanoTime();
            time.advance(TICK);
            fails(StatesFixture::denied);
            time.advance(CONFIRMATION);
            canaryDenied();
            worksSent(before);
            time.advance(CONFIRMATION);
            canaryDenied();
            assertThat(state()).isEqualTo(KekState.REVOKED);
        }

        @Test
        void isWorkingAgainBySuccess() {
            deniedUntilConfirmed(KEK);
            time.advance(TICK);
            works();
            assertThat(state()).isEqualTo(KekState.ACTIVE);
        }
    }

    @Nested
    class NotFound {
        @Test
        void isRevokedIfItHasWorkedAndNeverDestroyed() {
            works();
            time.advance(TICK);
            fails(KekNotFoundException::new);
            assertThat(state()).isEqualTo(KekState.REVOKED);
            assertThat(purges).hasSize(1);
        }

        @Test
        void isConfirmedLikeADenialIfItHasNot() {
            fails(KekNotFoundException::new);
            assertThat(state()).isEqualTo(KekState.SUSPECT);
            for (int i = 0; i < 2; i++) {
                time.advance(CONFIRMATION);
                fails(KEK, CallPurpose.CANARY, KekNotFoundException::new);
            }
            assertThat(state()).isEqualTo(KekState.REVOKED);
            assertThat(standing().cause()).get().isInstanceOf(KekNotFoundException.class);
        }

        @Test
        void isAMistypedNameForWhatHasNeverWrapped() {
            KekException missing = new KekNotFoundException(Failure.of(KEK, "no such key"));
            hear(KEK, Operation.WRAP, CallPurpose.FOREGROUND, time.nanoTime(), missing);
            KekStanding wraps = states.of(KEK, "", Operation.WRAP).orElseThrow();
            assertThat(wraps.state()).isEqualTo(KekState.ACTIVE);
            assertThat(wraps.cause()).get().isInstanceOf(KekNotFoundException.class);
        }
    }

    @Nested
    class Ours {
        @Test
        void changesNothingAndIsShown() {
            works();
            for (KekException ours : List.of(
                    new KekConfigurationException(Failure.of(KEK, "expired credentials")),
                    new InvalidWrappedDekException(Failure.of(KEK, "another context")))) {
                time.advance(CONFIRMATION);
                hear(KEK, Operation.UNWRAP, CallPurpose.CANARY, time.nanoTime(), ours);
                assertThat(state()).isEqualTo(KekState.ACTIVE);
                assertThat(standing().reach()).isEqualTo(KekReach.ANSWERS);
                assertThat(standing().cause()).get().hasToString(ours.toString());
            }
            assertThat(events).isEmpty();
            works();
            assertThat(standing().cause()).isEmpty();
        }
    }

    @Nested
    class Operations {
        @Test
        void sayNothingOfEachOther() {
            fails(StatesFixture::disabled);
            time.advance(TICK);
            hear(KEK, Operation.WRAP, CallPurpose.FOREGROUND, time.nanoTime(), null);
            hear(KEK, Operation.GENERATE, CallPurpose.FOREGROUND, time.nanoTime(), denied(Failure.of(KEK, "no")));
            assertThat(state()).isEqualTo(KekState.REVOKED);
            KekStanding wraps = states.of(KEK, "1", Operation.WRAP).orElseThrow();
            assertThat(wraps.state()).isEqualTo(KekState.ACTIVE);
            assertThat(wraps.version()).isEqualTo("1");
            assertThat(states.worst(KEK)).get().returns(Operation.UNWRAP, KekStanding::operation);
            assertThat(states.all()).hasSize(3);
        }

        @Test
        void otherThanUnwrapPurgeNothing() {
            hear(KEK, Operation.WRAP, CallPurpose.FOREGROUND, time.nanoTime(), disabled(Failure.of(KEK, "off")));
            assertThat(states.worst(KEK)).get().returns(KekState.REVOKED, KekStanding::state);
            assertThat(purges).isEmpty();
        }
    }

    @Test
    void ofManyThoseAreForgottenThatWereNotHeardOfForLongest() {
        for (int i = 0; i < KekStates.MOST; i++) {
            hear(KekId.of("fake:" + i), Operation.UNWRAP, CallPurpose.CANARY, time.nanoTime(), null);
        }
        hear(KekId.of("fake:0"), Operation.UNWRAP, CallPurpose.CANARY, time.nanoTime(), null);
        fails(StatesFixture::disabled);
        hear(KekId.of("fake:3"), Operation.WRAP, CallPurpose.CANARY, time.nanoTime(), null);
        assertThat(states.all()).hasSize(KekStates.MOST);
        assertThat(states.worst(KekId.of("fake:0"))).isPresent();
        assertThat(states.worst(KekId.of("fake:1"))).isEmpty();
        hear(KekId.of("fake:3"), Operation.GENERATE, CallPurpose.CANARY, time.nanoTime(), null);
        assertThat(states.of(KekId.of("fake:3"), "", Operation.WRAP)).isPresent();
        assertThat(state()).isEqualTo(KekState.REVOKED);
    }

    @Test
    void deadlinesAreTold() {
        DeadlineNear near = new DeadlineNear(KEK, "1", Ending.EXPIRY, time.now(), 2, 5);
        states.announce(near);
        assertThat(events).containsExactly(near);
    }
}
