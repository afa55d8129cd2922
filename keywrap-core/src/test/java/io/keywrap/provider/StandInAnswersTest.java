package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekLease;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a CONTROL KEK says while a REPLICA KEK stands in for it, to this lease or to others: how long it holds, and who is asked. */
class StandInAnswersTest extends CacheFixture {
    private static final KekId REPLICA = KekId.of("fake:replica");
    private static final KekId SECOND = KekId.of("fake:second-replica");
    private static final Duration MAX_IN_FLIGHT = Duration.ofHours(1);
    private static final Duration PAUSE = Duration.ofSeconds(6);

    private final List<KekId> asked = new ArrayList<>();

    @BeforeEach
    void register() {
        providers.close();
        providers = KeyProviders.builder()
                .time(time)
                .register(kms)
                .executor(background::add)
                .cacheDeadline(DEADLINE)
                .maxInFlight(MAX_IN_FLIGHT)
                .build();
        kms.askedToUnwrap = asked::add;
    }

    @Test
    void thatItHasNoUseForUsHoldsAlsoWhereItWasSaidBeforeTheOutage() {
        fail(KekConfigurationException::new);
        assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> open(FakeKms.wrapped()));
        try (DekLease lease = standIn(InFlight.ABORT)) {
            time.advance(MAX_IN_FLIGHT);
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(lease::ensureUsable);
        }
    }

    @Test
    void holdsNoLongerOnceAnotherLeaseWasOpened() {
        try (DekLease lease = standIn(InFlight.ABORT)) {
            time.advance(PAUSE);
            fail(KekConfigurationException::new);
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> open(FakeKms.wrapped()));
            kms.faults.clear();
            open(FakeKms.wrapped()).close();
            fail(KekUnreachableException::new);
            time.advance(MAX_IN_FLIGHT);
            lease.ensureUsable();
        }
    }

    @Test
    void holdsNoLongerOnceItHasUnwrappedInTheBackground() {
        try (DekLease lease = standIn(InFlight.ABORT)) {
            fail(KekConfigurationException::new);
            useAfter(PAUSE, lease);
            kms.faults.clear();
            useAfter(PAUSE, lease);
            fail(KekUnreachableException::new);
            time.advance(MAX_IN_FLIGHT);
            lease.ensureUsable();
        }
    }

    @Test
    void ofThisLeaseIsNotTakenBackByWhatOthersAreServed() {
        try (DekLease lease = standIn(InFlight.ABORT)) {
            time.advance(MAX_IN_FLIGHT);
            fail(KekConfigurationException::new);
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(lease::ensureUsable);
            kms.faults.clear();
            open(FakeKms.wrapped()).close();
            fail(KekUnreachableException::new);
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(lease::ensureUsable);
        }
    }

    @Test
    void timeInFlightCountsFromWhenItHasUnwrappedLast() {
        try (DekLease lease = standIn(InFlight.ABORT)) {
            time.advance(Duration.ofMinutes(50));
            kms.faults.clear();
            lease.ensureUsable();
            lease.ensureUsable();
            fail(KekConfigurationException::new);
            time.advance(Duration.ofMinutes(20));
            lease.ensureUsable();
        }
    }

    @Test
    void workThatMayFinishEndsAsAnyOtherWhereItWasNotRevoked() {
        try (DekLease lease = standIn(InFlight.FINISH)) {
            long given = time.nanoTime();
            fail(KekConfigurationException::new);
            while (time.nanoTime() - given < MAX_IN_FLIGHT.minusSeconds(100).toNanos()) {
                useAfter(Duration.ofSeconds(100), lease);
            }
            time.advance(Duration.ofSeconds(100));
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(lease::ensureUsable);
        }
    }

    @Test
    void oneThatAnswersAfterAPauseIsWaitedForOnceAndNotAtEachUse() {
        try (DekLease lease = standIn(InFlight.ABORT)) {
            fail(KekConfigurationException::new);
            time.advance(DEADLINE);
            for (int i = 0; i < 10; i++) {
                lease.ensureUsable();
            }
            assertThat(providers.statistics().refusalsRepeated()).isZero();
        }
    }

    @Test
    void oneThatServesOthersIsAskedForThisLeaseOnceAndNotAtEachUse() {
        try (DekLease lease = standIn(InFlight.ABORT)) {
            time.advance(PAUSE);
            kms.faults.clear();
            open(FakeKms.wrapped()).close();
            fail(KekConfigurationException::new);
            asked.clear();
            time.advance(DEADLINE.multipliedBy(85).dividedBy(100));
            for (int i = 0; i < 10; i++) {
                useAfter(Duration.ZERO, lease);
            }
            assertThat(asked).containsOnlyOnce(FakeKms.KEK);
            assertThat(providers.statistics().refusalsRepeated()).isZero();
        }
    }

    @Test
    void oneThatUnwrapsAgainIsRefreshedAheadAndTheReplicaIsNot() {
        try (DekLease lease = standIn(InFlight.ABORT)) {
            kms.faults.clear();
            useAfter(PAUSE, lease);
            asked.clear();
            useAfter(DEADLINE.multipliedBy(9).dividedBy(10), lease);
            assertThat(asked).containsExactly(FakeKms.KEK);
        }
    }

    /** Whoever asks the REPLICA KEK hears it, also while nothing needs it. */
    @Test
    void aReplicaThatIsRevokedEndsNothingOnceControlHasUnwrappedAgain() {
        try (DekLease lease = standIn(InFlight.ABORT)) {
            lease.onEnd(() -> {});
            kms.faults.clear();
            useAfter(PAUSE, lease);
            kms.faults.put(REPLICA, CacheFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> providers
                            .provider(REPLICA)
                            .unwrap(FakeKms.wrapped(REPLICA), CONTEXT, providers.foregroundDeadline()));
            lease.ensureUsable();
        }
    }

    @Test
    void theLastOfTwoReplicasHasAllTheTimeThatIsLeft() {
        List<Duration> given = new ArrayList<>();
        fail(KekUnreachableException::new);
        open(FakeKms.wrapped()).close(); // So that CONTROL is known to be out of reach, and takes no time.
        for (KekId replica : List.of(REPLICA, SECOND)) {
            kms.hangs.put(replica, within -> {
                given.add(within.remaining());
                time.advance(within.remaining());
            });
        }
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> providers.deks().lease(wraps(wrapped, REPLICA, SECOND)));
        assertThat(given).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(5));
    }

    @Test
    void anOutageOfNobodyKnowsWhichKekIsToldAsOne() {
        fail(failure -> new KekUnreachableException(Failure.ofUnknownKek("the network is down")));
        kms.faults.put(REPLICA, KekUnreachableException::new);
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> open(wrapped))
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }

    @Test
    void isSilentForAMomentAndNotOnceItHasAnswered() {
        assertThat(providers.deks().isSilent(FakeKms.KEK)).isFalse();
        try (DekLease lease = standIn(InFlight.ABORT)) {
            assertThat(providers.deks().isSilent(FakeKms.KEK)).isTrue();
            assertThat(providers.deks().isSilent(REPLICA)).isFalse();
            time.advance(PAUSE);
            assertThat(providers.deks().isSilent(FakeKms.KEK)).isFalse();
            lease.ensureUsable();
            assertThat(providers.deks().isSilent(FakeKms.KEK))
                    .as("while it is asked")
                    .isTrue();
            kms.faults.clear();
            useAfter(Duration.ZERO, lease);
            assertThat(providers.deks().isSilent(FakeKms.KEK)).isFalse();
        }
    }

    private void useAfter(Duration passed, DekLease lease) {
        time.advance(passed);
        lease.ensureUsable();
        while (!background.isEmpty()) {
            background.remove().run();
        }
    }

    /** While CONTROL is out of reach. */
    private DekLease standIn(InFlight policy) {
        fail(KekUnreachableException::new);
        return providers.deks().lease(wraps(wrapped, REPLICA), providers::foregroundDeadline, policy);
    }

    private DekLease open(WrappedDek control) {
        return providers.deks().lease(wraps(control, REPLICA));
    }

    private static DekWraps wraps(WrappedDek control, KekId... replicas) {
        List<WrappedDek> copies = new ArrayList<>();
        for (KekId replica : replicas) {
            copies.add(
                    WrappedDek.builder(control.dekId(), replica).kekVersion("1").build("COPY", control.wrappedBytes()));
        }
        return new DekWraps(List.of(control), copies, CONTEXT, checkValue(control));
    }
}
