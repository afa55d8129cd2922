package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.CallPurpose;
import io.keywrap.Dek;
import io.keywrap.DekDestroyedException;
import io.keywrap.DekLease;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.crypto.Jca;
import io.keywrap.provider.KekEvent.Operation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is over: DEKs that were destroyed, work that has taken all the time it had, providers that were closed. */
class WhatIsOverTest extends CacheFixture {
    private final DekDestroyedException destroyed = new DekDestroyedException("tenant-42", wrapped.dekId());

    private DekCache cache(boolean sealed) {
        CacheOptions options = new CacheOptions(
                DEADLINE, 10, 10, sealed, REFUSALS, Duration.ofHours(24), Map.of(CallPurpose.REFRESH, REFRESH_BUDGET));
        return new DekCache(
                options, time, kms::create, new CacheCounters(), new Verdicts(options, time), Jca.platform());
    }

    @Nested
    class ADekThatWasDestroyed {
        private final UnwrapKey key = new UnwrapKey(wrapped, CONTEXT);

        @Test
        void isNotAskedFor() {
            try (DekCache cache = cache(true)) {
                cache.endForGood(Map.of(CONTEXT, destroyed));
                assertThatExceptionOfType(DekDestroyedException.class)
                        .isThrownBy(() -> cache.obtain(key, providers.foregroundDeadline()));
                assertThat(kms.unwraps).hasValue(0);
            }
        }

        /** A lease of one that was made by two hosts may know nothing of its end. */
        @Test
        void isNotProvenAgain() {
            try (DekCache cache = cache(true)) {
                CachedDek entry = cache.obtain(key, providers.foregroundDeadline());
                cache.forget(entry);
                cache.endForGood(Map.of(CONTEXT, destroyed));
                assertThatExceptionOfType(DekDestroyedException.class)
                        .isThrownBy(() -> cache.provenAfter(entry, providers.foregroundDeadline()));
                assertThat(kms.unwraps).hasValue(1);
            }
        }

        /** Who has it begun in that moment is found by nobody, and finds out by himself. */
        @Test
        void endsWhatIsNotKeptOnceItIsLetGoOf() {
            CacheOptions none =
                    new CacheOptions(Duration.ZERO, 10, 10, true, REFUSALS, Duration.ofHours(24), CacheOptions.BUDGETS);
            try (DekCache cache = new DekCache(
                    none, time, kms::create, new CacheCounters(), new Verdicts(none, time), Jca.platform())) {
                CachedDek entry = cache.obtain(key, providers.foregroundDeadline());
                cache.endForGood(Map.of(CONTEXT, destroyed));
                cache.leased(entry);
                assertThat(entry.standing().refusal()).isSameAs(destroyed);
            }
        }

        @Test
        void endsALeaseThatWouldProveItAgain() {
            CacheOptions options =
                    new CacheOptions(DEADLINE, 10, 10, true, REFUSALS, Duration.ofHours(24), CacheOptions.BUDGETS);
            try (DekCache cache = cache(true);
                    Dek dek = Dek.takeOwnershipOf(wrapped.dekId(), wrapped.wrappedBytes())) {
                CachedDek unknown = new CachedDek(key, dek, Operation.UNWRAP, null, time.nanoTime());
                cache.endForGood(Map.of(CONTEXT, destroyed));
                time.advance(DEADLINE);
                Renewals renewals = new Renewals(cache, options, time, background::add, new Events(event -> {}));
                assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> renewals.ensureUsable(unknown));
                assertThat(unknown.standing().refusal()).isSameAs(destroyed);
            }
        }

        @Test
        void endsAlsoWorkThatFinishesUnderAKekThatWasRevoked() {
            try (DekLease lease = finishing()) {
                revoke();
                lease.ensureUsable();
                providers.deks().end(Map.of(CONTEXT, destroyed));
                assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(lease::ensureUsable);
            }
        }
    }

    @Nested
    class WorkThatMayFinish {
        @Test
        void endsAfterTheLongestTimeInFlightToTheTick() {
            try (DekLease lease = finishing()) {
                revoke();
                time.advance(Duration.ofHours(24).minus(TICK));
                lease.ensureUsable();
                time.advance(TICK);
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> lease.withBytes(byte[]::clone));
            }
        }

        @Test
        void goesOnWhileADenialIsNotForGoodThatOthersHaveHeard() {
            try (DekLease lease = finishing()) {
                fail(KekUnreachableException::new);
                time.advance(DEADLINE);
                lease.ensureUsable(); // Waits once.
                fail(CacheFixture::denied);
                askAsOthersDo();
                fail(KekUnreachableException::new);
                lease.ensureUsable();
                time.advance(Duration.ofHours(23));
                lease.ensureUsable();
                time.advance(Duration.ofHours(1));
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
                kms.faults.clear();
                time.advance(Duration.ofSeconds(10));
                lease.ensureUsable();
            }
        }

        /** Which is not for good until it is confirmed. */
        @Test
        void endsThenWhereItIsDeniedToo() {
            try (DekLease lease = finishing()) {
                fail(CacheFixture::denied);
                time.advance(Duration.ofHours(24).minus(TICK));
                lease.ensureUsable();
                time.advance(TICK);
                assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
            }
        }
    }

    @Nested
    class ProvidersThatAreClosed {
        @Test
        void keepNothingOfAnAnswerThatComesAfterIt() {
            kms.duringUnwrap = providers::close;
            assertThatIllegalStateException()
                    .isThrownBy(() -> providers.lease(wrapped, CONTEXT, providers.foregroundDeadline()));
            assertThat(providers.statistics().entries()).isZero();
            assertThat(providers.statistics().openLeases()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsKeptIsSealedUnlessThatIsNotWanted(boolean sealed) {
        try (DekCache cache = cache(sealed)) {
            CachedDek entry = cache.obtain(new UnwrapKey(wrapped, CONTEXT), providers.foregroundDeadline());
            byte[] secret = CachedDekTest.bytes(entry, "secret");
            if (sealed) {
                assertThat(text(secret)).doesNotContain(text(wrapped.wrappedBytes()));
            } else {
                assertThat(secret).isEqualTo(wrapped.wrappedBytes());
            }
            cache.forget(entry);
            assertThat(secret).as("wiped").containsOnly(0);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private DekLease finishing() {
        DekWraps wraps = new DekWraps(List.of(wrapped), List.of(), CONTEXT, checkValue(wrapped));
        return providers.deks().lease(wraps, providers::foregroundDeadline, InFlight.FINISH);
    }

    /** Somebody else hears of it. */
    private void revoke() {
        fail(CacheFixture::disabled);
        askAsOthersDo();
    }

    private void askAsOthersDo() {
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(
                        () -> providers.provider(FakeKms.KEK).unwrap(wrapped, CONTEXT, providers.foregroundDeadline()));
    }
}
