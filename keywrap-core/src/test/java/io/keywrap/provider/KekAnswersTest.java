package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.ServiceOutage;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one answer makes of those before it, in whatever order they come. */
class KekAnswersTest extends StatesFixture {
    private static final Duration LATER = Duration.ofSeconds(10);

    @Nested
    class ASuccess {
        /** Wherever the clock's numbers pass their largest one. */
        @ParameterizedTest
        @ValueSource(longs = {0, 1, 10, 1_000_000_000})
        void thatWasSentBeforeADenialOrWithItIsNoneInBetween(long nanos) {
            time.advance(Duration.ofNanos(nanos));
            long before = time.nanoTime();
            time.advance(TICK);
            fails(StatesFixture::denied);
            long with = time.nanoTime();
            time.advance(CONFIRMATION);
            canaryDenied();
            worksSent(before);
            worksSent(with);
            time.advance(CONFIRMATION);
            canaryDenied();
            assertThat(state()).isEqualTo(KekState.REVOKED);
        }

        @Test
        void namesTheVersionThatHasDoneItLast() {
            wrapsBy("1");
            wrapsBy("2");
            assertThat(wraps().version()).isEqualTo("2");
            wrapsBy(""); // Of a KMS that does not tell.
            assertThat(wraps().version()).isEqualTo("2");
        }

        private void wrapsBy(String version) {
            states.hear(new KekAnswer(
                    KEK, version, Operation.WRAP, CallPurpose.FOREGROUND, Place.of(KEK), time.nanoTime(), null));
        }

        private KekStanding wraps() {
            return states.of(KEK, "", Operation.WRAP).orElseThrow();
        }
    }

    @Nested
    class ARefusal {
        @Test
        void forAnotherReasonIsToldAlsoWhereNoDayIsKnown() {
            fails(StatesFixture::disabled);
            fails(failure -> new KekRevokedException(failure, Reason.EXPIRED));
            assertThat(told()).containsExactly(KekState.REVOKED, KekState.REVOKED);
        }

        @Test
        void thatIsRepeatedIsNoComingAndGoing() {
            for (int i = 0; i < 5; i++) {
                fails(StatesFixture::disabled);
                time.advance(LATER);
            }
            assertThat(purges).hasSize(5).extracting(HeardKek.Refusal::damped).containsOnly(false);
            works();
            assertThat(state()).isEqualTo(KekState.ACTIVE);
        }
    }

    @Nested
    class OfWhatIsNotFound {
        @BeforeEach
        void worked() {
            works();
            time.advance(TICK);
        }

        @Test
        void takesBackNothingThatWasSaidOfIt() {
            fails(StatesFixture::disabled);
            fails(KekNotFoundException::new);
            assertThat(standing().cause().map(KekException::rawCode)).contains(Optional.of("DisabledException"));
        }

        @Test
        void endsAnOutage() {
            fails(StatesFixture::unreachable);
            time.advance(TICK);
            fails(KekNotFoundException::new);
            assertThat(standing().reach()).isEqualTo(KekReach.ANSWERS);
        }

        @Test
        void isNoMistakeOfOursAnyMore() {
            fails(KekConfigurationException::new);
            fails(KekNotFoundException::new);
            assertThat(standing().ownFailure()).isEmpty();
        }
    }

    @Test
    void anOutageThatIsAnnouncedIsToldAtOnce() {
        ServiceOutage outage = new ServiceOutage(KEK, "a cloud", 3, false);
        states.announce(outage);
        assertThat(events).containsExactly(outage);
    }

    /** It is an answer. */
    @Test
    void aDenialEndsAnOutageAndIsNoMistakeOfOursAnyMore() {
        works();
        fails(KekConfigurationException::new);
        fails(StatesFixture::unreachable);
        assertThat(standing().reach()).isEqualTo(KekReach.UNREACHABLE);
        time.advance(TICK);
        fails(StatesFixture::denied);
        assertThat(standing().reach()).isEqualTo(KekReach.ANSWERS);
        assertThat(standing().ownFailure()).isEmpty();
    }

    /** Not found, by one that has never worked, is a denial as any other. */
    @Test
    void whatWasNeverFoundIsConfirmedByCanariesAlone() {
        fails(KekNotFoundException::new);
        time.advance(CONFIRMATION);
        fails(KEK, CallPurpose.CANARY, KekNotFoundException::new);
        time.advance(CONFIRMATION.minus(TICK));
        fails(KEK, CallPurpose.CANARY, KekNotFoundException::new);
        fails(KekNotFoundException::new);
        assertThat(state()).isEqualTo(KekState.SUSPECT);
        time.advance(TICK);
        fails(KekNotFoundException::new);
        assertThat(state()).isEqualTo(KekState.SUSPECT);
        fails(KEK, CallPurpose.CANARY, KekNotFoundException::new);
        assertThat(state()).isEqualTo(KekState.REVOKED);
    }

    /** That needs a right of its own. */
    @Test
    void whatAKekDoesNotTellOfItselfIsNotTheWorstOfIt() {
        works();
        hear(KEK, Operation.STATUS, CallPurpose.CANARY, time.nanoTime(), denied(Failure.of(KEK, "no")));
        assertThat(states.all()).hasSize(2);
        assertThat(states.worst(KEK)).get().returns(KekState.ACTIVE, KekStanding::state);
    }

    @Nested
    class AStanding {
        @Test
        void tellsWhereItIsAndSinceWhenItIsOutOfReach() {
            works();
            Instant first = time.now();
            time.advance(LATER);
            fails(StatesFixture::unreachable);
            Instant outage = time.now();
            time.advance(LATER);
            fails(StatesFixture::unreachable);
            assertThat(standing().place()).isEqualTo(Place.of(KEK));
            assertThat(standing().since()).isEqualTo(first);
            assertThat(standing().reachSince()).isEqualTo(outage);
            assertThat(standing().heardAt()).isEqualTo(time.now());
            assertThat(standing().cause()).get().isInstanceOf(KekUnreachableException.class);
            assertThat(standing())
                    .hasToString("KekStanding[fake:customer version \"1\", UNWRAP: ACTIVE since " + first
                            + ", UNREACHABLE]");
        }
    }

    @Test
    void anOutageIsTellableFromAnotherState() {
        fails(StatesFixture::unreachable);
        time.advance(TICK);
        fails(StatesFixture::disabled);
        assertThat(changes()).extracting(KekEvent.StateChanged::ofState).containsExactly(false, true);
    }
}
