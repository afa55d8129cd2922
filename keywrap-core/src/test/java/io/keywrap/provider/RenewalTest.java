package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.CallPurpose;
import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.RenewalFailed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A lease that is open for long: proven again at its deadline, over an outage for a while, and not over a refusal. */
class RenewalTest {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final Duration MAX_IN_FLIGHT = Duration.ofHours(6);
    private static final Duration SEGMENT = Duration.ofSeconds(10);

    private final ManualTime time = new ManualTime();
    private final FakeKms kms = new FakeKms();
    private final WrappedDek wrapped = FakeKms.wrapped();
    private final List<KekEvent> events = new ArrayList<>();
    private final KeyProviders providers = KeyProviders.builder()
            .time(time)
            .register(kms)
            .executor(Runnable::run)
            .cacheDeadline(DEADLINE)
            .maxInFlight(MAX_IN_FLIGHT)
            .listener(events::add)
            .build();
    private final DekLease lease = providers.lease(wrapped, EncryptionContext.empty(), providers.foregroundDeadline());

    @AfterEach
    void close() {
        lease.close();
        providers.close();
    }

    /** Works for a time, a segment after the other. */
    private void work(Duration duration) {
        long begun = time.nanoTime();
        while (time.nanoTime() - begun < duration.toNanos()) {
            time.advance(SEGMENT);
            lease.ensureUsable();
        }
    }

    private void fail(Function<Failure, KekException> fault) {
        kms.faults.put(FakeKms.KEK, fault);
    }

    private static KekException disabled(Failure failure) {
        return new KekRevokedException(failure, Reason.DISABLED);
    }

    private static KekException denied(Failure failure) {
        return new KekRevokedException(failure, Reason.DENIED);
    }

    @Nested
    class WhileTheKekIsUsable {
        @Test
        void aDayOfWorkIsProvenAgainBeforeEveryDeadline() {
            work(Duration.ofHours(24));
            assertThat(kms.unwraps.get() - 1).isBetween(24 * 60 / 5, 24 * 60 * 10 / 5 / 8);
            assertThat(events).noneMatch(event -> event instanceof RenewalFailed);
        }

        @Test
        void workThatPausedPastTheDeadlineWaitsForTheKms() {
            time.advance(DEADLINE.multipliedBy(3));
            lease.ensureUsable();
            assertThat(kms.unwraps).hasValue(2);
            assertThat(lease.<byte[]>withBytes(byte[]::clone)).isEqualTo(wrapped.wrappedBytes());
        }

        @Test
        void workThatPausedForLongerThanAnyTimeInFlightIsProvenAgainToo() {
            time.advance(MAX_IN_FLIGHT.multipliedBy(2));
            lease.ensureUsable();
            assertThat(kms.unwraps).hasValue(2);
            assertThat(lease.<byte[]>withBytes(byte[]::clone)).isEqualTo(wrapped.wrappedBytes());
        }

        @Test
        void anotherKeyThanTheOneThatIsLeasedIsNoProof() {
            kms.answersWithAnotherKey = true;
            time.advance(DEADLINE); // Nothing is kept of it any more.
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(lease::ensureUsable)
                    .withMessageContaining("another key than before");
            assertThat(providers.statistics().entries()).isZero();
        }

