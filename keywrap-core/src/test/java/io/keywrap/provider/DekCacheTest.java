package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long an unwrapped DEK is kept. */
class DekCacheTest extends CacheFixture {
    @Nested
    class ADekThatIsKept {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void isLeasedWithoutACall(boolean sealed) {
            providers.close();
            providers = providers(sealed, 100, 10);
            for (int i = 0; i < 10; i++) {
                use();
            }
            assertThat(kms.unwraps).hasValue(1);
            CacheStatistics statistics = providers.statistics();
            assertThat(statistics.hits()).isEqualTo(9);
            assertThat(statistics.misses()).isEqualTo(1);
            assertThat(statistics.entries()).isEqualTo(1);
            assertThat(statistics.openLeases()).isZero();
            assertThat(statistics.unwraps()).isEqualTo(new CacheStatistics.Calls(1, 0));
        }

        @Test
        void isAnotherOneForEveryOtherWrapKekVersionOrContext() {
            use();
            use(wrapped, CONTEXT.with("zone", "1"));
            use(
                    WrappedDek.builder(wrapped.dekId(), FakeKms.KEK)
                            .kekVersion("2")
                            .build("COPY", wrapped.wrappedBytes()),
                    CONTEXT);
            use(
                    WrappedDek.builder(wrapped.dekId(), KekId.of("fake:other"))
                            .kekVersion("1")
                            .build("COPY", wrapped.wrappedBytes()),
                    CONTEXT);
            use(FakeKms.wrapped(), CONTEXT);
            assertThat(kms.unwraps).hasValue(5);
            assertThat(providers.statistics().entries()).isEqualTo(5);
        }

        @Test
        void countsFromTheMomentTheCallWasSent() {
            kms.duringUnwrap = () -> time.advance(Duration.ofSeconds(9));
            use();
            kms.duringUnwrap = () -> {};
            time.advance(DEADLINE.minus(Duration.ofSeconds(9)).minus(TICK));
            assertThat(keptNow()).isTrue();
            time.advance(TICK);
            assertThat(keptNow()).isFalse();
        }

        @Test
        void doesNotHeedTheWallClock() {
            use();
            time.setWall(Instant.parse("2036-01-01T00:00:00Z"));
            use();
            time.setWall(Instant.parse("2016-01-01T00:00:00Z"));
            use();
            assertThat(kms.unwraps).hasValue(1);
        }

        @Test
        void isGoneOnceTheProvidersAreClosed() {
            use();
            providers.close();
            assertThatIllegalStateException().isThrownBy(DekCacheTest.this::use);
        }

        /** Whether a lease is given without a call; the KMS is dark for the question. */
        private boolean keptNow() {
            fail(DekCacheTest::denied);
            try {
                providers
                        .lease(wrapped, CONTEXT, providers.foregroundDeadline())
                        .close();
                return true;
            } catch (KekRevokedException e) {
                return false;
            } finally {
                kms.faults.clear();
            }
        }
    }

    @Nested
    class AKmsThatIsDark {
        @Test
        void isNotNoticedUntilTheDeadlineAndIsToTheTick() {
            use();
            fail(KekUnreachableException::new);
            Duration step = Duration.ofSeconds(7);
            long sent = time.nanoTime();
            while (time.nanoTime() - sent + step.plus(REFRESH_BUDGET).toNanos() < DEADLINE.toNanos()) {
                time.advance(step);
                use();
            }
            time.advance(DEADLINE.minusNanos(time.nanoTime() - sent).minus(TICK));
            assertThat(providers.statistics().refreshes().failed()).isPositive();
            kms.faults.put(FakeKms.KEK, KekConfigurationException::new); // Fails at once: the clock stands.
            use();
            time.advance(TICK);
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(DekCacheTest.this::use);
        }

