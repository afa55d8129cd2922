package io.keywrap.emulators;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request: who sent it, to which Region, and its parameters, checked as they are read.
 *
 * @param operation such as {@code Decrypt}
 * @param region the Region in the scope of its credentials
 * @param caller who signed it
 * @param body its JSON
 */
record KmsRequest(String operation, String region, Caller caller, JsonObject body) {

    static JsonObject parse(String json) {
        JsonReader reader = new JsonReader(new StringReader(json.isBlank() ? "{}" : json));
        reader.setStrictness(Strictness.STRICT);
        try {
            JsonElement element = JsonParser.parseReader(reader);
            if (element.isJsonObject() && reader.peek() == JsonToken.END_DOCUMENT) {
                return element.getAsJsonObject();
            }
        } catch (JsonParseException | IOException e) {
            // As for any other text that is no object.
        }
        throw KmsFailure.serialization("The request is not a JSON object");
    }

    Optional<String> text(String name) {
        return primitive(name).map(value -> {
            if (!value.getAsJsonPrimitive().isString()) {
                throw KmsFailure.serialization(name + " is not a string");
            }
            return value.getAsString();
        });
    }

    String required(String name) {
        return text(name).orElseThrow(() -> KmsFailure.missing(name));
    }

    boolean flag(String name) {
        return primitive(name).map(JsonElement::getAsBoolean).orElse(false);
    }

    Optional<Integer> number(String name, int min, int max) {
        Optional<Integer> number = primitive(name).map(value -> {
            try {
                return value.getAsBigDecimal().intValueExact();
            } catch (ArithmeticException | NumberFormatException e) {
                throw KmsFailure.serialization(name + " is not a number");
            }
        });
        number.filter(value -> value < min).ifPresent(value -> {
            throw KmsFailure.constraint(name, "have value greater than or equal to " + min);
        });
        number.filter(value -> value > max).ifPresent(value -> {
            throw KmsFailure.constraint(name, "have value less than or equal to " + max);
        });
        return number;
    }

    byte[] blob(String name, int max) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(required(name));
        } catch (IllegalArgumentException e) {
            throw KmsFailure.serialization(name + " is not base64");
        }
        if (bytes.length < 1) {
            throw KmsFailure.constraint(name, "have length greater than or equal to 1");
        }
        if (bytes.length > max) {
            throw KmsFailure.constraint(name, "have length less than or equal to " + max);
        }
        return bytes;
    }

    /** The pairs of a map of strings; none if it is missing. */
    Map<String, String> pairs(String name) {
        return object(name).map(KmsRequest::pairs).orElse(Map.of());
    }

    static Map<String, String> pairs(JsonObject object) {
        Map<String, String> pairs = new LinkedHashMap<>();
        object.entrySet().forEach(entry -> {
            if (!entry.getValue().isJsonPrimitive()
                    || !entry.getValue().getAsJsonPrimitive().isString()) {
                throw KmsFailure.serialization("A value of a map is not a string");
            }
            pairs.put(entry.getKey(), entry.getValue().getAsString());
        });
        return pairs;
    }

    Optional<JsonObject> object(String name) {
        return Optional.ofNullable(body.get(name))
                .filter(value -> !value.isJsonNull())
                .map(value -> {
                    if (!value.isJsonObject()) {
                        throw KmsFailure.serialization(name + " is not an object");
                    }
                    return value.getAsJsonObject();
                });
    }

    List<String> texts(String name) {
        JsonElement element = body.get(name);
        List<String> texts = new ArrayList<>();
        if (element instanceof JsonArray array) {
            array.forEach(item -> texts.add(item.getAsString()));
        }
        return texts;
    }

    private Optional<JsonElement> primitive(String name) {
        return Optional.ofNullable(body.get(name))
                .filter(value -> !value.isJsonNull())
                .map(value -> {
                    if (!value.isJsonPrimitive()) {
                        throw KmsFailure.serialization(name + " is not a single value");
                    }
                    return value;
                });
    }

    /** The fields alone: the body may have a plaintext. */
    @Override
    public String toString() {
        return "KmsRequest[" + operation + ", " + region + ", " + caller.arn() + ", " + body.keySet() + "]";
    }
}