        @Test
        void severalLeasesOfOneDekShareTheirCalls() {
            List<DekLease> more = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                more.add(providers.lease(wrapped, EncryptionContext.empty(), providers.foregroundDeadline()));
            }
            time.advance(DEADLINE);
            more.forEach(DekLease::ensureUsable);
            lease.ensureUsable();
            assertThat(kms.unwraps).hasValue(2);
            assertThat(providers.statistics().openLeases()).isEqualTo(11);
            more.forEach(DekLease::close);
            assertThat(providers.statistics().openLeases()).isEqualTo(1);
        }
    }

    @Nested
    class OverAnOutage {
        @ParameterizedTest
        @MethodSource("io.keywrap.provider.RenewalTest#outages")
        void workGoesOnAndIsProvenWhenItIsOver(Function<Failure, KekException> outage) {
            fail(outage);
            work(MAX_IN_FLIGHT.minusMinutes(10));
            assertThat(events)
                    .filteredOn(RenewalFailed.class::isInstance)
                    .extracting(event -> ((RenewalFailed) event).ended())
                    .isNotEmpty()
                    .containsOnly(false);
            kms.faults.clear();
            work(Duration.ofMinutes(1));
            fail(outage);
            work(MAX_IN_FLIGHT.minusMinutes(10));
        }

        @Test
        void aLeaseWaitsOnceAndIsNotHeldUpAgain() {
            fail(KekUnreachableException::new);
            time.advance(DEADLINE);
            long before = time.nanoTime();
            lease.ensureUsable();
            assertThat(Duration.ofNanos(time.nanoTime() - before)).isLessThanOrEqualTo(Duration.ofSeconds(10));
            int calls = kms.unwraps.get();
            for (int i = 0; i < 1000; i++) {
                lease.ensureUsable();
            }
            assertThat(kms.unwraps).hasValue(calls);
        }

        @Test
        void itEndsAfterTheLongestTimeInFlight() {
            fail(KekConfigurationException::new); // Fails at once: the clock stands.
            while (true) {
                time.advance(SEGMENT);
                if (time.nanoTime() - begunAt() >= MAX_IN_FLIGHT.toNanos()) {
                    break;
                }
                lease.ensureUsable();
            }
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(lease::ensureUsable)
                    .withMessageContainingAll("fake:customer", "too long");
        }

        @Test
        void whatPausedSinceItBeganIsAskedAgainBeforeItEnds() {
            fail(KekConfigurationException::new);
            time.advance(DEADLINE);
            lease.ensureUsable();
            kms.faults.clear();
            time.advance(MAX_IN_FLIGHT);
            lease.ensureUsable();
            assertThat(kms.unwraps).hasValue(3);
        }

        @Test
        void theKmsIsNotHammeredByALeaseThatHasEnded() {
            fail(KekConfigurationException::new);
            time.advance(MAX_IN_FLIGHT);
            for (int i = 0; i < 100; i++) {
                assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(lease::ensureUsable);
            }
            assertThat(kms.unwraps).hasValue(2);
        }

        private long begunAt() {
            return begun;
        }
    }

    private final long begun = time.nanoTime();

    static Stream<Function<Failure, KekException>> outages() {
        return Stream.of(KekUnreachableException::new, KekThrottledException::new, KekConfigurationException::new);
    }

    static Stream<Function<Failure, KekException>> refusals() {
        return Stream.of(RenewalTest::disabled, RenewalTest::denied, InvalidWrappedDekException::new);
    }

    @Nested
    class OverARefusal {
        @ParameterizedTest
        @MethodSource("io.keywrap.provider.RenewalTest#refusals")
        void workEndsByTheDeadlineAndForGood(Function<Failure, KekException> refusal) {
            work(Duration.ofHours(1));
            fail(refusal);
            assertThatExceptionOfType(KekException.class).isThrownBy(() -> work(DEADLINE.plus(SEGMENT)));
            kms.faults.clear();
            assertThatExceptionOfType(KekException.class).isThrownBy(lease::ensureUsable);
            assertThatExceptionOfType(KekException.class).isThrownBy(() -> lease.withBytes(byte[]::clone));
            assertThatExceptionOfType(KekException.class).isThrownBy(lease::secretKey);
            RenewalFailed last = (RenewalFailed) events.stream()
                    .filter(RenewalFailed.class::isInstance)
                    .reduce((one, other) -> other)
                    .orElseThrow();
            assertThat(last.ended()).isTrue();
            assertThat(last.dekId()).isEqualTo(wrapped.dekId());
            assertThat(last.kekId()).isEqualTo(FakeKms.KEK);
        }

        @Test
        void thatADenialMayBeAMistakeIsBelievedUntilTheDeadline() {
            fail(RenewalTest::denied);
            work(DEADLINE.minus(SEGMENT));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> work(SEGMENT));
        }

        @Test
        void thatComesAfterAnOutageWorkEndsToo() {
            fail(KekUnreachableException::new);
            work(Duration.ofHours(1));
            fail(RenewalTest::denied);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> work(Duration.ofMinutes(1)));
        }

        @Test
        void newLeasesAreGivenAgainSecondsAfterTheKekIsBack() {
            fail(RenewalTest::disabled);
            assertThatExceptionOfType(KekException.class).isThrownBy(() -> work(DEADLINE.plus(SEGMENT)));
            kms.faults.clear();
            time.advance(Duration.ofSeconds(5));
            providers
                    .lease(wrapped, EncryptionContext.empty(), providers.foregroundDeadline())
                    .close();
        }
    }

    @Nested
    class OfSeveralKeks {
        private static final KekId SECOND = KekId.of("fake:second");
        private final WrappedDek other =
                WrappedDek.builder(wrapped.dekId(), SECOND).build("COPY", wrapped.wrappedBytes());

        private final String checkValue = lease.withBytes(
                bytes -> Dek.takeOwnershipOf(wrapped.dekId(), bytes.clone()).checkValue());

        private DekLease ofBoth() {
            return providers
                    .deks()
                    .lease(new DekWraps(List.of(wrapped, other), List.of(), EncryptionContext.empty(), checkValue));
        }

        @Test
        void eachEndsTheLease() {
            for (KekId one : List.of(FakeKms.KEK, SECOND)) {
                try (DekLease both = ofBoth()) {
                    kms.faults.put(one, RenewalTest::disabled);
                    time.advance(DEADLINE);
                    assertThatExceptionOfType(KekRevokedException.class)
                            .isThrownBy(both::ensureUsable)
                            .satisfies(e -> assertThat(e.kekId()).contains(one));
                    kms.faults.clear();
                    time.advance(Duration.ofSeconds(5));
                }
            }
        }

        @Test
        void anotherKeyThanTheCheckValueProvesIsNotLeased() {
            WrappedDek changed = FakeKms.wrapped(SECOND);
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> providers
                            .deks()
                            .lease(new DekWraps(
                                    List.of(wrapped, changed), List.of(), EncryptionContext.empty(), checkValue)));
        }
    }

    @Nested
    class ALeaseThatIsClosed {
        @Test
        void isATypedErrorAndNeverGarbage() {
            lease.close();
            assertThatIllegalStateException().isThrownBy(lease::ensureUsable);
            assertThatIllegalStateException().isThrownBy(() -> lease.withBytes(byte[]::clone));
        }

        @Test
        void endsWhatHangsOnItOnce() {
            List<String> ended = new ArrayList<>();
            lease.onClose(() -> ended.add("first"));
            lease.close();
            lease.close();
            lease.onClose(() -> ended.add("late"));
            assertThat(ended).containsExactly("first", "late");
        }

        @Test
        void leavesOthersOfItsDekOpen() {
            try (DekLease other = providers.lease(wrapped, EncryptionContext.empty(), providers.foregroundDeadline())) {
                lease.close();
                assertThat(other.<byte[]>withBytes(byte[]::clone)).isEqualTo(wrapped.wrappedBytes());
            }
        }
    }

    @Nested
    class WithoutACache {
        @Test
        void aLeaseIsProvenEveryMinute() {
            try (KeyProviders without = KeyProviders.builder()
                            .time(time)
                            .register(kms)
                            .cacheDeadline(Duration.ZERO)
                            .executor(Runnable::run)
                            .build();
                    DekLease one = without.lease(
                            wrapped, EncryptionContext.empty(), without.deadline(CallPurpose.FOREGROUND))) {
                int before = kms.unwraps.get();
                for (int i = 0; i < 100; i++) {
                    one.ensureUsable();
                }
                assertThat(kms.unwraps).hasValue(before);
                fail(RenewalTest::disabled);
                time.advance(Duration.ofMinutes(1));
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(one::ensureUsable);
            }
        }
    }
}
