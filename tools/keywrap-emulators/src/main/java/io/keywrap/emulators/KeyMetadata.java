package io.keywrap.emulators;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/** What {@code DescribeKey} and {@code CreateKey} say about a key. */
final class KeyMetadata {
    private KeyMetadata() {}

    static JsonObject of(KmsKey key, List<KmsKey> family) {
        JsonObject json = new JsonObject();
        json.addProperty("AWSAccountId", key.account);
        json.addProperty("KeyId", key.keyId);
        json.addProperty("Arn", key.arn());
        json.addProperty("CreationDate", seconds(key.created));
        json.addProperty("Enabled", key.state() == AwsKeyState.ENABLED);
        json.addProperty("Description", key.spec.description());
        json.addProperty("KeyUsage", key.spec.usage());
        json.addProperty("KeyState", key.state().wireName());
        json.addProperty("Origin", key.spec.origin());
        json.addProperty("KeyManager", "CUSTOMER");
        json.addProperty("CustomerMasterKeySpec", key.spec.spec());
        json.addProperty("KeySpec", key.spec.spec());
        json.addProperty("MultiRegion", key.spec.multiRegion());
        key.deletionDate().ifPresent(date -> json.addProperty("DeletionDate", seconds(date)));
        if (key.state() == AwsKeyState.PENDING_REPLICA_DELETION) {
            json.addProperty("PendingDeletionWindowInDays", key.deletionWindowDays());
        }
        if (key.spec.spec().equals("SYMMETRIC_DEFAULT")) {
            JsonArray algorithms = new JsonArray();
            algorithms.add("SYMMETRIC_DEFAULT");
            json.add("EncryptionAlgorithms", algorithms);
            json.addProperty("CurrentKeyMaterialId", key.material.current().id);
        }
        if (key.spec.multiRegion()) {
            json.add("MultiRegionConfiguration", regions(key, family));
        }
        return json;
    }

    private static JsonObject regions(KmsKey key, List<KmsKey> family) {
        JsonObject json = new JsonObject();
        json.addProperty("MultiRegionKeyType", key.primary ? "PRIMARY" : "REPLICA");
        JsonArray replicas = new JsonArray();
        for (KmsKey member : family) {
            if (member.primary) {
                json.add("PrimaryKey", place(member));
            } else {
                replicas.add(place(member));
            }
        }
        json.add("ReplicaKeys", replicas);
        return json;
    }

    private static JsonObject place(KmsKey key) {
        JsonObject json = new JsonObject();
        json.addProperty("Arn", key.arn());
        json.addProperty("Region", key.region);
        return json;
    }

    /** A time as the protocol has it. */
    static BigDecimal seconds(Instant instant) {
        return BigDecimal.valueOf(instant.toEpochMilli(), 3);
    }
}
