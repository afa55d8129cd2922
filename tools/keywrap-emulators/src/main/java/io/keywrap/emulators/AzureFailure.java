package io.keywrap.emulators;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Optional;

/** A refusal as Key Vault words it. The texts are those that callers of the service have published. */
final class AzureFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final String inner;
    private final String challenge;

    AzureFailure(int status, String code, String inner, String message) {
        this(status, code, inner, message, "");
    }

    private AzureFailure(int status, String code, String inner, String message, String challenge) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.inner = inner;
        this.challenge = challenge;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    /** The more precise code; empty if the service gives none. */
    Optional<String> inner() {
        return inner.isEmpty() ? Optional.empty() : Optional.of(inner);
    }

    Map<String, String> headers() {
        return challenge.isEmpty() ? Map.of() : Map.of("WWW-Authenticate", challenge);
    }

    /** The failure with the challenge that tells a client where to get a token. */
    AzureFailure challenging(String value) {
        return new AzureFailure(status, code, inner, String.valueOf(getMessage()), value);
    }

    String body() {
        JsonObject error = new JsonObject();
        error.addProperty("code", code);
        error.addProperty("message", getMessage());
        inner().ifPresent(value -> {
            JsonObject innerError = new JsonObject();
            innerError.addProperty("code", value);
            error.add("innererror", innerError);
        });
        JsonObject json = new JsonObject();
        json.add("error", error);
        return json.toString();
    }

    static AzureFailure badParameter(String message) {
        return new AzureFailure(400, "BadParameter", "", message);
    }

    static AzureFailure forbidden(String inner, String message) {
        return new AzureFailure(403, "Forbidden", inner, message);
    }

    static AzureFailure conflict(String inner, String message) {
        return new AzureFailure(409, "Conflict", inner, message);
    }

    static AzureFailure unauthorized(String message) {
        return new AzureFailure(401, "Unauthorized", "", message);
    }

    static AzureFailure keyNotFound(String name) {
        return new AzureFailure(
                404,
                "KeyNotFound",
                "",
                "A key with (name/id) " + name
                        + " was not found in this key vault. If you recently deleted this key you"
                        + " may be able to recover it using the correct recovery command. For help resolving this issue,"
                        + " please see https://go.microsoft.com/fwlink/?linkid=2125182");
    }

    static AzureFailure deletedKeyNotFound(String name) {
        return new AzureFailure(404, "KeyNotFound", "", "Deleted Key not found: " + name);
    }

    static AzureFailure keyDisabled(VaultOperation operation) {
        return forbidden("KeyDisabled", "Operation " + operation.permission + " is not allowed on a disabled key.");
    }

    /** Which inner code Key Vault has for it is not published; it is taken after that for secrets. */
    static AzureFailure keyExpired(VaultOperation operation) {
        return forbidden("KeyExpired", "Operation " + operation.permission + " is not allowed on an expired key.");
    }

    /** As for {@link #keyExpired}. */
    static AzureFailure keyNotYetValid(VaultOperation operation) {
        return forbidden(
                "KeyNotYetValid",
                "Operation " + operation.permission + " is not allowed on a key that is not yet valid.");
    }

    static AzureFailure operationForbidden(VaultOperation operation) {
        return forbidden(
                "KeyOperationForbidden", "Operation " + operation.permission + " is not permitted on this key.");
    }

    static AzureFailure deletedButRecoverable(String name) {
        return conflict(
                "ObjectIsDeletedButRecoverable",
                "Key " + name
                        + " is currently in a deleted but recoverable state, and its name cannot be reused; in this"
                        + " state, the key can only be recovered or purged.");
    }

    static AzureFailure padding() {
        return badParameter("Error occurred while decoding OAEP padding.");
    }
}
