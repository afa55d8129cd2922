package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeywrapException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a KEK says holds for all that is under it, whoever has asked, and whatever the cache still knows of it. */
class VerdictTest extends CacheFixture {
    private static final KekId REPLICA = KekId.of("fake:replica");
    private static final Duration LATER = Duration.ofSeconds(10);
    private static final Duration MAX_IN_FLIGHT = Duration.ofHours(24);

    private final WrappedDek other = FakeKms.wrapped();

    @Nested
    class HeardOutsideOfTheCache {
        @Test
        void keepsAReplicaFromStandingIn() {
            fail(CacheFixture::disabled);
            askOutside(KekRevokedException.class);
            fail(KekUnreachableException::new);
            time.advance(LATER);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(VerdictTest.this::openWithReplica);
        }

        @Test
        void wipesWhatAReplicaHasOpenedAndEndsItsLeases() {
            fail(KekUnreachableException::new);
            DekLease lease = openWithReplica();
            fail(KekNotFoundException::new);
            askOutside(KekNotFoundException.class);
            assertThat(providers.statistics().entries()).isZero();
            assertThatExceptionOfType(KekNotFoundException.class).isThrownBy(lease::ensureUsable);
        }

        @Test
        void wipesWhatItHasUnwrappedItself() {
            DekLease lease = open(wrapped);
            fail(CacheFixture::disabled);
            askOutside(KekRevokedException.class);
            assertThat(providers.statistics().entries()).isZero();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        }

        @Test
        void holdsNoLongerOnceItUnwrapsForWhoeverAsks() {
            fail(CacheFixture::disabled);
            askOutside(KekRevokedException.class);
            kms.faults.clear();
            time.advance(LATER);
            providers
                    .provider(FakeKms.KEK)
                    .unwrap(wrapped, CONTEXT, providers.foregroundDeadline())
                    .close();
            fail(KekUnreachableException::new);
            openWithReplica().close();
        }

        @Test
        void isNotForgottenForAnotherKekThatManyKeychainsHave() {
            KekId shared = KekId.of("fake:shared");
            kms.faults.put(shared, CacheFixture::denied);
            fail(CacheFixture::disabled);
            for (int i = 0; i < 2000; i++) {
                askOf(shared, "before " + i);
            }
            askOutside(KekRevokedException.class);
            for (int i = 0; i < 2000; i++) {
                askOf(shared, "after " + i);
            }
            fail(KekUnreachableException::new);
            time.advance(LATER);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(VerdictTest.this::openWithReplica);
        }

        @Test
        void isNotForgottenForManyKeksThatWereWithdrawnBefore() {
            for (int i = 0; i < 3000; i++) {
                askOfWithdrawn("old" + i % 1000);
            }
            fail(CacheFixture::disabled);
            askOutside(KekRevokedException.class);
            for (int i = 0; i < 50; i++) {
                askOfWithdrawn("new" + i);
            }
            fail(KekUnreachableException::new);
            time.advance(LATER);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(VerdictTest.this::openWithReplica);
        }

        private void askOfWithdrawn(String name) {
            KekId kekId = KekId.of("fake:" + name);
            kms.faults.put(kekId, CacheFixture::denied);
            askOf(kekId, name);
        }

        private void askOf(KekId kekId, String keychain) {
            EncryptionContext context = EncryptionContext.ofDek(keychain, other.dekId(), CONTEXT);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> providers
                            .provider(kekId)
                            .unwrap(FakeKms.wrapped(kekId), context, providers.foregroundDeadline()));
        }

