package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.emulators.AwsExternalKeyFailure;
import io.keywrap.emulators.AwsKeyState;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
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
import software.amazon.awssdk.services.kms.KmsClient;

/** Each way to withdraw a KEK of AWS KMS, noticed in time by a monitor over HTTP; and the way back. */
class AwsRevocationTest {
    /** What an owner can do, or what can happen, that withdraws nothing; what outages mean is in AwsAnswersTest. */
    private static final Set<String> HARMLESS = Set.of(
            "enable",
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

    static List<Withdrawal<WireWorld>> ways() {
        return AwsWithdrawals.all();
    }

    private static WatchedKeks watched(WireWorld world) {
        return new WatchedKeks(
                world.time, options -> options.register(CurrentProvider.factory("aws-kms", id -> world.provider)));
    }

    private static List<String> missing(List<Withdrawal<WireWorld>> some) {
        return Withdrawal.missing(
                some, HARMLESS, AwsKmsEmulator.class, AwsKmsKey.class, AwsKeyState.class, AwsExternalKeyFailure.class);
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
                        .filter(way -> !way.by().equals("disable"))
                        .toList()))
                .containsExactly("disable");
    }

    @Test
    void isPresumedDestroyedWhenTheDayOfItsDeletionHasPassed() {
        try (WireWorld world = new WireWorld();
                WatchedKeks keks = watched(world)) {
            WatchedKeks.Kek kek = keks.add(world.kekId());
            keks.run(Duration.ofMinutes(2));
            world.key.scheduleDeletion(Duration.ofDays(7));
            kek.until(KekState.REVOKED, keks.monitor().bound());
            assertThat(kek.standing().deletion()).isEqualTo(world.key.deletionDate());
            world.time.advance(Duration.ofDays(7));
            kek.until(KekState.DESTROYED, Duration.ofSeconds(1));
        }
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
