package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.CallPurpose;
import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends a DEK that is kept before its time: a refusal, want of room, a deadline that is too short. */
class CacheEndTest extends CacheFixture {
    static Stream<Function<Failure, KekException>> verdicts() {
        return Stream.of(CacheEndTest::disabled, KekNotFoundException::new, InvalidWrappedDekException::new);
    }

    @Nested
    class ARefusal {
        @ParameterizedTest
        @MethodSource("io.keywrap.provider.CacheEndTest#verdicts")
        void endsWhatIsKeptAtOnce(Function<Failure, KekException> verdict) {
            use();
            fail(verdict);
            time.advance(DEADLINE.multipliedBy(9).dividedBy(10));
            use();
            assertThat(providers.statistics().entries()).isZero();
            assertThatExceptionOfType(KekException.class).isThrownBy(CacheEndTest.this::use);
            assertThat(kms.unwraps).hasValue(2);
        }

        @Test
        void isRepeatedForSecondsWithoutACallAndThenAskedAgain() {
            fail(CacheEndTest::disabled);
            for (int i = 0; i < 100; i++) {
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(CacheEndTest.this::use);
            }
            assertThat(kms.unwraps).hasValue(1);
            assertThat(providers.statistics().refusalsRepeated()).isEqualTo(99);
            kms.faults.clear();
            time.advance(REFUSALS.minus(TICK));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(CacheEndTest.this::use);
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
            fail(CacheEndTest::disabled);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(CacheEndTest.this::use);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> use(second, CONTEXT));
            use(otherVersion, CONTEXT);
            use(otherKek, CONTEXT);
            assertThat(kms.unwraps).hasValue(4);
        }

        /** Whatever was asked for before, longer ago than a refusal is repeated too. */
        @ParameterizedTest
        @ValueSource(longs = {0, 6})
        void holdsForAnAnswerThatComesAfterItToACallThatWasSentBeforeIt(long secondsBetween) {
            WrappedDek second = FakeKms.wrapped();
            kms.duringUnwrap = () -> {
                kms.duringUnwrap = () -> {};
                fail(CacheEndTest::disabled);
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> use(second, CONTEXT));
                kms.faults.clear();
                time.advance(Duration.ofSeconds(secondsBetween));
            };
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(CacheEndTest.this::use);
            assertThat(providers.statistics().entries()).isZero();
            time.advance(REFUSALS);
            use();
        }

        @Test
        void holdsForARefreshThatWasSentBeforeItAndIsAnsweredAfterIt() {
            WrappedDek second = FakeKms.wrapped();
            use();
            time.advance(DEADLINE.multipliedBy(9).dividedBy(10));
            kms.duringUnwrap = () -> {
                kms.duringUnwrap = () -> {};
                fail(CacheEndTest::disabled);
                assertThatExceptionOfType(KekRevokedException.class)
                        .isThrownBy(() -> providers.lease(second, CONTEXT, providers.foregroundDeadline()));
                kms.faults.clear();
            };
            use();
            assertThat(kms.unwraps).hasValue(3);
            assertThat(providers.statistics().entries()).isZero();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(CacheEndTest.this::use);
        }

        @Test
        void holdsForADekThatWasMadeBeforeItAndIsToBeKeptAfterIt() {
            WrappedDek second = FakeKms.wrapped();
            long sentAt = time.nanoTime();
            fail(CacheEndTest::disabled);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> use(second, CONTEXT));
            try (Dek made = Dek.takeOwnershipOf(wrapped.dekId(), wrapped.wrappedBytes())) {
                providers.deks().keepMade(made, List.of(wrapped), CONTEXT, sentAt);
            }
            assertThat(providers.deks().leaseKept(List.of(wrapped), CONTEXT, InFlight.ABORT))
                    .isEmpty();
        }

        @Test
        void thatMayBeOurOwnMistakeLeavesWhatIsKeptUntilItsDeadline() {
            use();
            time.advance(DEADLINE.multipliedBy(9).dividedBy(10));
            fail(CacheEndTest::denied);
            use();
            assertThat(kms.unwraps).hasValue(2);
            use();
            time.advance(DEADLINE.dividedBy(10));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(CacheEndTest.this::use);
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
    class ADeadlineThatIsShorterThanACall {
        @Test
        void isToldAfterOneCall() {
            providers.close();
            providers = KeyProviders.builder()
                    .time(time)
                    .register(kms)
                    .cacheDeadline(Duration.ofSeconds(1))
                    .build();
            kms.duringUnwrap = () -> time.advance(Duration.ofSeconds(2));
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(CacheEndTest.this::use)
                    .withMessageContaining("longer than a DEK may be used");
            assertThat(kms.unwraps).hasValue(1);
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
            fail(CacheEndTest::disabled);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(CacheEndTest.this::use);
            kms.faults.clear();
            use();
            assertThat(kms.unwraps).hasValue(4);
            assertThat(providers.statistics().entries()).isZero();
        }

        @Test
        void noCopyOfTheKeyIsLeftBesideTheOneOfTheLease() {
            List<CachedDek> watched = new ArrayList<>();
            CacheOptions none = new CacheOptions(
                    Duration.ZERO,
                    10,
                    10,
                    false,
                    REFUSALS,
                    Duration.ofHours(1),
                    Map.of(CallPurpose.REFRESH, REFRESH_BUDGET));
            CacheCounters counters = new CacheCounters();
            try (DekCache cache =
                    new DekCache(none, time, kms::create, counters, new Verdicts(none, time), Jca.platform())) {
                Renewals renewals = new Renewals(cache, none, time, Runnable::run, new Events(event -> {})) {
                    @Override
                    void ahead(CachedDek entry, long now) {
                        watched.add(entry);
                        super.ahead(entry, now);
                    }
                };
                Outages outages = new Outages(cache, none, time, Runnable::run);
                Leases leases = new Leases(cache, renewals, outages, counters, lease -> {});
                DekWraps both = new DekWraps(List.of(wrapped, wrapped), List.of(), CONTEXT, checkValue(wrapped));
                try (DekLease lease = leases.lease(both, providers::foregroundDeadline, InFlight.ABORT)) {
                    assertThat(lease.<byte[]>withBytes(byte[]::clone)).isEqualTo(wrapped.wrappedBytes());
                    watched.add(cache.provenAfter(watched.get(0), providers.foregroundDeadline()));
                    assertThat(watched)
                            .hasSize(3)
                            .allSatisfy(
                                    entry -> assertThat(entry.lease(() -> {})).isEmpty());
                }
            }
        }
    }
}
