package io.keywrap.emulators;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.keywrap.emulators.Authorizer.Access;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The operations of grants. */
final class GrantOperations {
    private static final int ID_BYTES = 32;
    private static final Set<String> OPERATIONS = Set.of(
            "CreateGrant",
            "Decrypt",
            "DeriveSharedSecret",
            "DescribeKey",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateMac",
            "GetPublicKey",
            "ReEncryptFrom",
            "ReEncryptTo",
            "RetireGrant",
            "Sign",
            "Verify",
            "VerifyMac");

    private final KmsStore store;
    private final KmsKeys keys;

    GrantOperations(KmsStore store, KmsKeys keys) {
        this.store = store;
        this.keys = keys;
    }

    JsonObject createGrant(KmsRequest request) {
        KmsKey key = keys.authorized(request, request.required("KeyId"), Access.manage("CreateGrant"));
        key.requireManageable();
        if (key.state() == AwsKeyState.DISABLED) {
            throw KmsFailure.disabled(key.arn());
        }
        KmsGrant grant = new KmsGrant(
                HexFormat.of().formatHex(KeyMaterial.random(ID_BYTES)),
                HexFormat.of().formatHex(KeyMaterial.random(ID_BYTES)),
                request.text("Name"),
                principal(request.required("GranteePrincipal")),
                request.text("RetiringPrincipal").map(GrantOperations::principal),
                operations(request),
                constraint(request, "EncryptionContextEquals"),
                constraint(request, "EncryptionContextSubset"),
                store.now());
        key.grants.put(grant.id(), grant);
        JsonObject answer = new JsonObject();
        answer.addProperty("GrantId", grant.id());
        answer.addProperty("GrantToken", grant.token());
        return answer;
    }

    /** A grant for what does not exist would allow nothing, and nobody would be told. */
    private static Set<String> operations(KmsRequest request) {
        Set<String> operations = Set.copyOf(request.texts("Operations"));
        if (operations.isEmpty()) {
            throw KmsFailure.missing("Operations");
        }
        if (!OPERATIONS.containsAll(operations)) {
            throw KmsFailure.constraint("Operations", "satisfy enum value set: " + new TreeSet<>(OPERATIONS));
        }
        return operations;
    }

    private static String principal(String text) {
        if (!text.matches("arn:aws[a-z-]*:(iam|sts)::\\d{12}:.+|\\d{12}")) {
            throw KmsFailure.invalidArn("ARN does not refer to a valid principal: " + text);
        }
        return text;
    }

    private static Optional<Map<String, String>> constraint(KmsRequest request, String name) {
        return request.object("Constraints")
                .filter(constraints -> constraints.has(name))
                .map(constraints -> KmsRequest.pairs(constraints.getAsJsonObject(name)));
    }

    JsonObject revokeGrant(KmsRequest request) {
        KmsKey key = keys.authorized(request, request.required("KeyId"), Access.manage("RevokeGrant"));
        if (key.grants.remove(request.required("GrantId")) == null) {
            throw KmsFailure.noSuchGrant();
        }
        return new JsonObject();
    }

    /** By the retiring principal or the grantee; the others get the answer of a grant that is not there. */
    JsonObject retireGrant(KmsRequest request) {
        for (KmsKey key : store.all()) {
            for (KmsGrant grant : key.grants.values()) {
                boolean meant = request.text("GrantToken")
                                .map(grant.token()::equals)
                                .orElse(false)
                        || request.text("GrantId").map(grant.id()::equals).orElse(false);
                if (meant && mayRetire(request.caller(), grant)) {
                    key.grants.remove(grant.id());
                    return new JsonObject();
                }
            }
        }
        throw KmsFailure.noSuchGrant();
    }

    private static boolean mayRetire(Caller caller, KmsGrant grant) {
        return grant.retiring().map(caller::isCalled).orElse(false)
                || (caller.isCalled(grant.grantee()) && grant.operations().contains("RetireGrant"));
    }

    JsonObject listGrants(KmsRequest request) {
        KmsKey key = keys.authorized(request, request.required("KeyId"), Access.manage("ListGrants"));
        JsonArray list = new JsonArray();
        key.grants.values().forEach(grant -> list.add(describe(key, grant)));
        return KeyOperations.wholeList("Grants", list);
    }

    private static JsonObject describe(KmsKey key, KmsGrant grant) {
        JsonObject entry = new JsonObject();
        entry.addProperty("KeyId", key.arn());
        entry.addProperty("GrantId", grant.id());
        grant.name().ifPresent(name -> entry.addProperty("Name", name));
        entry.addProperty("CreationDate", KeyMetadata.seconds(grant.created()));
        entry.addProperty("GranteePrincipal", grant.grantee());
        grant.retiring().ifPresent(retiring -> entry.addProperty("RetiringPrincipal", retiring));
        entry.addProperty("IssuingAccount", "arn:" + Arn.partition(key.region) + ":iam::" + key.account + ":root");
        JsonArray operations = new JsonArray();
        grant.operations().stream().sorted().forEach(operations::add);
        entry.add("Operations", operations);
        JsonObject constraints = new JsonObject();
        grant.contextEquals().ifPresent(pairs -> constraints.add("EncryptionContextEquals", json(pairs)));
        grant.contextSubset().ifPresent(pairs -> constraints.add("EncryptionContextSubset", json(pairs)));
        if (constraints.size() > 0) {
            entry.add("Constraints", constraints);
        }
        return entry;
    }

    private static JsonObject json(Map<String, String> pairs) {
        JsonObject object = new JsonObject();
        pairs.forEach(object::addProperty);
        return object;
    }
}
