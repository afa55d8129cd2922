package io.keywrap.emulators;

import io.keywrap.emulators.Policy.Decision;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Who may do what: the identity's policy, the key's policy and the key's grants together, as AWS puts them together within
 * an account and across accounts.
 */
final class Authorizer {
    private final Map<String, Policy> identityPolicies = new HashMap<>();

    void identityPolicy(String identity, String json) {
        identityPolicies.put(identity, Policy.ofIdentity(json));
    }

    /** For operations that are on no key. */
    void require(Caller caller, String action) {
        requireIdentity(caller, action, "*", Map.of());
    }

    void require(Caller caller, Access access, KmsKey key) {
        String action = "kms:" + access.operation();
        Map<String, List<String>> conditionKeys = conditionKeys(caller, access, key);
        Decision identity = identity(caller, action, key.arn(), conditionKeys);
        if (identity == Decision.DENY) {
            throw KmsFailure.identityDeny(caller, action, key.arn());
        }
        Decision resource = key.policy().ofKey(caller, action, key.arn(), conditionKeys);
        if (resource == Decision.DENY) {
            throw KmsFailure.hidden(caller, action);
        }
        boolean granted = key.grants.values().stream().anyMatch(grant -> grant.allows(caller, access));
        boolean sameAccount = caller.account().equals(key.account);
        if (sameAccount && (granted || resource == Decision.ALLOW)) {
            return;
        }
        if (identity == Decision.SILENT) {
            throw KmsFailure.noIdentityPolicy(caller, action, key.arn());
        }
        if (!granted && resource == Decision.SILENT) {
            throw KmsFailure.hidden(caller, action);
        }
    }

    /** The answer for a key that is not there, or that the caller's account may not even ask about. */
    KmsFailure absent(Caller caller, Access access, String arn) {
        String action = "kms:" + access.operation();
        requireIdentity(caller, action, arn, conditionKeys(caller, access));
        boolean sameAccount = caller.account().equals(Arn.accountOf(arn));
        if (!sameAccount) {
            return KmsFailure.hidden(caller, action);
        }
        return arn.contains(":alias/") ? KmsFailure.noSuchAlias(arn) : KmsFailure.noSuchKey(arn);
    }

    private void requireIdentity(
            Caller caller, String action, String resource, Map<String, List<String>> conditionKeys) {
        Decision identity = identity(caller, action, resource, conditionKeys);
        if (identity == Decision.DENY) {
            throw KmsFailure.identityDeny(caller, action, resource);
        }
        if (identity == Decision.SILENT) {
            throw KmsFailure.noIdentityPolicy(caller, action, resource);
        }
    }

    private Decision identity(Caller caller, String action, String resource, Map<String, List<String>> conditionKeys) {
        Policy policy = identityPolicies.get(caller.identity());
        return policy == null || caller.isRoot() ? Decision.ALLOW : policy.ofIdentity(action, resource, conditionKeys);
    }

    private static Map<String, List<String>> conditionKeys(Caller caller, Access access, KmsKey key) {
        Map<String, List<String>> keys = conditionKeys(caller, access);
        keys.put("aws:requestedregion", List.of(key.region));
        keys.put("kms:keyspec", List.of(key.spec.spec()));
        keys.put("kms:keyusage", List.of(key.spec.usage()));
        keys.put("kms:keyorigin", List.of(key.spec.origin()));
        keys.put("kms:multiregion", List.of(String.valueOf(key.spec.multiRegion())));
        return keys;
    }

    /** What a request says of itself, whatever becomes of its key. */
    private static Map<String, List<String>> conditionKeys(Caller caller, Access access) {
        Map<String, List<String>> keys = new HashMap<>();
        keys.put("kms:calleraccount", List.of(caller.account()));
        keys.put("aws:principalaccount", List.of(caller.account()));
        keys.put("aws:principalarn", List.of(caller.identity()));
        // The loopback connection stands for a TLS one.
        keys.put("aws:securetransport", List.of("true"));
        if (access.crypto()) {
            keys.put("kms:encryptionalgorithm", List.of("SYMMETRIC_DEFAULT"));
        }
        if (access.operation().startsWith("ReEncrypt")) {
            keys.put("kms:reencryptonsamekey", List.of(String.valueOf(access.sameKey())));
        }
        if (!access.context().isEmpty()) {
            keys.put("kms:encryptioncontextkeys", List.copyOf(access.context().keySet()));
        }
        access.context()
                .forEach((name, value) ->
                        keys.put("kms:encryptioncontext:" + name.toLowerCase(Locale.ROOT), List.of(value)));
        return keys;
    }

    /**
     * What is wanted of a key.
     *
     * @param operation the operation, or its half such as {@code ReEncryptFrom}
     * @param crypto whether it encrypts or decrypts
     * @param context the encryption context, of those that do
     * @param sameKey whether source and destination of a {@code ReEncrypt} are one key
     */
    record Access(String operation, boolean crypto, Map<String, String> context, boolean sameKey) {
        static Access manage(String operation) {
            return new Access(operation, false, Map.of(), false);
        }

        static Access crypto(String operation, Map<String, String> context) {
            return new Access(operation, true, context, false);
        }
    }
}
