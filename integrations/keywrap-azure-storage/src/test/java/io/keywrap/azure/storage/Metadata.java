package io.keywrap.azure.storage;

import com.azure.json.JsonProviders;
import com.azure.json.JsonReader;
import com.azure.json.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Map;

/** The metadata {@code encryptiondata} of a stored blob, for tests that change what nobody authenticates. */
final class Metadata {
    private final BlobServer.Stored blob;
    private final Map<String, Object> all;

    private Metadata(BlobServer.Stored blob, Map<String, Object> all) {
        this.blob = blob;
        this.all = all;
    }

    static Metadata of(BlobServer.Stored blob) {
        try (JsonReader reader = JsonProviders.createReader(blob.metadata.get("encryptiondata"))) {
            return new Metadata(blob, reader.readMap(JsonReader::readUntyped));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> part(String name) {
        return (Map<String, Object>) all.get(name);
    }

    String keyId() {
        return (String) part("WrappedContentKey").get("KeyId");
    }

    byte[] wrap() {
        return Base64.getDecoder().decode((String) part("WrappedContentKey").get("EncryptedKey"));
    }

    Metadata keyId(String keyId) {
        return set("WrappedContentKey", "KeyId", keyId);
    }

    Metadata algorithm(String algorithm) {
        return set("WrappedContentKey", "Algorithm", algorithm);
    }

    Metadata wrap(byte[] bytes) {
        return set("WrappedContentKey", "EncryptedKey", Base64.getEncoder().encodeToString(bytes));
    }

    Metadata protocol(String version) {
        return set("EncryptionAgent", "Protocol", version);
    }

    private Metadata set(String part, String field, String value) {
        part(part).put(field, value);
        StringWriter text = new StringWriter();
        try (JsonWriter writer = JsonProviders.createWriter(text)) {
            writer.writeUntyped(all).flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        blob.metadata.put("encryptiondata", text.toString());
        return this;
    }
}
