package io.keywrap.aws;

import io.keywrap.KekId;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.emulators.AwsExternalKeyFailure;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKeyState;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AwsRole;
import io.keywrap.testkit.Withdrawal;
import io.keywrap.testkit.Withdrawal.Act;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.GrantOperation;

/** Every way in which AWS lets a customer withdraw a KEK, and the way back. */
final class AwsWithdrawals {
    private static final String STATE = "KMSInvalidStateException";
    private static final String DENIED = "AccessDeniedException";
    private static final Duration WEEK = Duration.ofDays(7);
    private static final String NOTHING = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
    private static final String ALL =
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}";
    private static final String DENY_EVERYBODY = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\","
            + "\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}";
    private static final String ANOTHER_TENANT =
            ",\"Condition\":{\"StringEquals\":{\"kms:EncryptionContext:tenant\":\"another\"}}";

    private AwsWithdrawals() {}

    static List<Withdrawal<WireWorld>> all() {
        return Stream.of(switchedOff(), deleted(), denied(), withheld(), external())
                .flatMap(List::stream)
                .toList();
    }

    private static Withdrawal<WireWorld> way(
            String by,
            String name,
            Reason reason,
            String code,
            Function<WireWorld, KekId> kek,
            Act<WireWorld> withdraw,
            @Nullable Act<WireWorld> giveBack) {
        return new Withdrawal<>(by, name, kek, withdraw, giveBack, reason, code);
    }

    private static List<Withdrawal<WireWorld>> switchedOff() {
        return List.of(way(
                "disable",
                "by its owner",
                Reason.DISABLED,
                "DisabledException",
                WireWorld::kekId,
                w -> w.key.disable(),
                w -> w.key.enable()));
    }

    private static List<Withdrawal<WireWorld>> deleted() {
        return List.of(
                pending("told as an invalid state", STATE, false),
                pending("told as disabled", "DisabledException", true),
                way(
                        AwsKeyState.PENDING_REPLICA_DELETION.name(),
                        "after its replicas",
                        Reason.PENDING_DELETION,
                        STATE,
                        w -> {
                            w.use(w.emulator.createKey(AwsKeySpec.symmetric().asMultiRegion()));
                            w.key.replicate("eu-central-1");
                            return w.kekId();
                        },
                        w -> ours(w).scheduleKeyDeletion(
                                        request -> request.keyId(w.key.arn()).pendingWindowInDays(7)),
                        AwsWithdrawals::cancel),
                way(
                        "delete",
                        "in the caller's account",
                        Reason.DELETED,
                        "NotFoundException",
                        WireWorld::kekId,
                        w -> w.key.delete(),
                        null),
                way(
                        "delete",
                        "in another account",
                        Reason.DENIED,
                        DENIED,
                        AwsWithdrawals::theirs,
                        w -> w.key.delete(),
                        null));
    }

    private static Withdrawal<WireWorld> pending(String name, String code, boolean asDisabled) {
        return way(
                "scheduleDeletion",
                name,
                Reason.PENDING_DELETION,
                code,
                w -> {
                    w.key.answerPendingDeletionAsDisabled(asDisabled);
                    return w.kekId();
                },
                w -> w.key.scheduleDeletion(WEEK),
                AwsWithdrawals::cancel);
    }

    private static void cancel(WireWorld world) {
        world.key.cancelDeletion();
        world.key.enable();
    }

    private static KmsClient ours(WireWorld world) {
        return world.client(WireWorld.of(world.vendor), world.emulator.endpoint(), "eu-west-1");
    }

    private static KmsClient owner(WireWorld world) {
        return world.client(
                WireWorld.of(world.emulator.principal("arn:aws:iam::" + WireWorld.OTHER_ACCOUNT + ":root")),
                world.emulator.endpoint(),
                "eu-west-1");
    }

    private static KekId theirs(WireWorld world) {
        world.theirs();
        return world.kekId();
    }

    private static String allowingUs(WireWorld world, String condition) {
        return WireWorld.allowing("\"arn:aws:iam::" + world.emulator.account() + ":root\"", condition);
    }

    private static List<Withdrawal<WireWorld>> denied() {
        return List.of(
                way(
                        "policy",
                        "that denies everybody",
                        Reason.DENIED,
                        DENIED,
                        WireWorld::kekId,
                        w -> w.key.policy(DENY_EVERYBODY),
                        w -> w.key.resetPolicy()),
                way(
                        "resetPolicy",
                        "which does not name the vendor any more",
                        Reason.DENIED,
                        DENIED,
                        AwsWithdrawals::theirs,
                        w -> w.key.resetPolicy(),
                        w -> w.key.policy(allowingUs(w, ""))),
                way(
                        "policy",
                        "with a condition on the key context",
                        Reason.DENIED,
                        DENIED,
                        AwsWithdrawals::theirs,
                        w -> w.key.policy(allowingUs(w, ANOTHER_TENANT)),
                        w -> w.key.policy(allowingUs(w, ""))),
                grant(
                        "RevokeGrant",
                        w -> owner(w).revokeGrant(
                                        request -> request.keyId(w.key.arn()).grantId(theGrant(w)))),
                grant(
                        "RetireGrant",
                        w -> owner(w).retireGrant(
                                        request -> request.keyId(w.key.arn()).grantId(theGrant(w)))),
                way(
                        "identityPolicy",
                        "of the customer's role that keywrap assumes",
                        Reason.DENIED,
                        DENIED,
                        AwsWithdrawals::byRole,
                        w -> w.emulator.identityPolicy(w.emulator.principal(WireWorld.role()), NOTHING),
                        w -> w.emulator.identityPolicy(w.emulator.principal(WireWorld.role()), ALL)));
    }

    private static Withdrawal<WireWorld> grant(String by, Act<WireWorld> withdraw) {
        return way(
                by,
                "without which the key cannot be used",
                Reason.DENIED,
                DENIED,
                w -> {
                    w.theirs();
                    w.key.resetPolicy();
                    grant(w);
                    return w.kekId();
                },
                withdraw,
                AwsWithdrawals::grant);
    }

    private static void grant(WireWorld world) {
        owner(world)
                .createGrant(request -> request.keyId(world.key.arn())
                        .granteePrincipal(world.vendor.arn())
                        .retiringPrincipal("arn:aws:iam::" + WireWorld.OTHER_ACCOUNT + ":root")
                        .operations(
                                GrantOperation.DECRYPT, GrantOperation.GENERATE_DATA_KEY, GrantOperation.DESCRIBE_KEY));
    }

    private static String theGrant(WireWorld world) {
        return owner(world)
                .listGrants(request -> request.keyId(world.key.arn()))
                .grants()
                .get(0)
                .grantId();
    }

    private static KekId byRole(WireWorld world) {
        world.theirs();
        world.key.policy(WireWorld.allowing("\"arn:aws:iam::" + WireWorld.OTHER_ACCOUNT + ":root\"", ""));
        world.emulator.role(
                AwsRole.of(WireWorld.role()).trusting(world.vendor.arn()).withExternalId("tenant-42"));
        world.callByRole("tenant-42");
        return world.kekId();
    }

    private static List<Withdrawal<WireWorld>> withheld() {
        return Stream.of(AwsKeyState.PENDING_IMPORT, AwsKeyState.UNAVAILABLE)
                .map(state -> way(
                        state.name(),
                        state == AwsKeyState.UNAVAILABLE
                                ? "its custom key store is disconnected"
                                : "its imported material is deleted or has expired",
                        Reason.UNAVAILABLE_BY_CUSTOMER,
                        STATE,
                        WireWorld::kekId,
                        w -> w.key.set(state),
                        w -> w.key.set(AwsKeyState.ENABLED)))
                .toList();
    }

    private static List<Withdrawal<WireWorld>> external() {
        return Stream.of(
                        AwsExternalKeyFailure.NOT_ENABLED,
                        AwsExternalKeyFailure.NOT_FOUND,
                        AwsExternalKeyFailure.ACCESS_DENIED,
                        AwsExternalKeyFailure.NOT_SUPPORTED)
                .map(failure -> way(
                        failure.name(),
                        "in the external key manager",
                        Reason.UNAVAILABLE_BY_CUSTOMER,
                        STATE,
                        w -> {
                            AwsKmsKey key =
                                    w.emulator.createKey(AwsKeySpec.symmetric().withOrigin("EXTERNAL_KEY_STORE"));
                            w.use(key);
                            return w.kekId();
                        },
                        w -> w.key.externalKeyFailure(Optional.of(failure)),
                        w -> w.key.externalKeyFailure(Optional.empty())))
                .toList();
    }
}
