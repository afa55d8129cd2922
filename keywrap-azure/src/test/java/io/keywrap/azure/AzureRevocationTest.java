package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.Ending;
import io.keywrap.provider.KekEvent.StateChanged;
import io.keywrap.provider.KekState;
import io.keywrap.testkit.CurrentProvider;
import io.keywrap.testkit.WatchedKeks;
import io.keywrap.testkit.Withdrawal;
import io.keywrap.testkit.Withdrawal.Proof;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way to withdraw a KEK of Azure Key Vault, noticed in time by a monitor over https; and the way back. */
class AzureRevocationTest {
    /** What an owner can do, or what can happen, that withdraws nothing; what outages mean is in AzureAnswersTest. */
    private static final Set<String> HARMLESS = Set.of(
            "enable",
            "recover",
            "allow",
            "expiresAt",
            "notBefore",
            "wrapWhileDisabled",
            "inject",
            "injectFor",
            "injectAlways",
            "clearEvents",
            "close");

    static List<Withdrawal<WireWorld>> ways() {
        return AzureWithdrawals.all();
    }

    private static WatchedKeks watched(WireWorld world) {
        return new WatchedKeks(
                world.time, options -> options.register(CurrentProvider.factory("azure-kms", id -> world.provider)));
    }

    private static List<String> missing(List<Withdrawal<WireWorld>> some) {
        return Withdrawal.missing(some, HARMLESS, AzureKeyVaultEmulator.class, AzureKey.class);
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
                        .filter(way -> !way.by().equals("vaultDeleted"))
                        .toList()))
                .containsExactly("vaultDeleted");
    }

    /** Azure refuses to wrap with it, and goes on to unwrap. */
    @Test
    void aKeyThatHasExpiredIsToldBeforeAndRevokesNothingThatItHasWrapped() {
        try (WireWorld world = new WireWorld();
                WatchedKeks keks = watched(world)) {
            world.key.expiresAt(Optional.of(world.time.now().plus(Duration.ofMinutes(10))));
            WatchedKeks.Kek kek = keks.add(world.kekId);
            keks.run(Duration.ofMinutes(2));
            assertThat(keks.told(DeadlineNear.class)).isNotEmpty().allMatch(event -> event.ending() == Ending.EXPIRY);
            world.time.advance(Duration.ofMinutes(10));
            keks.requireNoneRevoked(List.of(kek), Duration.ofMinutes(3));
            assertThat(kek.standing().state()).isEqualTo(KekState.ACTIVE);
            assertThat(catchThrowable(() -> keks.add(world.kekId)))
                    .isInstanceOfSatisfying(
                            KekRevokedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.EXPIRED));
            assertThat(kek.standing().state()).isEqualTo(KekState.ACTIVE);
            kek.lease();
        }
    }

    @Test
    void isPresumedDestroyedWhenTheDayOfItsPurgeHasPassed() {
        try (WireWorld world = new WireWorld();
                WatchedKeks keks = watched(world)) {
            WatchedKeks.Kek kek = keks.add(world.kekId);
            keks.run(Duration.ofMinutes(2));
            world.key.softDelete(7);
            kek.until(KekState.REVOKED, keks.monitor().bound());
            assertThat(kek.standing().deletion()).isEqualTo(world.key.scheduledPurgeDate());
            world.time.advance(Duration.ofDays(7));
            kek.until(KekState.DESTROYED, Duration.ofSeconds(1));
        }
    }
}
