package io.keywrap.emulators;

import com.google.gson.JsonObject;
import com.google.rpc.Code;
import java.time.Instant;
import java.util.Optional;

/**
 * One request as its owner finds it in Cloud Audit Logs. Neither plaintexts, ciphertexts nor associated data are in it.
 *
 * @param time when it was done
 * @param method such as {@code Decrypt}
 * @param resource the name that the request is about, as it stands there; its first 400 characters, with {@code ?} for what
 *     is not ASCII; empty for a method that is not imitated
 * @param version the full name of the version that encrypted or decrypted; empty if it failed
 * @param code how it ended: {@code OK}, {@code FAILED_PRECONDITION} …
 * @param message the text of its error
 */
public record GcpAuditEvent(
        Instant time, String method, String resource, Optional<String> version, String code, Optional<String> message) {

    /**
     * The event in the form of Cloud Audit Logs.
     *
     * @return one line of JSON
     */
    public String toJson() {
        JsonObject payload = new JsonObject();
        payload.addProperty("@type", "type.googleapis.com/google.cloud.audit.AuditLog");
        payload.addProperty("serviceName", "cloudkms.googleapis.com");
        payload.addProperty("methodName", method);
        payload.addProperty("resourceName", version.orElse(resource));
        JsonObject status = new JsonObject();
        message.ifPresent(text -> {
            status.addProperty("code", Code.valueOf(code).getNumber());
            status.addProperty("message", text);
        });
        payload.add("status", status);
        JsonObject json = new JsonObject();
        json.add("protoPayload", payload);
        json.addProperty("severity", message.isPresent() ? "ERROR" : "INFO");
        json.addProperty("timestamp", time.toString());
        return json.toString();
    }
}
