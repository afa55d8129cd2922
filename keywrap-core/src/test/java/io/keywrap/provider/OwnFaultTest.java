package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.provider.KekEvent.Operation;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Denials that are a mistake of our own are no revocations. */
class OwnFaultTest extends StatesFixture {
    private static List<KekId> keks(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> KekId.of("fake:owner-" + i))
                .toList();
    }

    private void denied(List<KekId> keks, CallPurpose purpose) {
        keks.forEach(kek -> fails(kek, purpose, StatesFixture::denied));
    }

    private void work(List<KekId> keks) {
        keks.forEach(kek -> hear(kek, Operation.UNWRAP, CallPurpose.FOREGROUND, time.nanoTime(), null));
    }

    private void denyAndConfirm(List<KekId> denied, List<KekId> working) {
        denied(denied, CallPurpose.FOREGROUND);
        for (int i = 0; i < 2; i++) {
            time.advance(CONFIRMATION);
            work(working);
            denied(denied, CallPurpose.CANARY);
        }
    }

    private long count(KekState state) {
        return states.all().stream().filter(each -> each.state() == state).count();
    }

    @Test
    void threeOwnersOfFiveRevokeNothing() {
        denyAndConfirm(keks(5).subList(0, 3), keks(5).subList(3, 5));
        assertThat(count(KekState.REVOKED)).isZero();
        assertThat(count(KekState.SUSPECT)).isEqualTo(3);
        assertThat(purges).isEmpty();
        assertThat(ownFaults()).singleElement().satisfies(fault -> {
            assertThat(fault.owners()).isEqualTo(3);
            assertThat(fault.keks()).isEqualTo(3);
            assertThat(fault.controlKek()).isFalse();
        });
    }

    @Test
    void threeOwnersOfSixAreNotMoreThanHalf() {
        denyAndConfirm(keks(6).subList(0, 3), keks(6).subList(3, 6));
        assertThat(count(KekState.REVOKED)).isEqualTo(3);
        assertThat(ownFaults()).isEmpty();
    }

    @Test
    void whatWorksInOtherCloudsDoesNotSpeakForUsInThisOne() {
        List<KekId> elsewhere = IntStream.range(0, 20)
                .mapToObj(i -> KekId.of("other:owner-" + i))
                .toList();
        denyAndConfirm(keks(5).subList(0, 3), elsewhere);
        assertThat(count(KekState.REVOKED)).isZero();
        assertThat(ownFaults()).hasSize(1);
    }

    @Test
    void twoOwnersAreTooFew() {
        denyAndConfirm(keks(2), List.of());
        assertThat(count(KekState.REVOKED)).isEqualTo(2);
    }

    @Test
    void manyKeksOfTwoOwnersAreTwoOwners() {
        List<KekId> many = keks(10);
        for (int round = 0; round < 3; round++) {
            for (KekId kek : many) {
                String owner = kek.uri().charAt(kek.uri().length() - 1) < '5' ? "one" : "other";
                states.hear(new KekAnswer(
                        kek,
                        "1",
                        Operation.UNWRAP,
                        CallPurpose.CANARY,
                        new KeyProvider.Place("fake", owner),
                        time.nanoTime(),
                        StatesFixture.denied(Failure.of(kek, "no"))));
            }
            time.advance(CONFIRMATION);
        }
        assertThat(count(KekState.REVOKED)).isEqualTo(10);
    }

    @Test
    void ownersOfWhomAnotherKekWorksAreNotDenied() {
        List<KekId> denied = keks(3);
        denied(denied, CallPurpose.FOREGROUND);
        for (int i = 0; i < 2; i++) {
            time.advance(CONFIRMATION);
            KekId other = KekId.of("fake:another-of-0");
            states.hear(new KekAnswer(
                    other,
                    "1",
                    Operation.UNWRAP,
                    CallPurpose.FOREGROUND,
                    KeyProvider.Place.of(denied.get(0)),
                    time.nanoTime(),
                    null));
            denied(denied, CallPurpose.CANARY);
        }
        assertThat(count(KekState.REVOKED)).isEqualTo(3);
    }

    @Test
    void thoseThatWorkedBeforeTheFaultDoNotSpeakAgainstIt() {
        work(keks(100));
        time.advance(TICK);
        denyAndConfirm(keks(3), List.of());
        assertThat(count(KekState.REVOKED)).isZero();
    }

    @Test
    void thoseThatWereRevokedBeforeDoNotSpeakForIt() {
        deniedUntilConfirmed(keks(3).get(0));
        deniedUntilConfirmed(keks(3).get(1));
        time.advance(Duration.ofMinutes(1));
        denied(keks(2), CallPurpose.CANARY);
        deniedUntilConfirmed(keks(3).get(2));
        denied(keks(2), CallPurpose.CANARY);
        assertThat(count(KekState.REVOKED)).isEqualTo(3);
        assertThat(ownFaults()).isEmpty();
    }

    @Test
    void isToldAgainEveryTenMinutesAndRevokesNothingHoweverLongItLasts() {
        List<KekId> all = keks(4);
        denied(all, CallPurpose.FOREGROUND);
        for (Duration passed = Duration.ZERO;
                passed.compareTo(Duration.ofMinutes(25)) < 0;
                passed = passed.plus(CONFIRMATION)) {
            time.advance(CONFIRMATION);
            denied(all, CallPurpose.CANARY);
        }
        assertThat(count(KekState.SUSPECT)).isEqualTo(4);
        assertThat(ownFaults())
                .hasSize(3)
                .extracting(KekEvent.OwnFault::since)
                .containsOnly(ownFaults().get(0).since());
    }

    @Test
    void whatIsDeniedStillWhenItIsOverIsConfirmedAnew() {
        List<KekId> all = keks(5);
        denyAndConfirm(all, List.of());
        time.advance(CONFIRMATION.minus(TICK));
        work(all.subList(1, 5));
        denied(all.subList(0, 1), CallPurpose.CANARY);
        assertThat(count(KekState.REVOKED)).isZero();
        time.advance(TICK);
        denied(all.subList(0, 1), CallPurpose.CANARY);
        assertThat(count(KekState.REVOKED)).isEqualTo(1);
        assertThat(count(KekState.ACTIVE)).isEqualTo(4);
    }

    @Test
    void theVendorsOwnKekAloneHoldsBack() {
        fails(CONTROL, CallPurpose.CANARY, StatesFixture::denied);
        deniedUntilConfirmed(KEK);
        assertThat(state()).isEqualTo(KekState.SUSPECT);
        assertThat(ownFaults()).singleElement().satisfies(fault -> {
            assertThat(fault.controlKek()).isTrue();
            assertThat(fault.kekId()).isEqualTo(CONTROL);
        });
        time.advance(CONFIRMATION);
        hear(CONTROL, Operation.UNWRAP, CallPurpose.CANARY, time.nanoTime(), null);
        canaryDenied();
        assertThat(state()).isEqualTo(KekState.REVOKED);
    }

    @Test
    void theVendorsOwnKekIsNotRevokedByDenials() {
        deniedUntilConfirmed(CONTROL);
        assertThat(standing(CONTROL).state()).isEqualTo(KekState.SUSPECT);
        assertThat(ownFaults()).hasSize(1);
    }

    @Test
    void definiteRefusalsAreNeverHeldBack() {
        fails(CONTROL, CallPurpose.CANARY, StatesFixture::denied);
        denied(keks(10), CallPurpose.CANARY);
        fails(StatesFixture::disabled);
        assertThat(state()).isEqualTo(KekState.REVOKED);
        assertThat(purges).hasSize(1);
    }
}
