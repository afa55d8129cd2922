package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekRevokedException;
import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekState;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What follows from what others hear of a KEK. */
class WatchesHearTest extends WatchesFixture {
    @Test
    void aCallOfAnotherIsAsGoodAsACanary() {
        Watch watch = watch(version);
        asker.ask(version);
        assertThat(hear(5 * SECOND)).isEmpty();
        assertThat(watch.usedAt).isEqualTo(5 * SECOND);
        assertThat(watch.everUsed).isTrue();
        assertThat(watch.due).isEqualTo(5 * SECOND + IN_USE);
        hear(40 * SECOND);
        assertThat(watch.usedAt).as("the same call").isEqualTo(5 * SECOND);
        asker.time.advance(Duration.ofSeconds(1));
        asker.ask(version);
        hear(35 * SECOND);
        assertThat(watch.usedAt).isEqualTo(35 * SECOND);
        assertThat(watch.due).as("half of the time is left").isEqualTo(65 * SECOND);
        asker.time.advance(Duration.ofSeconds(1));
        asker.ask(version);
        hear(35 * SECOND + 1);
        assertThat(watch.due).isEqualTo(95 * SECOND + 1);
        assertThat(watch.probed).isFalse();
    }

    @Test
    void aCallOfAnotherThatFailedByOurFaultDelaysNoCanary() {
        Watch watch = watch(version);
        asker.cloud.faults.put(version.kekId(), KekConfigurationException::new);
        asker.ask(version);
        hear(20 * SECOND);
        assertThat(watch.state).isEqualTo(KekState.ACTIVE);
        assertThat(watch.due).isEqualTo(30 * SECOND);
    }

    @Test
    void aRefusalThatAnotherHeardIsTakenInAndItsCanariesBeginAnew() {
        Watch watch = watch(version);
        asker.cloud.disable(version.kekId());
        asker.ask(version);
        hear(10 * SECOND);
        assertThat(watch.state).isEqualTo(KekState.REVOKED);
        assertThat(watch.due).isEqualTo(40 * SECOND);
        assertThat(watches.changes()).isEqualTo(1);
        asker.time.advance(Duration.ofSeconds(1));
        asker.ask(version);
        hear(20 * SECOND);
        assertThat(watch.due).as("the same again").isEqualTo(40 * SECOND);
        assertThat(watches.changes()).isEqualTo(1);
    }

    @Test
    void aSilenceThatAnotherHeardIsTakenInToo() {
        Watch watch = watch(version);
        asker.cloud.dark = true;
        asker.ask(version);
        hear(25 * SECOND);
        assertThat(watch.reach).isEqualTo(KekReach.UNREACHABLE);
        assertThat(watch.due).isEqualTo(40 * SECOND);
        asker.time.advance(Duration.ofSeconds(1));
        asker.ask(version);
        hear(26 * SECOND);
        assertThat(watch.due).isEqualTo(40 * SECOND);
    }

    @Test
    void whileACanaryIsUnderWayOthersAreNotHeard() {
        Watch watch = watch(version);
        assertThat(watches.take("vendor", IN_USE)).containsSame(watch);
        asker.cloud.disable(version.kekId());
        asker.ask(version);
        hear(IN_USE);
        assertThat(watch.state).isEqualTo(KekState.ACTIVE);
        assertThat(watch.queued).isFalse();
        watches.landed(watch, false, IN_USE);
        hear(IN_USE);
        assertThat(watch.state).isEqualTo(KekState.REVOKED);
    }

    @Test
    void onlyADenialOfWhatIsNotWatchedIsSuspect() {
        asker.ask(version);
        assertThat(hear(0)).isEmpty();
        asker.cloud.deny(version.kekId());
        asker.ask(version);
        assertThat(hear(0)).containsExactly(version);
        asker.cloud.dark = true;
        asker.ask(version);
        assertThat(asker.standing(version).state()).isEqualTo(KekState.SUSPECT);
        assertThat(hear(0)).as("silent").isEmpty();
        VersionInUse disabled = asker.version("disabled");
        asker.cloud.dark = false;
        asker.cloud.disable(disabled.kekId());
        asker.ask(disabled);
        assertThat(hear(0)).isEmpty();
    }

