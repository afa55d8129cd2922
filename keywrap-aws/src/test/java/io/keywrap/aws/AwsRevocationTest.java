package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.emulators.AwsExternalKeyFailure;
import io.keywrap.emulators.AwsKeyState;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
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
import software.amazon.awssdk.services.kms.KmsClient;

/** Each way to withdraw a KEK of AWS KMS, noticed in time by a monitor over HTTP; and the way back. */
class AwsRevocationTest extends RevocationContract<WireWorld> {
    /** What an owner can do, or what can happen, that withdraws nothing; what outages mean is in AwsAnswersTest. */
    private static final Set<String> HARMLESS = Set.of(
            "enable",
            "ignoreContext",
            "cancelDeletion",
            "rotate",
            "set",
            "externalKeyFailure",
            "answerPendingDeletionAsDisabled",
            "CREATING",
            "ENABLED",
            "UPDATING",
            "DISABLED",
            "PENDING_DELETION",
            "CIPHERTEXT_INVALID",
            "THROTTLED",
            "TIMED_OUT",
            "UNREACHABLE",
            "MANAGER_UNREACHABLE",
            "role",
            "inject",
            "injectFor",
            "injectAlways",
            "recover",
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
        return world.kekId();
    }

    @Override
    protected KeyProvider provider(WireWorld world) {
        return world.provider;
    }

    @Override
    protected Optional<Instant> delete(WireWorld world, int days) {
        world.key.scheduleDeletion(Duration.ofDays(days));
        return world.key.deletionDate();
    }

    @Override
    protected List<Withdrawal<WireWorld>> ways() {
        return AwsWithdrawals.all();
    }

    @Override
    protected Class<?>[] places() {
        return new Class<?>[] {AwsKmsEmulator.class, AwsKmsKey.class, AwsKeyState.class, AwsExternalKeyFailure.class};
    }

    @Override
    protected Set<String> harmless() {
        return HARMLESS;
    }

    /** Wraps name the key that the alias was of. */
    @Test
    void anAliasThatIsTakenAwayWithdrawsNothingThatIsThere() {
        try (WireWorld world = new WireWorld()) {
            KmsClient client = world.client(WireWorld.of(world.vendor), world.emulator.endpoint(), "eu-west-1");
            KekId alias = EmulatedKms.kekId(world.key.alias("backup"));
            try (WatchedKeks keks =
                    new WatchedKeks(world.time, options -> options.register(AwsKms.factory(name -> client)))) {
                WatchedKeks.Kek kek = keks.add(alias);
                keks.run(Duration.ofMinutes(2));
                client.deleteAlias(request -> request.aliasName("alias/backup"));
                keks.run(Duration.ofMinutes(10));
                assertThat(kek.standing().state()).isEqualTo(KekState.ACTIVE);
                kek.lease();
                world.key.disable();
                kek.until(KekState.REVOKED, keks.monitor().bound());
            }
        }
    }
}
