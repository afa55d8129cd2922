package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekLease;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How often a CONTROL KEK is asked that a REPLICA KEK stands in for, and for how long work goes on by what it says. */
class SilentControlTest extends CacheFixture {
    private static final KekId REPLICA = KekId.of("fake:replica");
    private static final KekId SECOND = KekId.of("fake:second");
    private static final Duration MAX_IN_FLIGHT = Duration.ofHours(1);
    private static final Duration STEP = Duration.ofSeconds(100);
    private static final Duration PAUSE = Duration.ofSeconds(6);

    private final List<KekId> asked = new ArrayList<>();
    private Throwable toStart;
    private int begun;
    private DekLease lease;

    @BeforeEach
    void standIn() {
        providers.close();
        providers = KeyProviders.builder()
                .time(time)
                .register(kms)
                .executor(this::start)
                .cacheDeadline(DEADLINE)
                .maxInFlight(MAX_IN_FLIGHT)
                .build();
        kms.askedToUnwrap = asked::add;
        fail(KekUnreachableException::new);
        lease = open(wrapped);
        asked.clear();
    }

    @AfterEach
    void giveBack() {
        lease.close();
    }

    @Nested
    class ThatHasNoUseForUs {
        /** Such as for credentials that are none: a REPLICA KEK does not make of that an outage without an end. */
        @Test
        void isStoodInForNoLongerThanWorkMayTakeInFlight() {
            long given = time.nanoTime();
            fail(KekConfigurationException::new);
            while (time.nanoTime() - given < MAX_IN_FLIGHT.minus(STEP).toNanos()) {
                time.advance(STEP);
                lease.ensureUsable();
                runBackground();
            }
            time.advance(MAX_IN_FLIGHT.minusNanos(time.nanoTime() - given).minus(TICK));
            lease.ensureUsable();
            time.advance(TICK);
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(lease::ensureUsable)
                    .satisfies(e -> assertThat(e.kekId()).contains(FakeKms.KEK));
        }

        @Test
        void isStoodInForNoLongerWhereItHasSaidSoToOthersAndIsSilentHereEither() {
            long given = time.nanoTime();
            while (time.nanoTime() - given < MAX_IN_FLIGHT.minus(STEP).toNanos()) {
                time.advance(STEP);
                lease.ensureUsable();
                runBackground();
                time.advance(PAUSE);
                fail(KekConfigurationException::new);
                assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> open(FakeKms.wrapped()));
                fail(KekUnreachableException::new);
            }
            time.advance(MAX_IN_FLIGHT.minusNanos(time.nanoTime() - given));
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(lease::ensureUsable);
        }

