package io.keywrap.azure.storage;

import com.azure.json.JsonProviders;
import com.azure.json.JsonReader;
import com.azure.json.JsonToken;
import com.azure.json.JsonWriter;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Azure's client writes of the encryption of a blob into its metadata, as JSON. Only the wrapped content key is
 * understood here; all else is carried on as it is.
 */
final class EncryptionData {
    /** The metadata of a blob have no more in all. */
    private static final int MAX_CHARS = 8 * 1024;

    private static final String WRAPPED_KEY = "WrappedContentKey";
    private static final String KEY_ID = "KeyId";
    private static final String ENCRYPTED_KEY = "EncryptedKey";
    private static final String ALGORITHM = "Algorithm";

    private final Map<String, @Nullable Object> all;
    private final Map<Object, @Nullable Object> wrappedKey;

    private EncryptionData(Map<String, @Nullable Object> all, Map<Object, @Nullable Object> wrappedKey) {
        this.all = all;
        this.wrappedKey = wrappedKey;
    }

    static EncryptionData parse(@Nullable String text) {
        if (text == null || text.length() > MAX_CHARS) {
            throw invalid("are missing or too long", null);
        }
        try (JsonReader reader = JsonProviders.createReader(text)) {
            requireNoFieldTwice(text);
            Map<String, @Nullable Object> all = reader.readMap(JsonReader::readUntyped);
            if (reader.nextToken() != JsonToken.END_DOCUMENT) {
                throw invalid("have something behind them", null);
            }
            if (all != null && all.get(WRAPPED_KEY) instanceof Map<?, ?> wrappedKey) {
                return new EncryptionData(all, new LinkedHashMap<>(wrappedKey));
            }
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw invalid("are not JSON", e);
        }
        throw invalid("have no wrapped content key", null);
    }

    /** Of two fields of one name Azure's reader keeps the last, and others may keep the first: then they read another wrap. */
    private static void requireNoFieldTwice(String text) throws IOException {
        Deque<Set<String>> open = new ArrayDeque<>();
        try (JsonReader reader = JsonProviders.createReader(text)) {
            for (JsonToken token = reader.nextToken(); !isEnd(token); token = reader.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    open.push(new HashSet<>());
                } else if (token == JsonToken.END_OBJECT) {
                    open.poll();
                } else if (token == JsonToken.FIELD_NAME && !open.element().add(reader.getFieldName())) {
                    throw invalid("have a field twice", null);
                }
            }
        }
    }

    /** Of text without any token the reader says null. */
    private static boolean isEnd(@Nullable JsonToken token) {
        return token == null || token == JsonToken.END_DOCUMENT;
    }

    String keyId() {
        return text(KEY_ID);
    }

    String algorithm() {
        return text(ALGORITHM);
    }

    byte[] encryptedKey() {
        try {
            return Base64.getDecoder().decode(text(ENCRYPTED_KEY));
        } catch (IllegalArgumentException e) {
            throw invalid("have a wrapped content key that is not base64", e);
        }
    }

    /**
     * The same with another wrap of the content key, by the same algorithm; in ASCII, as all metadata are.
     *
     * @throws InvalidWrappedDekException if that is too long, or there is something in it that would not be the same any more
     */
    String with(String keyId, byte[] encryptedKey) {
        Map<Object, @Nullable Object> moved = new LinkedHashMap<>(wrappedKey);
        moved.put(KEY_ID, keyId);
        moved.put(ENCRYPTED_KEY, Base64.getEncoder().encodeToString(encryptedKey));
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(all);
        changed.put(WRAPPED_KEY, moved);
        String written = ascii(written(changed));
        if (!parse(written).all.equals(changed)) {
            throw invalid("have something in them that cannot be carried on as it is", null);
        }
        return written;
    }

    private static String written(Map<String, @Nullable Object> values) {
        StringWriter text = new StringWriter();
        try (JsonWriter writer = JsonProviders.createWriter(text)) {
            writer.writeUntyped(values).flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // A StringWriter throws none.
        }
        return text.toString();
    }

    /** Only in its strings has JSON other characters, and there they can be written as escapes (RFC 8259, section 7). */
    private static String ascii(String json) {
        StringBuilder escaped = new StringBuilder(json.length());
        for (int i = 0; i < json.length(); i++) {
            char each = json.charAt(i);
            escaped.append(each < 0x7f ? String.valueOf(each) : String.format("\\u%04x", (int) each));
        }
        return escaped.toString();
    }

    private String text(String field) {
        if (wrappedKey.get(field) instanceof String text) {
            return text;
        }
        throw invalid("have no " + field, null);
    }

    private static InvalidWrappedDekException invalid(String why, @Nullable Exception cause) {
        return new InvalidWrappedDekException(Failure.ofUnknownKek("the encryption data of a blob " + why)
                .operatorAction("restore the metadata 'encryptiondata' of the blob")
                .cause(cause));
    }
}
