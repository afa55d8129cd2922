package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long an unwrapped DEK is kept, and what ends it before. */
class DekCacheTest {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final Duration REFRESH_BUDGET = Duration.ofSeconds(5);
    private static final Duration REFUSALS = Duration.ofSeconds(5);
    private static final Duration TICK = Duration.ofNanos(1);
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme");

    private final ManualTime time = new ManualTime();
    private final FakeKms kms = new FakeKms();
    private final WrappedDek wrapped = FakeKms.wrapped();
    private final Deque<Runnable> background = new ArrayDeque<>();
    private KeyProviders providers = providers(true, 100, 10);

    private KeyProviders providers(boolean sealed, int entries, int ofOneKeychain) {
        return KeyProviders.builder()
                .time(time)
                .register(kms)
                .executor(background::add)
                .cacheDeadline(DEADLINE)
                .cacheEntries(entries, ofOneKeychain)
                .sealIdleDeks(sealed)
                .build();
    }

    @AfterEach
    void close() {
        providers.close();
    }

    /** A lease, and then the refreshes that it has begun. */
    private void use() {
        use(wrapped, CONTEXT);
    }

    private void use(WrappedDek one, EncryptionContext context) {
        try (DekLease lease = providers.lease(one, context, providers.foregroundDeadline())) {
            assertThat(lease.dekId()).isEqualTo(one.dekId());
            assertThat(lease.<byte[]>withBytes(byte[]::clone)).isEqualTo(one.wrappedBytes());
        }
        while (!background.isEmpty()) {
            background.remove().run();
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

    static Stream<Function<Failure, KekException>> verdicts() {
        return Stream.of(DekCacheTest::disabled, KekNotFoundException::new, InvalidWrappedDekException::new);
    }

    @Nested
    class ARefusal {
        @ParameterizedTest
        @MethodSource("io.keywrap.provider.DekCacheTest#verdicts")
        void endsWhatIsKeptAtOnce(Function<Failure, KekException> verdict) {
            use();
            fail(verdict);
            time.advance(DEADLINE.multipliedBy(9).dividedBy(10));
            use();
            assertThat(providers.statistics().entries()).isZero();
            assertThatExceptionOfType(KekException.class).isThrownBy(DekCacheTest.this::use);
            assertThat(kms.unwraps).hasValue(2);
        }

        @Test
        void isRepeatedForSecondsWithoutACallAndThenAskedAgain() {
            fail(DekCacheTest::disabled);
            for (int i = 0; i < 100; i++) {
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(DekCacheTest.this::use);
            }
            assertThat(kms.unwraps).hasValue(1);
            assertThat(providers.statistics().refusalsRepeated()).isEqualTo(99);
            kms.faults.clear();
            time.advance(REFUSALS.minus(TICK));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(DekCacheTest.this::use);
            time.advance(TICK);
            use();
        }

        @Test
        void holdsForEveryDekUnderThatVersionOfTheKekAndForNoOther() {
            WrappedDek second = FakeKms.wrapped();
            WrappedDek otherVersion = WrappedDek.builder(second.dekId(), FakeKms.KEK)
                    .kekVersion("2")
                    .build("COPY", second.wrappedBytes());
            WrappedDek otherKek = FakeKms.wrapped(KekId.of("fake:other"));
            List.of(second, otherVersion, otherKek).forEach(one -> use(one, CONTEXT));
            fail(DekCacheTest::disabled);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(DekCacheTest.this::use);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> use(second, CONTEXT));
            use(otherVersion, CONTEXT);
            use(otherKek, CONTEXT);
            assertThat(kms.unwraps).hasValue(4);
        }

        @Test
        void thatMayBeOurOwnMistakeLeavesWhatIsKeptUntilItsDeadline() {
            use();
            time.advance(DEADLINE.multipliedBy(9).dividedBy(10));
            fail(DekCacheTest::denied);
            use();
            assertThat(kms.unwraps).hasValue(2);
            use();
            time.advance(DEADLINE.dividedBy(10));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(DekCacheTest.this::use);
        }
    }

    @Nested
    class TheRoom {
        @Test
        void isBounded() {
            providers.close();
            providers = providers(true, 5, 5);
            for (int i = 0; i < 50; i++) {
                use(FakeKms.wrapped(), EncryptionContext.ofDek("k" + i, wrapped.dekId(), EncryptionContext.empty()));
            }
            assertThat(providers.statistics().entries()).isLessThanOrEqualTo(5);
            assertThat(providers.statistics().evictions()).isGreaterThanOrEqualTo(45);
        }

        @Test
        void ofOneKeychainLeavesTheOthersTheirs() {
            use();
            for (int i = 0; i < 50; i++) {
                use(FakeKms.wrapped(), EncryptionContext.ofDek("greedy", wrapped.dekId(), EncryptionContext.empty()));
                time.advance(TICK);
            }
            assertThat(providers.statistics().entries()).isEqualTo(11);
            int before = kms.unwraps.get();
            use();
            assertThat(kms.unwraps).hasValue(before);
        }

        @Test
        void ofOneKeychainKeepsWhatWasUsedLast() {
            WrappedDek first = FakeKms.wrapped();
            EncryptionContext greedy = EncryptionContext.ofDek("greedy", wrapped.dekId(), EncryptionContext.empty());
            use(first, greedy);
            for (int i = 0; i < 30; i++) {
                time.advance(TICK);
                use(FakeKms.wrapped(), greedy);
                time.advance(TICK);
                use(first, greedy);
            }
            assertThat(kms.unwraps).hasValue(31);
        }
    }

    @Nested
    class WithoutAnyDeadline {
        @Test
        void everyLeaseAsksTheKms() {
            providers.close();
            providers = KeyProviders.builder()
                    .time(time)
                    .register(kms)
                    .cacheDeadline(Duration.ZERO)
                    .build();
            use();
            use();
            fail(DekCacheTest::disabled);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(DekCacheTest.this::use);
            kms.faults.clear();
            use();
            assertThat(kms.unwraps).hasValue(4);
            assertThat(providers.statistics().entries()).isZero();
        }
    }
}