        @Test
        void endsNothingOnceItHasUnwrappedAgain() {
            fail(KekConfigurationException::new);
            time.advance(PAUSE);
            lease.ensureUsable();
            runBackground();
            kms.faults.clear();
            time.advance(DEADLINE);
            lease.ensureUsable();
            runBackground();
            fail(KekUnreachableException::new);
            for (int i = 0; i < 50; i++) {
                time.advance(STEP);
                lease.ensureUsable();
                runBackground();
            }
        }
    }

    @Nested
    class ThatDeniesAfterAPause {
        @Test
        void isBelievedAtThatVeryUse() {
            fail(CacheFixture::denied);
            time.advance(DEADLINE);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(lease::ensureUsable)
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
            assertThat(asked).containsExactly(FakeKms.KEK);
        }
    }

    @Nested
    class ThatIsStillSilent {
        @Test
        void isWaitedForOnceAfterAPauseAndNotAtEachUse() {
            time.advance(DEADLINE);
            for (int i = 0; i < 10; i++) {
                lease.ensureUsable();
            }
            assertThat(asked).startsWith(FakeKms.KEK);
            int waited = asked.size();
            time.advance(TICK);
            lease.ensureUsable();
            assertThat(asked).hasSize(waited);
        }

        @Test
        void isAskedAgainInTheBackgroundAndNotAtEachUse() {
            for (int round = 1; round <= 5; round++) {
                time.advance(PAUSE);
                for (int i = 0; i < 10; i++) {
                    lease.ensureUsable();
                    runBackground();
                }
                assertThat(asked).as("round %d", round).doesNotContain(REPLICA);
                assertThat(begun).as("round %d", round).isEqualTo(round);
            }
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.provider.DekCacheTest#failuresToStart")
        void isAskedOnceTheExecutorHasRoomAgain(Throwable failure) {
            toStart = failure;
            time.advance(PAUSE);
            lease.ensureUsable();
            assertThat(background).isEmpty();
            toStart = null;
            time.advance(PAUSE);
            lease.ensureUsable();
            assertThat(background).hasSize(1);
        }
    }

    /** Somebody else hears of it in that moment. */
    @Nested
    class ThatIsRevokedWhileTheReplicaIsAsked {
        @ParameterizedTest
        @MethodSource("io.keywrap.provider.SilentControlTest#verdicts")
        void isNotStoodInFor(Function<Failure, KekException> verdict) {
            hearWhenTheReplicaIsAsked(verdict);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(FakeKms.wrapped()));
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.provider.SilentControlTest#verdicts")
        void isNoOutageWhereTheReplicaFailsToo(Function<Failure, KekException> verdict) {
            kms.faults.put(REPLICA, KekUnreachableException::new);
            hearWhenTheReplicaIsAsked(verdict);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(FakeKms.wrapped()));
        }

        private void hearWhenTheReplicaIsAsked(Function<Failure, KekException> verdict) {
            WrappedDek any = FakeKms.wrapped();
            kms.askedToUnwrap = kekId -> {
                if (kekId.equals(REPLICA)) {
                    kms.askedToUnwrap = asked::add;
                    fail(verdict);
                    assertThatExceptionOfType(KekRevokedException.class)
                            .isThrownBy(() -> providers
                                    .provider(FakeKms.KEK)
                                    .unwrap(any, CONTEXT, providers.foregroundDeadline()));
                }
            };
        }
    }

    static Stream<Function<Failure, KekException>> verdicts() {
        return Stream.of(CacheFixture::disabled, CacheFixture::denied);
    }

    @Nested
    class OfTwoThatAreSilent {
        @Test
        void eachHasHalfOfTheirTime() {
            List<Duration> given = new ArrayList<>();
            kms.faults.clear();
            time.advance(DEADLINE.multipliedBy(2));
            for (KekId control : List.of(FakeKms.KEK, SECOND)) {
                kms.hangs.put(control, within -> {
                    given.add(within.remaining());
                    time.advance(within.remaining());
                });
            }
            WrappedDek dek = FakeKms.wrapped();
            try (DekLease both = providers
                    .deks()
                    .lease(new DekWraps(
                            List.of(dek, under(SECOND, dek)),
                            List.of(under(REPLICA, dek)),
                            CONTEXT,
                            checkValue(dek)))) {
                both.ensureUsable();
            }
            assertThat(given).startsWith(Duration.ofMillis(2_500), Duration.ofMillis(2_500));
        }
    }

    private void start(Runnable task) {
        if (toStart instanceof RuntimeException e) {
            throw e;
        }
        if (toStart instanceof Error e) {
            throw e;
        }
        background.add(task);
    }

    private void runBackground() {
        while (!background.isEmpty()) {
            begun++;
            background.remove().run();
        }
    }

    private DekLease open(WrappedDek control) {
        return providers
                .deks()
                .lease(new DekWraps(List.of(control), List.of(under(REPLICA, control)), CONTEXT, checkValue(control)));
    }

    private static WrappedDek under(KekId kekId, WrappedDek dek) {
        return WrappedDek.builder(dek.dekId(), kekId).kekVersion("1").build("COPY", dek.wrappedBytes());
    }
}
