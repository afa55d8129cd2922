package io.keywrap.emulators;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One request to the vault: what it asks for, of which key, and who sent it.
 *
 * @param operation what it asks for
 * @param key the name of the key; empty if it is about none
 * @param version the version in its path; empty for the latest
 * @param clientId who sent it; empty text if nobody can tell
 * @param request how it came
 */
record VaultCall(
        VaultOperation operation,
        Optional<String> key,
        Optional<String> version,
        String clientId,
        AzureRequest request) {
    private static final Pattern DELETED = Pattern.compile("/deletedkeys(?:/([A-Za-z0-9-]{1,127})(/recover)?)?/?");
    private static final Pattern KEY = Pattern.compile("/keys/([A-Za-z0-9-]{1,127})(?:/([^/]*))?(?:/([^/]*))?");
    private static final Pattern VERSION = Pattern.compile("[0-9a-f]{32}");

    /** What a request asks for, by its path and method, before anybody knows who sent it. */
    static VaultCall of(AzureRequest request) {
        String path = request.path();
        if (path.equals("/keys") || path.equals("/keys/")) {
            return call(request, only(request, "GET", VaultOperation.LIST), Optional.empty(), Optional.empty());
        }
        Matcher deleted = DELETED.matcher(path);
        if (deleted.matches()) {
            return deleted(request, Optional.ofNullable(deleted.group(1)), deleted.group(2) != null);
        }
        Matcher key = KEY.matcher(path);
        if (!key.matches()) {
            throw AzureFailure.badParameter("Method " + request.method() + " does not allow operation '" + path + "'");
        }
        String second = Optional.ofNullable(key.group(2)).orElse("");
        Optional<String> third = Optional.ofNullable(key.group(3)).filter(text -> !text.isEmpty());
        return key(request, key.group(1), second, third);
    }

    private static VaultCall key(AzureRequest request, String name, String second, Optional<String> third) {
        Optional<VaultOperation> whole = third.isPresent()
                ? Optional.empty()
                : switch (request.method() + " " + second) {
                    case "POST create" -> Optional.of(VaultOperation.CREATE);
                    case "POST rotate" -> Optional.of(VaultOperation.ROTATE);
                    case "GET versions" -> Optional.of(VaultOperation.LIST_VERSIONS);
                    case "DELETE " -> Optional.of(VaultOperation.DELETE);
                    default -> Optional.empty();
                };
        if (whole.isPresent()) {
            return call(request, whole.orElseThrow(), Optional.of(name), Optional.empty());
        }
        if (!second.isEmpty() && !VERSION.matcher(second).matches()) {
            throw notAllowed(request, second);
        }
        VaultOperation operation =
                switch (request.method() + third.map(" "::concat).orElse("")) {
                    case "GET" -> VaultOperation.GET;
                    case "PATCH" -> VaultOperation.UPDATE;
                    case "POST wrapkey" -> VaultOperation.WRAP;
                    case "POST unwrapkey" -> VaultOperation.UNWRAP;
                    case "POST encrypt" -> VaultOperation.ENCRYPT;
                    case "POST decrypt" -> VaultOperation.DECRYPT;
                    default -> throw notAllowed(request, third.orElse(second));
                };
        Optional<String> version = Optional.of(second).filter(text -> !text.isEmpty());
        return call(request, operation, Optional.of(name), version);
    }

    private static VaultCall deleted(AzureRequest request, Optional<String> name, boolean recover) {
        VaultOperation operation;
        if (name.isEmpty()) {
            operation = only(request, "GET", VaultOperation.LIST_DELETED);
        } else if (recover) {
            operation = only(request, "POST", VaultOperation.RECOVER);
        } else if (request.method().equals("DELETE")) {
            operation = VaultOperation.PURGE;
        } else {
            operation = only(request, "GET", VaultOperation.GET_DELETED);
        }
        return call(request, operation, name, Optional.empty());
    }

    private static VaultCall call(
            AzureRequest request, VaultOperation operation, Optional<String> key, Optional<String> version) {
        return new VaultCall(operation, key, version, "", request);
    }

    private static VaultOperation only(AzureRequest request, String method, VaultOperation operation) {
        if (!request.method().equals(method)) {
            throw notAllowed(request, operation.permission);
        }
        return operation;
    }

    private static AzureFailure notAllowed(AzureRequest request, String what) {
        return AzureFailure.badParameter("Method " + request.method() + " does not allow operation '" + what + "'");
    }

    VaultCall by(String client) {
        return new VaultCall(operation, key, version, client, request);
    }

    String keyName() {
        return key.orElseThrow();
    }

    JsonObject json() {
        try {
            JsonElement json = JsonParser.parseString(request.text().isBlank() ? "{}" : request.text());
            if (json.isJsonObject()) {
                return json.getAsJsonObject();
            }
        } catch (JsonParseException e) {
            // As for any other text that is no object.
        }
        throw AzureFailure.badParameter("Request body not specified or not a JSON object.");
    }

    static String text(JsonObject json, String name) {
        JsonElement element = json.get(name);
        if (element == null
                || !element.isJsonPrimitive()
                || element.getAsString().isEmpty()) {
            throw AzureFailure.badParameter("Property " + name + " is missing or invalid");
        }
        return element.getAsString();
    }

    /** Bytes as the vault wants them: base64url, without padding. */
    static byte[] bytes(JsonObject json, String name) {
        String text = text(json, name);
        try {
            if (!text.contains("=")) {
                return Base64.getUrlDecoder().decode(text);
            }
        } catch (IllegalArgumentException e) {
            // As for padding.
        }
        throw AzureFailure.badParameter("Property " + name + " has invalid value: it is not unpadded base64url");
    }

    static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
