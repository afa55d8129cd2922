package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.Ending;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.ManualTime;
import io.keywrap.testkit.RevocationContract;
import io.keywrap.testkit.WatchedKeks;
import io.keywrap.testkit.Withdrawal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each way to withdraw a KEK of Azure Key Vault, noticed in time by a monitor over https; and the way back. */
class AzureRevocationTest extends RevocationContract<WireWorld> {
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

    @Override
    protected WireWorld world() {
        return new WireWorld();
    }

    @Override
    protected ManualTime time(WireWorld world) {
        return world.time;
    }

    @Override
    protected KekId kek(WireWorld world) {
        return world.kekId;
    }

    @Override
    protected KeyProvider provider(WireWorld world) {
        return world.provider;
    }

    @Override
    protected Optional<Instant> delete(WireWorld world, int days) {
        world.key.softDelete(days);
        return world.key.scheduledPurgeDate();
    }

    @Override
    protected List<Withdrawal<WireWorld>> ways() {
        return AzureWithdrawals.all();
    }

    @Override
    protected Class<?>[] places() {
        return new Class<?>[] {AzureKeyVaultEmulator.class, AzureKey.class};
    }

    @Override
    protected Set<String> harmless() {
        return HARMLESS;
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
}