    @Test
    void whatAKekSaysToAWrapIsNotItsStateForUnwraps() {
        VersionInUse unversioned = new VersionInUse(version.kekId(), "");
        Watch watch = watch(unversioned);
        asker.cloud.version = "";
        try (Dek dek = Dek.takeOwnershipOf(DekId.random(), new byte[32])) {
            asker.providers
                    .provider(version.kekId())
                    .wrap(dek, EncryptionContext.of("a", "b"), asker.providers.foregroundDeadline());
        }
        assertThat(asker.providers.states().all()).hasSize(1);
        hear(20 * SECOND);
        assertThat(watch.everUsed).isFalse();
    }

    @Test
    void aDeletionWhoseDayHasPassedIsTakenInThoughNobodyHasAsked() {
        Watch watch = watch(version);
        Instant day = asker.time.now().plus(Duration.ofDays(7));
        asker.cloud.faults.put(version.kekId(), failure -> new KekRevokedException(failure, day));
        landed(watch, 0);
        assertThat(watch.state).isEqualTo(KekState.REVOKED);
        asker.time.advance(Duration.ofDays(8));
        hear(100 * SECOND);
        assertThat(watch.state).isEqualTo(KekState.DESTROYED);
        assertThat(watch.due).isEqualTo(700 * SECOND);
        assertThat(watch.everUsed).isFalse();
        hear(200 * SECOND);
        assertThat(watch.due).isEqualTo(700 * SECOND);
    }

    @Test
    void whatOthersSayTheyUseIsAskedSoonerIfItIsWell() {
        Watch watch = watch(version);
        Watch not = watch(asker.version("not-used"));
        watch.usedAt = -3_600 * SECOND;
        landed(watch, 0);
        assertThat(watch.due).isEqualTo(IDLE);
        watches.used(version::equals, 10 * SECOND);
        assertThat(watch.usedAt).isEqualTo(10 * SECOND);
        assertThat(watch.due).isEqualTo(10 * SECOND + IN_USE);
        assertThat(not.usedAt).isZero();
        watch.lastTook = 5 * SECOND;
        watches.used(version::equals, 10 * SECOND);
        assertThat(watch.due).as("soon enough").isEqualTo(10 * SECOND + IN_USE);
        watches.used(version::equals, 10 * SECOND - 1);
        assertThat(watch.due).isEqualTo(5 * SECOND + IN_USE - 1);
    }

    @Test
    void whatIsRevokedOrUnderWayIsNotAskedSoonerThoughItIsUsed() {
        Watch watch = watch(version);
        asker.cloud.disable(version.kekId());
        for (int i = 0; i < 6; i++) {
            landed(watch, 0);
        }
        assertThat(watch.due).isEqualTo(600 * SECOND);
        watches.used(version::equals, SECOND);
        assertThat(watch.due).isEqualTo(600 * SECOND);
        assertThat(watches.take("vendor", 600 * SECOND)).containsSame(watch);
        watch.state = KekState.ACTIVE;
        watches.used(version::equals, SECOND);
        assertThat(watch.queued).isFalse();
    }

    @Test
    void aDenialIsHeldAgainstWitnessesAheadOfAllThatIsDue() {
        Watch denied = watch(version);
        Watch witness = watch(asker.version("witness"));
        witness.candidate("tenant-2");
        asker.cloud.deny(version.kekId());
        landed(denied, 20 * SECOND);
        assertThat(denied.due).isEqualTo(20 * SECOND + CONFIRMATION);
        assertThat(witness.due).isEqualTo(20 * SECOND - 60 * SECOND);
        assertThat(watches.take("vendor", 20 * SECOND)).containsSame(witness);
        landed(witness, 21 * SECOND);
        assertThat(witness.due).isEqualTo(21 * SECOND + IN_USE);
    }

    @Test
    void aDenialThatAnotherHeardCallsWitnessesOnce() {
        watch(version);
        Watch witness = watch(asker.version("witness"));
        witness.candidate("tenant-2");
        watches.ask(witness.version, witness.place, "", 2 * SECOND);
        asker.cloud.deny(version.kekId());
        asker.ask(version);
        hear(20 * SECOND);
        assertThat(witness.due).as("it was due before").isEqualTo(2 * SECOND - 60 * SECOND);
        assertThat(watches.take("vendor", 20 * SECOND)).containsSame(witness);
        landed(witness, 20 * SECOND);
        asker.time.advance(Duration.ofMillis(1));
        asker.ask(version);
        hear(40 * SECOND);
        assertThat(witness.due).as("the same denial").isEqualTo(20 * SECOND + IN_USE);
    }
}
