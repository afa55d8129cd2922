package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.CallPurpose;
import io.keywrap.Deadline;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls that failed for a while only are repeated until their deadline, and no others. */
class RetryTest {
    private static final KekId KEK = KekId.of("odd:key");
    private static final Duration BUDGET = Duration.ofSeconds(10);

    private final List<Duration> pauses = new ArrayList<>();
    private final ManualTime clock = new ManualTime();
    private final Deque<KekException> failures = new ArrayDeque<>();
    private double random = 1;
    private int calls;
    private final RetryingKeyProvider provider =
            new RetryingKeyProvider(new OddFactory().create(KEK), new RecordingTime(clock, pauses), () -> random);

    private static KekException throttled(Duration retryAfter) {
        return new KekThrottledException(Failure.of(KEK, "too many calls").retryAfter(retryAfter));
    }

    private static KekException unreachable() {
        return new KekUnreachableException(Failure.of(KEK, "no answer"));
    }

    private Status ask(Duration budget) {
        return ask(Deadline.after(budget, clock));
    }

    private Status ask(Deadline deadline) {
        return provider.call(Operation.STATUS, deadline, () -> {
            calls++;
            KekException failure = failures.poll();
            if (failure != null) {
                throw failure;
            }
            return Status.unknown();
        });
    }

    @Nested
    class AfterATransientFailure {
        @Test
        void theCallIsMadeAgainAfterABoundThatDoublesUpToTwoSeconds() {
            for (int i = 0; i < 7; i++) {
                failures.add(i % 2 == 0 ? throttled(null) : unreachable());
            }
            ask(BUDGET);
            assertThat(calls).isEqualTo(8);
            assertThat(pauses)
                    .containsExactly(
                            millis(100),
                            millis(200),
                            millis(400),
                            millis(800),
                            millis(1600),
                            millis(2000),
                            millis(2000));
        }

        @Test
        void thePauseIsRandomBetweenNothingAndTheBound() {
            failures.add(unreachable());
            failures.add(unreachable());
            failures.add(unreachable());
            random = 0.25;
            ask(BUDGET);
            assertThat(pauses).containsExactly(millis(25), millis(50), millis(100));
            pauses.clear();
            failures.add(unreachable());
            random = 0;
            ask(BUDGET);
            assertThat(pauses).containsExactly(Duration.ZERO);
        }

        /** Its monitor counts the attempts, and has the next one made. */
        @Test
        void aCanaryIsNotSentAgain() {
            KekException first = throttled(null);
            failures.add(first);
            assertThatExceptionOfType(KekThrottledException.class)
                    .isThrownBy(() -> ask(Deadline.of(CallPurpose.CANARY, BUDGET, clock)))
                    .isSameAs(first);
            assertThat(calls).isEqualTo(1);
            assertThat(pauses).isEmpty();
        }

        @Test
        void theLastFailureIsToldOnceTheNextPauseWouldReachTheDeadline() {
            KekException last = unreachable();
            failures.add(throttled(null));
            failures.add(last);
            Duration budget = millis(300);
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> ask(budget))
                    .isSameAs(last);
            assertThat(pauses).containsExactly(millis(100));
            assertThat(calls).isEqualTo(2);
        }

        @Test
        void anAttemptThatTheDeadlineCutShortHidesNoneBeforeIt() {
            KekException first = throttled(null);
            assertThatExceptionOfType(KekThrottledException.class)
                    .isThrownBy(() -> provider.call(Operation.UNWRAP, Deadline.after(BUDGET, clock), () -> {
                        if (calls++ == 0) {
                            throw first;
                        }
                        clock.advance(BUDGET);
                        throw unreachable();
                    }))
                    .isSameAs(first)
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        }

        @Test
        void oneThatIsThrownAgainAsItIsDoesNotSuppressItself() {
            KekException always = throttled(null);
            assertThatExceptionOfType(KekThrottledException.class)
                    .isThrownBy(() -> provider.call(Operation.UNWRAP, Deadline.after(BUDGET, clock), () -> {
                        clock.advance(BUDGET.dividedBy(2));
                        throw always;
                    }))
                    .isSameAs(always);
        }

        @Test
        void aVerdictEndsIt() {
            KekException verdict = new KekRevokedException(Failure.of(KEK, "off"), KekRevokedException.Reason.DISABLED);
            failures.add(unreachable());
            failures.add(verdict);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> ask(BUDGET))
                    .isSameAs(verdict);
            assertThat(calls).isEqualTo(2);
        }

        @Test
        void anInterruptedThreadDoesNotWait() {
            KekException first = unreachable();
            failures.add(first);
            Thread.currentThread().interrupt();
            boolean kept;
            try {
                assertThatExceptionOfType(KekUnreachableException.class)
                        .isThrownBy(() -> ask(BUDGET))
                        .isSameAs(first);
            } finally {
                kept = Thread.interrupted();
            }
            assertThat(kept).isTrue();
            assertThat(calls).isEqualTo(1);
        }

        @Test
        void aClockThatOversleepsLeadsToNoCallAfterTheDeadline() {
            failures.add(unreachable());
            RetryingKeyProvider oversleeping = new RetryingKeyProvider(
                    new OddFactory().create(KEK), new RecordingTime(clock, pauses, BUDGET), () -> random);
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> oversleeping.call(Operation.STATUS, Deadline.after(BUDGET, clock), () -> {
                        calls++;
                        throw failures.element();
                    }));
            assertThat(calls).isEqualTo(1);
        }
    }

    @Nested
    class AProviderThatSaysHowLongToWait {
        @Test
        void isGivenThatTimeAndSomeMore() {
            failures.add(throttled(Duration.ofSeconds(3)));
            ask(BUDGET);
            assertThat(pauses).containsExactly(millis(3100));
        }

        @Test
        void isGivenThirtySecondsAtMost() {
            failures.add(throttled(Duration.ofHours(1)));
            ask(Duration.ofMinutes(1));
            assertThat(pauses).containsExactly(millis(30_100));
        }

        @Test
        void isNotWaitedForPastTheDeadline() {
            failures.add(throttled(BUDGET));
            assertThatExceptionOfType(KekThrottledException.class)
                    .isThrownBy(() -> ask(BUDGET))
                    .satisfies(e -> assertThat(e.retryAfter()).contains(BUDGET));
            assertThat(pauses).isEmpty();
        }

        @Test
        void isNotBelievedIfItAsksForThePast() {
            assertThat(throttled(Duration.ofSeconds(-1)).retryAfter()).isEmpty();
        }
    }

    static Stream<KekException> verdicts() {
        return Stream.of(
                new KekRevokedException(Failure.of(KEK, "denied"), KekRevokedException.Reason.DENIED),
                new KekNotFoundException(Failure.of(KEK, "none")),
                new KekConfigurationException(Failure.of(KEK, "our own fault")),
                new InvalidWrappedDekException(Failure.of(KEK, "damaged")));
    }

    @ParameterizedTest
    @MethodSource("verdicts")
    void nothingElseIsTriedAgain(KekException verdict) {
        failures.add(verdict);
        assertThatExceptionOfType(KekException.class)
                .isThrownBy(() -> ask(BUDGET))
                .isSameAs(verdict);
        assertThat(calls).isEqualTo(1);
        assertThat(pauses).isEmpty();
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }
}