        private void askOutside(Class<? extends KekException> expected) {
            assertThatExceptionOfType(expected)
                    .isThrownBy(() ->
                            providers.provider(FakeKms.KEK).unwrap(other, CONTEXT, providers.foregroundDeadline()));
        }
    }

    @Nested
    class ForLeasesOfWhatIsNotKept {
        @Test
        void endsThoseThatGoOnInAnOutage() {
            DekLease lease = open(wrapped);
            fail(KekUnreachableException::new);
            time.advance(DEADLINE);
            lease.ensureUsable(); // Waits once, and goes on.
            fail(CacheFixture::denied);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(other));
            fail(KekUnreachableException::new);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
            time.advance(LATER);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
            kms.faults.clear();
            time.advance(LATER);
            lease.ensureUsable();
        }

        @Test
        void endsThoseWhoseDeadlineComesLater() {
            DekLease lease = open(wrapped);
            fail(CacheFixture::denied);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(other));
            lease.ensureUsable();
            fail(KekUnreachableException::new);
            time.advance(DEADLINE);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        }

        @Test
        void endsThoseThatLeftForWantOfRoom() {
            DekLease lease = openAndMakeRoom();
            fail(CacheFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(other));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        }

        @Test
        void thatTheyWereDestroyedEndsThemHoweverManyOthersWere() {
            DekLease lease = openAndMakeRoom();
            Map<EncryptionContext, KeywrapException> destroyed = new HashMap<>();
            destroyed.put(CONTEXT, new KekNotFoundException(KekException.Failure.of(FakeKms.KEK, "destroyed")));
            providers.deks().end(destroyed);
            providers.deks().end(thousand("later"));
            time.advance(DEADLINE);
            assertThatExceptionOfType(KekNotFoundException.class).isThrownBy(lease::ensureUsable);
        }

        @Test
        void thatTheyWereDestroyedEndsThemHoweverManyWereBeforeAndWithThem() {
            DekLease lease = openAndMakeRoom();
            providers.deks().end(thousand("earlier"));
            Map<EncryptionContext, KeywrapException> destroyed = new LinkedHashMap<>();
            destroyed.put(CONTEXT, new KekNotFoundException(KekException.Failure.of(FakeKms.KEK, "destroyed")));
            destroyed.putAll(thousand("together"));
            providers.deks().end(destroyed);
            assertThatExceptionOfType(KekNotFoundException.class).isThrownBy(lease::ensureUsable);
        }

        private Map<EncryptionContext, KeywrapException> thousand(String name) {
            Map<EncryptionContext, KeywrapException> destroyed = new HashMap<>();
            for (int i = 0; i < 1000; i++) {
                destroyed.put(
                        EncryptionContext.of("tenant", name + " " + i),
                        new KekNotFoundException(KekException.Failure.of(FakeKms.KEK, "destroyed")));
            }
            return destroyed;
        }

        private DekLease openAndMakeRoom() {
            DekLease lease = open(wrapped);
            for (int i = 0; i < 20; i++) {
                time.advance(TICK);
                use(FakeKms.wrapped(), CONTEXT);
            }
            assertThat(providers.deks().leaseKept(List.of(wrapped), CONTEXT, InFlight.ABORT))
                    .isEmpty();
            return lease;
        }
    }

    @Nested
    class AnAnswerThatIsNone {
        private DekLease lease;
        private long began;

        @BeforeEach
        void standIn() {
            fail(KekUnreachableException::new);
            lease = openWithReplica(); // Waits for CONTROL, on the clock of the test.
            began = time.nanoTime();
        }

        @Test
        void letsTheReplicaServeNoLongerThanWorkInFlightMayGoOn() {
            fail(KekConfigurationException::new);
            useUntil(MAX_IN_FLIGHT);
            time.advance(Duration.ofMinutes(2));
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(lease::ensureUsable)
                    .satisfies(e -> assertThat(e.kekId()).contains(FakeKms.KEK));
        }

        @Test
        void countsAlsoWhenTheKekHasFallenSilentSince() {
            fail(KekConfigurationException::new);
            useUntil(Duration.ofHours(1));
            fail(KekUnreachableException::new);
            useUntil(MAX_IN_FLIGHT);
            time.advance(Duration.ofMinutes(2));
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(lease::ensureUsable);
        }

        @Test
        void isForgottenOnceTheKekUnwraps() {
            fail(KekConfigurationException::new);
            useUntil(Duration.ofHours(1));
            kms.faults.clear();
            useUntil(Duration.ofHours(2));
            fail(KekUnreachableException::new);
            useUntil(MAX_IN_FLIGHT.multipliedBy(2));
            assertThatCode(lease::ensureUsable).doesNotThrowAnyException();
        }

        @Test
        void thatItsWrapIsNoneEndsTheLease() {
            fail(InvalidWrappedDekException::new);
            time.advance(LATER);
            lease.ensureUsable();
            runBackground();
            assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(lease::ensureUsable);
        }

        /** As a stream does that goes on: often enough that CONTROL is never asked in the foreground. */
        private void useUntil(Duration age) {
            while (time.nanoTime() - began + Duration.ofMinutes(2).toNanos() < age.toNanos()) {
                time.advance(Duration.ofMinutes(1));
                lease.ensureUsable();
                runBackground();
            }
        }
    }

    private void runBackground() {
        while (!background.isEmpty()) {
            background.remove().run();
        }
    }

    private DekLease open(WrappedDek one) {
        return providers.lease(one, CONTEXT, providers.foregroundDeadline());
    }

    private DekLease openWithReplica() {
        DekId dekId = wrapped.dekId();
        WrappedDek replica = WrappedDek.builder(dekId, REPLICA).kekVersion("1").build("COPY", wrapped.wrappedBytes());
        return providers.deks().lease(new DekWraps(List.of(wrapped), List.of(replica), CONTEXT, checkValue(wrapped)));
    }
}
