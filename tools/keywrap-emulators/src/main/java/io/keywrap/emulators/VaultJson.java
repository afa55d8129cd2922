package io.keywrap.emulators;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Keys as JSON, and back. The caller holds the monitor of the store. */
final class VaultJson {
    private VaultJson() {}

    static String id(String base, VaultKey key) {
        return base + "/keys/" + key.name;
    }

    static String id(String base, VaultKey key, VaultVersion version) {
        return id(base, key) + "/" + version.id;
    }

    /** A key bundle; of a deleted key, with what its deletion adds. */
    static JsonObject bundle(String base, VaultKey key, VaultVersion version) {
        JsonObject jwk = new JsonObject();
        jwk.addProperty("kid", id(base, key, version));
        jwk.addProperty("kty", version.spec.keyType());
        JsonArray operations = new JsonArray();
        new TreeSet<>(version.keyOps).forEach(operations::add);
        jwk.add("key_ops", operations);
        version.pair.ifPresent(pair -> {
            RSAPublicKey rsa = (RSAPublicKey) pair.getPublic();
            jwk.addProperty("n", number(rsa.getModulus()));
            jwk.addProperty("e", number(rsa.getPublicExponent()));
        });
        JsonObject bundle = new JsonObject();
        bundle.add("key", jwk);
        describe(bundle, version);
        deletion(bundle, base, key);
        return bundle;
    }

    static JsonObject list(String base, Collection<VaultKey> keys) {
        JsonArray items = new JsonArray();
        for (VaultKey key : keys) {
            JsonObject item = item(id(base, key), key.latest());
            deletion(item, base, key);
            items.add(item);
        }
        return list(items);
    }

    static JsonObject versions(String base, VaultKey key) {
        JsonArray items = new JsonArray();
        key.versions().forEach(version -> items.add(item(id(base, key, version), version)));
        return list(items);
    }

    private static JsonObject list(JsonArray items) {
        JsonObject list = new JsonObject();
        list.add("value", items);
        return list;
    }

    private static JsonObject item(String kid, VaultVersion version) {
        JsonObject item = new JsonObject();
        item.addProperty("kid", kid);
        describe(item, version);
        return item;
    }

    private static void describe(JsonObject json, VaultVersion version) {
        JsonObject attributes = new JsonObject();
        attributes.addProperty("enabled", version.enabled);
        version.notBefore.ifPresent(time -> attributes.addProperty("nbf", time.getEpochSecond()));
        version.expiresAt.ifPresent(time -> attributes.addProperty("exp", time.getEpochSecond()));
        attributes.addProperty("created", version.created.getEpochSecond());
        attributes.addProperty("updated", version.updated.getEpochSecond());
        attributes.addProperty("recoveryLevel", "Recoverable+Purgeable");
        attributes.addProperty("recoverableDays", VaultStore.RETENTION_DAYS);
        attributes.addProperty("exportable", false);
        json.add("attributes", attributes);
        if (!version.tags.isEmpty()) {
            JsonObject tags = new JsonObject();
            version.tags.forEach(tags::addProperty);
            json.add("tags", tags);
        }
    }

    private static void deletion(JsonObject json, String base, VaultKey key) {
        key.deletedAt().ifPresent(time -> {
            json.addProperty("recoveryId", base + "/deletedkeys/" + key.name);
            json.addProperty("deletedDate", time.getEpochSecond());
        });
        key.purgeAt().ifPresent(time -> json.addProperty("scheduledPurgeDate", time.getEpochSecond()));
    }

    private static String number(BigInteger value) {
        byte[] bytes = value.toByteArray();
        boolean sign = bytes.length > 1 && bytes[0] == 0;
        return VaultCall.base64(sign ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
    }

    /** What a request to make a key asks for. */
    static AzureKeySpec spec(String name, JsonObject json) {
        String type = VaultCall.text(json, "kty");
        int bits = json.has("key_size") && !json.get("key_size").isJsonNull()
                ? json.get("key_size").getAsInt()
                : (type.startsWith("oct") ? 256 : 2048);
        try {
            AzureKeySpec spec = AzureKeySpec.of(type, bits).named(name);
            return keyOps(json)
                    .map(operations -> spec.withKeyOps(operations.toArray(new String[0])))
                    .orElse(spec);
        } catch (IllegalArgumentException e) {
            throw AzureFailure.badParameter(String.valueOf(e.getMessage()));
        }
    }

    /** Sets what a request gives, and leaves the rest as it is. */
    static void update(VaultVersion version, JsonObject json) {
        keyOps(json).ifPresent(operations -> version.keyOps = operations);
        Optional.ofNullable(json.get("attributes"))
                .filter(JsonElement::isJsonObject)
                .map(JsonElement::getAsJsonObject)
                .ifPresent(attributes -> {
                    value(attributes, "enabled").ifPresent(value -> version.enabled = value.getAsBoolean());
                    value(attributes, "nbf").ifPresent(value -> version.notBefore = time(value));
                    value(attributes, "exp").ifPresent(value -> version.expiresAt = time(value));
                });
        Optional.ofNullable(json.get("tags")).filter(JsonElement::isJsonObject).ifPresent(tags -> {
            Map<String, String> pairs = new TreeMap<>();
            tags.getAsJsonObject()
                    .entrySet()
                    .forEach(tag -> pairs.put(tag.getKey(), tag.getValue().getAsString()));
            version.tags = pairs;
        });
    }

    private static Optional<Set<String>> keyOps(JsonObject json) {
        return Optional.ofNullable(json.get("key_ops"))
                .filter(JsonElement::isJsonArray)
                .map(array -> {
                    Set<String> operations = new TreeSet<>();
                    array.getAsJsonArray().forEach(item -> operations.add(item.getAsString()));
                    return operations;
                });
    }

    private static Optional<JsonElement> value(JsonObject json, String name) {
        return Optional.ofNullable(json.get(name)).filter(JsonElement::isJsonPrimitive);
    }

    private static Optional<Instant> time(JsonElement value) {
        return Optional.of(Instant.ofEpochSecond(value.getAsLong()));
    }
}
