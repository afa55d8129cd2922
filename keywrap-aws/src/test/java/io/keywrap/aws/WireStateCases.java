package io.keywrap.aws;

import static io.keywrap.aws.WireCase.error;
import static io.keywrap.aws.WireCase.invalid;
import static io.keywrap.aws.WireCase.notFound;
import static io.keywrap.aws.WireCase.ours;
import static io.keywrap.aws.WireCase.outage;
import static io.keywrap.aws.WireCase.revoked;
import static io.keywrap.aws.WireCase.throttled;
import static io.keywrap.aws.WireCase.working;

import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.WrappedDek;
import io.keywrap.aws.WireCase.Change;
import io.keywrap.aws.WireRow.Op;
import io.keywrap.aws.WireRow.Ops;
import io.keywrap.emulators.AwsExternalKeyFailure;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKeyState;
import io.keywrap.emulators.AwsKmsKey;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.services.kms.KmsClient;

/** The cases in which the key itself, or what was wrapped by it, is the matter. */
final class WireStateCases {
    private static final String STATE = "KMSInvalidStateException";

    private WireStateCases() {}

    static Stream<WireCase> all() {
        return Stream.of(disabled(), pending(), gone(), others(), external(), wraps())
                .flatMap(List::stream);
    }

    private static List<WireCase> disabled() {
        return List.of(
                revoked(WireRow.DISABLED, "by its owner", Reason.DISABLED, "DisabledException", w -> w.key.disable())
                        .described(),
                revoked(
                                WireRow.DISABLED,
                                "after its deletion was cancelled",
                                Reason.DISABLED,
                                "DisabledException",
                                w -> {
                                    w.key.scheduleDeletion(Duration.ofDays(7));
                                    w.key.cancelDeletion();
                                })
                        .described(),
                revoked(WireRow.DISABLED, "while DescribeKey is denied", Reason.DISABLED, "DisabledException", w -> {
                            w.key.disable();
                            w.emulator.injectAlways(AwsFault.error(400, "AccessDeniedException", "no")
                                    .on("DescribeKey"));
                        })
                        .on(Ops.CRYPTO),
                working(WireRow.DISABLED, "and enabled again", w -> {
                    w.key.disable();
                    w.key.enable();
                }));
    }

    private static List<WireCase> pending() {
        return List.of(
                pending("told as an invalid state", STATE, w -> w.key.scheduleDeletion(Duration.ofDays(7))),
                pending("told as disabled", "DisabledException", w -> {
                    w.key.scheduleDeletion(Duration.ofDays(7));
                    w.key.answerPendingDeletionAsDisabled(true);
                }),
                pending("after its replicas, told as an invalid state", STATE, WireStateCases::deleteAfterReplicas),
                pending("after its replicas, told as disabled", "DisabledException", w -> {
                    deleteAfterReplicas(w);
                    w.key.answerPendingDeletionAsDisabled(true);
                }),
                revoked(WireRow.PENDING_DELETION, "while DescribeKey is denied", Reason.PENDING_DELETION, STATE, w -> {
                            w.key.scheduleDeletion(Duration.ofDays(7));
                            w.emulator.injectAlways(AwsFault.error(400, "AccessDeniedException", "no")
                                    .on("DescribeKey"));
                        })
                        .on(Ops.CRYPTO));
    }

    private static WireCase pending(String name, String code, Change change) {
        return revoked(WireRow.PENDING_DELETION, name, Reason.PENDING_DELETION, code, change)
                .described()
                .dated();
    }

    private static void deleteAfterReplicas(WireWorld world) {
        world.use(world.emulator.createKey(AwsKeySpec.symmetric().asMultiRegion()));
        world.key.replicate("eu-central-1");
        KmsClient owner = world.client(WireWorld.of(world.vendor), world.emulator.endpoint(), "eu-west-1");
        owner.scheduleKeyDeletion(request -> request.keyId(world.key.arn()).pendingWindowInDays(7));
    }

    private static List<WireCase> gone() {
        return List.of(
                revoked(
                                WireRow.DELETED,
                                "after it was seen working",
                                Reason.DELETED,
                                "NotFoundException",
                                w -> w.key.delete())
                        .on(Ops.OF_ONE_KEY),
                revoked(WireRow.DELETED, "when its date came", Reason.DELETED, "NotFoundException", w -> {
                            w.key.scheduleDeletion(Duration.ofDays(7));
                            w.time.advance(Duration.ofDays(7));
                        })
                        .on(Ops.OF_ONE_KEY),
                notFound(WireRow.DELETED, "before it was seen working", w -> {
                    w.key.delete();
                    w.callBy(WireWorld.of(w.vendor), w.emulator.endpoint());
                }),
                notFound(WireRow.DELETED, "of another Region", w -> w.callFrom("eu-central-1"))
                        .on(Ops.OF_ONE_KEY),
                revoked(WireRow.HIDDEN, "deleted", Reason.DENIED, "AccessDeniedException", w -> {
                    w.theirs();
                    w.key.delete();
                }),
                revoked(WireRow.HIDDEN, "never there", Reason.DENIED, "AccessDeniedException", w -> {
                    AwsKmsKey never =
                            w.emulator.createKey(AwsKeySpec.symmetric().inAccount(WireWorld.OTHER_ACCOUNT));
                    never.delete();
                    w.key = never;
                    w.callBy(WireWorld.of(w.vendor), w.emulator.endpoint());
                    w.wrapped = forged(w, w.wrapped.wrappedBytes());
                }),
                revoked(WireRow.HIDDEN, "of another Region", Reason.DENIED, "AccessDeniedException", w -> {
                            w.theirs();
                            w.callFrom("eu-central-1");
                        })
                        .on(Ops.OF_ONE_KEY));
    }

