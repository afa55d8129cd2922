package io.keywrap.emulators;

import io.keywrap.emulators.Authorizer.Access;
import java.util.Optional;
import java.util.Set;

/** Finds the key that a request names, for those who may use it. */
final class KmsKeys {
    /** Operations whose model has {@code InvalidArnException}; the others say {@code ValidationException}. */
    private static final Set<String> NAME_ARN_ERRORS = Set.of(
            "CancelKeyDeletion",
            "CreateGrant",
            "DescribeKey",
            "DisableKey",
            "DisableKeyRotation",
            "EnableKey",
            "EnableKeyRotation",
            "GetKeyPolicy",
            "GetKeyRotationStatus",
            "ListAliases",
            "ListGrants",
            "ListKeyRotations",
            "PutKeyPolicy",
            "ReplicateKey",
            "RevokeGrant",
            "RotateKeyOnDemand",
            "ScheduleKeyDeletion");

    private final KmsStore store;
    private final Authorizer authorizer;

    KmsKeys(KmsStore store, Authorizer authorizer) {
        this.store = store;
        this.authorizer = authorizer;
    }

    /** The key under {@code KeyId}, for an operation that its own account alone may do. */
    KmsKey owned(KmsRequest request) {
        Arn name = name(request, request.required("KeyId"));
        name.account()
                .filter(account -> !account.equals(request.caller().account()))
                .ifPresent(account -> {
                    throw KmsFailure.hidden(request.caller(), "kms:" + request.operation());
                });
        return authorized(request, request.required("KeyId"), Access.manage(request.operation()));
    }

    KmsKey authorized(KmsRequest request, String keyId, Access access) {
        KmsKey key = named(request, keyId, access);
        authorizer.require(request.caller(), access, key);
        return key;
    }

    /** The key, before anybody has asked whether the caller may use it. */
    KmsKey named(KmsRequest request, String keyId, Access access) {
        Arn name = name(request, keyId);
        String arn = name.full(request.region(), request.caller().account());
        if (!name.region().orElse(request.region()).equals(request.region())) {
            if (!Arn.accountOf(arn).equals(request.caller().account())) {
                throw authorizer.absent(request.caller(), access, arn);
            }
            throw KmsFailure.otherRegion(name.region().orElse(""));
        }
        return find(name, request).orElseThrow(() -> authorizer.absent(request.caller(), access, arn));
    }

    /** The key that a request means, if there is one; never an error. */
    Optional<KmsKey> peek(KmsRequest request, String keyId) {
        return Arn.parse(keyId).flatMap(name -> find(name, request));
    }

    private Optional<KmsKey> find(Arn name, KmsRequest request) {
        String arn = name.full(request.region(), request.caller().account());
        return name.alias() ? Optional.ofNullable(store.aliases().get(arn)).flatMap(store::find) : store.find(arn);
    }

    private static Arn name(KmsRequest request, String keyId) {
        return Arn.parse(keyId)
                .orElseThrow(() -> NAME_ARN_ERRORS.contains(request.operation())
                        ? KmsFailure.invalidArn("Invalid ARN: " + keyId)
                        : KmsFailure.validation("Invalid keyId " + keyId));
    }
}