        @Test
        void isNotRememberedOnceItIsBack() {
            fail(KekUnreachableException::new);
            assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(DekCacheTest.this::use);
            fail(KekThrottledException::new);
            assertThatExceptionOfType(KekThrottledException.class).isThrownBy(DekCacheTest.this::use);
            kms.faults.clear();
            use();
        }
    }

    @Nested
    class ADekInUse {
        @Test
        void isRefreshedAheadOfItsDeadlineAndLivesOnFromThen() {
            use();
            time.advance(DEADLINE.multipliedBy(8).dividedBy(10).minus(TICK));
            use();
            assertThat(kms.unwraps).hasValue(1);
            time.advance(DEADLINE.dividedBy(10));
            use();
            assertThat(kms.unwraps).hasValue(2);
            assertThat(providers.statistics().refreshes()).isEqualTo(new CacheStatistics.Calls(1, 0));
            time.advance(DEADLINE.multipliedBy(8).dividedBy(10).minus(TICK));
            use();
            assertThat(kms.unwraps).hasValue(2);
            assertThat(providers.statistics().misses()).isEqualTo(1);
        }

        @Test
        void costsNoMoreThanOneAndAQuarterCallsForEachDeadline() {
            Duration day = Duration.ofHours(24);
            for (Duration passed = Duration.ZERO; passed.compareTo(day) < 0; passed = passed.plusSeconds(1)) {
                use();
                time.advance(Duration.ofSeconds(1));
            }
            assertThat(kms.unwraps.get() / (double) day.dividedBy(DEADLINE)).isBetween(1.0, 1.25);
        }

        @Test
        void isNotRefreshedWhenNobodyUsesIt() {
            use();
            time.advance(DEADLINE.multipliedBy(2));
            assertThat(kms.unwraps).hasValue(1);
            assertThat(providers.statistics().entries()).isZero();
        }

        @Test
        void isNotRefreshedAgainAtOnceAfterAFailure() {
            use();
            time.advance(DEADLINE.multipliedBy(9).dividedBy(10));
            fail(KekConfigurationException::new);
            use();
            use();
            time.advance(Duration.ofSeconds(5));
            use();
            assertThat(kms.unwraps).hasValue(2);
            time.advance(Duration.ofSeconds(1));
            use();
            assertThat(kms.unwraps).hasValue(3);
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.provider.DekCacheTest#failuresToStart")
        void isServedWhileTheExecutorFailsAndRefreshedAfterThat(Throwable failure) {
            AtomicBoolean failing = new AtomicBoolean();
            providers.close();
            providers = KeyProviders.builder()
                    .time(time)
                    .register(kms)
                    .cacheDeadline(DEADLINE)
                    .executor(task -> {
                        if (failing.get()) {
                            sneakily(failure);
                        }
                        background.add(task);
                    })
                    .build();
            List<WrappedDek> more = Stream.generate(FakeKms::wrapped).limit(10).toList();
            more.forEach(one -> use(one, CONTEXT));
            time.advance(DEADLINE.multipliedBy(9).dividedBy(10));
            failing.set(true);
            more.forEach(one -> use(one, CONTEXT));
            failing.set(false);
            time.advance(Duration.ofSeconds(10));
            more.forEach(one -> use(one, CONTEXT));
            assertThat(kms.unwraps).hasValue(20);
            assertThat(providers.statistics().misses()).isEqualTo(10);
        }

        @Test
        void isEndedByAnotherKeyInThePlaceOfTheOneBefore() {
            use();
            kms.answersWithAnotherKey = true;
            time.advance(DEADLINE.multipliedBy(9).dividedBy(10));
            use(); // Refreshed after its lease was given.
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(DekCacheTest.this::use)
                    .withMessageContaining("another key than before");
        }
    }

    static Stream<Throwable> failuresToStart() {
        return Stream.of(
                new RejectedExecutionException("full"),
                new IllegalStateException("stopped"),
                new NoClassDefFoundError("a class of the executor"));
    }

    private static void sneakily(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) failure;
    }
}