    private static List<WireCase> others() {
        return List.of(
                withheld(WireRow.PENDING_IMPORT, "expired or deleted", w -> w.key.set(AwsKeyState.PENDING_IMPORT)),
                withheld(WireRow.UNAVAILABLE, "by the customer", w -> w.key.set(AwsKeyState.UNAVAILABLE)),
                outage(WireRow.MULTI_REGION, "being made", STATE, w -> w.key.set(AwsKeyState.CREATING))
                        .described(),
                working(WireRow.MULTI_REGION, "updating", w -> w.key.set(AwsKeyState.UPDATING)),
                usage("RSA key", AwsKeySpec.symmetric().withSpec("RSA_2048")),
                usage(
                        "key to sign with",
                        AwsKeySpec.symmetric().withUsage("SIGN_VERIFY").withSpec("ECC_NIST_P256")),
                usage(
                        "key for message authentication",
                        AwsKeySpec.symmetric().withUsage("GENERATE_VERIFY_MAC").withSpec("HMAC_256")));
    }

    private static WireCase withheld(WireRow row, String name, Change change) {
        return revoked(row, name, Reason.UNAVAILABLE_BY_CUSTOMER, STATE, change).described();
    }

    private static WireCase usage(String name, AwsKeySpec spec) {
        return ours(WireRow.USAGE, name, "InvalidKeyUsageException", w -> {
                    w.key = w.emulator.createKey(spec);
                    w.callBy(WireWorld.of(w.vendor), w.emulator.endpoint());
                    w.wrapped = forged(w, w.wrapped.wrappedBytes());
                })
                .described();
    }

    /** A wrap that claims to be of the key. */
    private static WrappedDek forged(WireWorld world, byte[] bytes) {
        return WrappedDek.builder(world.wrapped.dekId(), world.kekId()).build(AwsKeyProvider.ALGORITHM, bytes);
    }

    private static List<WireCase> external() {
        return Stream.of(AwsExternalKeyFailure.values())
                .map(failure -> external(failure, w -> {
                    w.use(w.emulator.createKey(AwsKeySpec.symmetric().withOrigin("EXTERNAL_KEY_STORE")));
                    w.key.externalKeyFailure(Optional.of(failure));
                }))
                .toList();
    }

    private static WireCase external(AwsExternalKeyFailure failure, Change change) {
        WireRow row = WireRow.EXTERNAL_KEY_STORE;
        String name = failure.name();
        return switch (failure) {
            case NOT_ENABLED, NOT_FOUND, ACCESS_DENIED, NOT_SUPPORTED ->
                revoked(row, name, Reason.UNAVAILABLE_BY_CUSTOMER, STATE, change);
            case CIPHERTEXT_INVALID -> invalid(row, name, STATE, change);
            case THROTTLED -> throttled(row, name, STATE, change);
            case TIMED_OUT, UNREACHABLE, MANAGER_UNREACHABLE -> outage(row, name, STATE, change);
        };
    }

    private static List<WireCase> wraps() {
        return List.of(
                invalid(WireRow.OTHER_KEY, "that is there", "IncorrectKeyException", w -> {
                    byte[] other = w.wrapped.wrappedBytes();
                    w.use(w.emulator.createKey());
                    w.wrapped = forged(w, other);
                }),
                invalid(
                        WireRow.CIPHERTEXT,
                        "another context",
                        "InvalidCiphertextException",
                        w -> w.context = EncryptionContext.ofDek(
                                "another", w.wrapped.dekId(), EncryptionContext.of("tenant", WireWorld.SECRET_VALUE))),
                invalid(WireRow.CIPHERTEXT, "damaged", "InvalidCiphertextException", w -> {
                    byte[] damaged = w.wrapped.wrappedBytes();
                    damaged[damaged.length - 1] ^= 1;
                    w.wrapped = forged(w, damaged);
                }),
                invalid(
                        WireRow.CIPHERTEXT,
                        "no ciphertext at all",
                        "InvalidCiphertextException",
                        w -> w.wrapped = forged(w, new byte[] {1, 2, 3})),
                ours(
                                WireRow.PARAMETER,
                                "too long a ciphertext",
                                "ValidationException",
                                w -> w.wrapped = forged(w, new byte[7000]))
                        .on(Ops.UNWRAPS),
                ours(
                                WireRow.PARAMETER,
                                "quoted with the key context",
                                "ValidationException",
                                error(
                                        400,
                                        "ValidationException",
                                        "1 validation error detected: Value '{tenant=" + WireWorld.SECRET_VALUE
                                                + "}' at 'encryptionContext' failed to satisfy constraint"))
                        .on(Ops.ONE_CRYPTO),
                ours(
                                WireRow.PARAMETER,
                                "an ARN",
                                "InvalidArnException",
                                error(400, "InvalidArnException", "Invalid ARN"))
                        .on(EnumSet.of(Op.DESCRIBE)));
    }
}
