package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.emulators.GcpExternalKeyFailure;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.emulators.GcpKmsKeyVersion;
import io.keywrap.emulators.GcpVersionState;
import io.keywrap.provider.KekEvent.StateChanged;
import io.keywrap.provider.KekState;
import io.keywrap.testkit.CurrentProvider;
import io.keywrap.testkit.WatchedKeks;
import io.keywrap.testkit.Withdrawal;
import io.keywrap.testkit.Withdrawal.Proof;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way to withdraw a KEK of Cloud KMS, noticed in time by a monitor over gRPC; and the way back. */
class GcpRevocationTest {
    /** What an owner can do, or what can happen, that withdraws nothing; what outages mean is in GcpAnswersTest. */
    private static final Set<String> HARMLESS = Set.of(
            "enable",
            "restore",
            "set",
            "allow",
            "setPrimary",
            "rotateEvery",
            "externalKeyFailure",
            "PENDING_GENERATION",
            "ENABLED",
            "DISABLED",
            "DESTROYED",
            "DESTROY_SCHEDULED",
            "PENDING_IMPORT",
            "IMPORT_FAILED",
            "GENERATION_FAILED",
            "UNREACHABLE",
            "TIMED_OUT",
            "INVALID_ANSWER",
            "THROTTLED",
            "inject",
            "injectFor",
            "injectAlways",
            "recover",
            "clearEvents",
            "close");

    static List<Withdrawal<WireWorld>> ways() {
        return GcpWithdrawals.all();
    }

    private static WatchedKeks watched(WireWorld world) {
        return new WatchedKeks(
                world.time, options -> options.register(CurrentProvider.factory("gcp-kms", id -> world.provider)));
    }

    private static List<String> missing(List<Withdrawal<WireWorld>> some) {
        return Withdrawal.missing(
                some,
                HARMLESS,
                GcpKmsEmulator.class,
                GcpKmsKey.class,
                GcpKmsKeyVersion.class,
                GcpVersionState.class,
                GcpExternalKeyFailure.class);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void isNoticedInTimeAndSoIsTheWayBack(Withdrawal<WireWorld> way) throws Exception {
        try (WireWorld world = new WireWorld();
                WatchedKeks keks = watched(world)) {
            Proof proof = way.prove(world, keks);
            assertThat(proof.noticed()).isPositive().isLessThanOrEqualTo(proof.bound());
            assertThat(keks.told(StateChanged.class).stream().filter(StateChanged::ofState))
                    .hasSizeLessThanOrEqualTo(3);
        }
    }

    @Test
    void everyWayOfTheEmulatorIsHere() {
        assertThat(missing(ways())).isEmpty();
    }

    @Test
    void aWayThatIsMissingIsNoticed() {
        assertThat(missing(ways().stream()
                        .filter(way -> !way.by().equals("destroyNow"))
                        .toList()))
                .containsExactly("destroyNow");
    }

    @Test
    void aVersionIsWithdrawnByItself() {
        try (WireWorld world = new WireWorld();
                WatchedKeks keks = watched(world)) {
            WatchedKeks.Kek old = keks.add(world.kekId());
            world.key.rotate();
            WatchedKeks.Kek next = keks.add(world.kekId());
            keks.run(Duration.ofMinutes(2));
            world.key.version(1).disable();
            old.until(KekState.REVOKED, keks.monitor().bound());
            keks.requireNoneRevoked(List.of(next), Duration.ofMinutes(2));
        }
    }

    @Test
    void isDestroyedWhenTheDayOfItsDestructionHasPassed() {
        try (WireWorld world = new WireWorld();
                WatchedKeks keks = watched(world)) {
            WatchedKeks.Kek kek = keks.add(world.kekId());
            keks.run(Duration.ofMinutes(2));
            world.key.primary().scheduleDestroy(Duration.ofDays(7));
            kek.until(KekState.REVOKED, keks.monitor().bound());
            assertThat(kek.standing().deletion()).isEqualTo(world.key.primary().destroyTime());
            world.time.advance(Duration.ofDays(7));
            kek.until(KekState.DESTROYED, Duration.ofSeconds(1));
        }
    }
}
