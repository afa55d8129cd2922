package io.keywrap.emulators;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.keywrap.emulators.Authorizer.Access;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The operations of a key's life and policy. */
final class KeyOperations {
    private static final int MIN_WINDOW = 7;
    private static final int MAX_WINDOW = 30;
    private static final Set<String> ORIGINS = Set.of("AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE");
    private static final Map<String, String> KINDS = Map.of(
            "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT",
            "RSA_", "ENCRYPT_DECRYPT SIGN_VERIFY",
            "ECC_", "SIGN_VERIFY KEY_AGREEMENT",
            "SM2", "ENCRYPT_DECRYPT SIGN_VERIFY KEY_AGREEMENT",
            "ML_DSA_", "SIGN_VERIFY",
            "HMAC_", "GENERATE_VERIFY_MAC");

    private final KmsStore store;
    private final Authorizer authorizer;
    private final KmsKeys keys;

    KeyOperations(KmsStore store, Authorizer authorizer, KmsKeys keys) {
        this.store = store;
        this.authorizer = authorizer;
        this.keys = keys;
    }

    JsonObject createKey(KmsRequest request) {
        authorizer.require(request.caller(), "kms:CreateKey");
        String kind = request.text("KeySpec")
                .or(() -> request.text("CustomerMasterKeySpec"))
                .orElse("SYMMETRIC_DEFAULT");
        String usage = request.text("KeyUsage").orElse("ENCRYPT_DECRYPT");
        String origin = request.text("Origin").orElse("AWS_KMS");
        if (!ORIGINS.contains(origin)) {
            throw KmsFailure.constraint("Origin", "satisfy enum value set: " + ORIGINS);
        }
        requireKind(kind, usage);
        AwsKeySpec spec = AwsKeySpec.symmetric()
                .describedAs(request.text("Description").orElse(""))
                .withUsage(usage)
                .withSpec(kind)
                .withOrigin(origin);
        if (request.flag("MultiRegion")) {
            spec = spec.asMultiRegion();
        }
        spec = request.text("Policy").map(spec::withPolicy).orElse(spec);
        return metadata(
                "KeyMetadata",
                store.create(spec, request.region(), request.caller().account()));
    }

    /** Knows the beginnings of the kinds only, since none but the symmetric one can do anything here. */
    private static void requireKind(String kind, String usage) {
        String usages = KINDS.entrySet().stream()
                .filter(entry -> kind.startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> KmsFailure.constraint("KeySpec", "satisfy enum value set: " + KINDS.keySet()));
        if (!Set.of(usages.split(" ")).contains(usage)) {
            throw KmsFailure.validation("KeyUsage " + usage + " is not valid for KeySpec " + kind + ".");
        }
    }

    JsonObject describeKey(KmsRequest request) {
        return metadata(
                "KeyMetadata", keys.authorized(request, request.required("KeyId"), Access.manage("DescribeKey")));
    }

    JsonObject listKeys(KmsRequest request) {
        authorizer.require(request.caller(), "kms:ListKeys");
        JsonArray list = new JsonArray();
        store.all().stream().filter(key -> isLocal(key, request)).forEach(key -> {
            JsonObject entry = new JsonObject();
            entry.addProperty("KeyId", key.keyId);
            entry.addProperty("KeyArn", key.arn());
            list.add(entry);
        });
        return wholeList("Keys", list);
    }

    private static boolean isLocal(KmsKey key, KmsRequest request) {
        return key.region.equals(request.region())
                && key.account.equals(request.caller().account());
    }

    /** A list in one page. */
    static JsonObject wholeList(String name, JsonArray list) {
        JsonObject answer = new JsonObject();
        answer.add(name, list);
        answer.addProperty("Truncated", false);
        return answer;
    }

    JsonObject enableKey(KmsRequest request) {
        return switchTo(request, AwsKeyState.ENABLED);
    }

    JsonObject disableKey(KmsRequest request) {
        return switchTo(request, AwsKeyState.DISABLED);
    }

    private JsonObject switchTo(KmsRequest request, AwsKeyState state) {
        KmsKey key = keys.owned(request);
        key.requireManageable();
        if (key.state() != AwsKeyState.UNAVAILABLE) {
            key.state(state);
        }
        return new JsonObject();
    }

    JsonObject scheduleKeyDeletion(KmsRequest request) {
        KmsKey key = keys.owned(request);
        int days = request.number("PendingWindowInDays", MIN_WINDOW, MAX_WINDOW).orElse(MAX_WINDOW);
        if (key.state().isPendingDeletion()) {
            throw KmsFailure.invalidState(key.arn(), "pending deletion");
        }
        schedule(key, days);
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("KeyState", key.state().wireName());
        answer.addProperty("PendingWindowInDays", days);
        key.deletionDate().ifPresent(date -> answer.addProperty("DeletionDate", KeyMetadata.seconds(date)));
        return answer;
    }

    void schedule(KmsKey key, int days) {
        if (key.primary && store.family(key.keyId).size() > 1) {
            key.deleteAfterReplicas(days);
        } else {
            key.deleteAt(store.now().plus(Duration.ofDays(days)), days);
        }
    }

    JsonObject cancelKeyDeletion(KmsRequest request) {
        KmsKey key = keys.owned(request);
        cancel(key);
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        return answer;
    }

    static void cancel(KmsKey key) {
        if (!key.state().isPendingDeletion()) {
            throw KmsFailure.invalidState(key.arn(), "not pending deletion");
        }
        key.state(AwsKeyState.DISABLED);
    }

    JsonObject getKeyPolicy(KmsRequest request) {
        JsonObject answer = new JsonObject();
        answer.addProperty("Policy", keys.owned(request).policyText());
        answer.addProperty("PolicyName", "default");
        return answer;
    }

    JsonObject putKeyPolicy(KmsRequest request) {
        KmsKey key = keys.owned(request);
        if (key.state().isPendingDeletion()) {
            throw KmsFailure.invalidState(key.arn(), "pending deletion");
        }
        key.policy(request.required("Policy"));
        return new JsonObject();
    }

    JsonObject replicateKey(KmsRequest request) {
        KmsKey key = keys.owned(request);
        String region = request.required("ReplicaRegion");
        if (!Arn.isRegion(region) || !Arn.partition(region).equals(Arn.partition(key.region))) {
            throw KmsFailure.constraint("ReplicaRegion", "be a Region of the key's partition");
        }
        if (!key.spec.multiRegion() || !key.primary) {
            throw KmsFailure.unsupported(key.arn() + " is not a multi-region primary key");
        }
        key.requireManageable();
        if (key.state() == AwsKeyState.DISABLED) {
            throw KmsFailure.disabled(key.arn());
        }
        KmsKey replica = store.replicate(
                key,
                region,
                Optional.of(request.text("Policy").orElseGet(() -> Policy.everythingFor(key.account, region))));
        JsonObject answer = metadata("ReplicaKeyMetadata", replica);
        answer.addProperty("ReplicaPolicy", replica.policyText());
        return answer;
    }

    private JsonObject metadata(String name, KmsKey key) {
        JsonObject answer = new JsonObject();
        answer.add(name, KeyMetadata.of(key, store.family(key.keyId)));
        return answer;
    }
}
