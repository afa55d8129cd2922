package io.keywrap.emulators;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * One request as the owner of a vault finds it in its audit log. No token, query, plaintext or ciphertext is in it.
 *
 * @param time when it was answered
 * @param operationName such as {@code KeyUnwrap}; {@code Authentication} for a request without a token, which is answered by
 *     the challenge, {@code Token} for one to Entra ID, and {@code Unknown} for one that no vault understands
 * @param method the HTTP method
 * @param path the path, without the query
 * @param keyName the key that it is about
 * @param keyVersion the version in its path; empty for the latest
 * @param clientId who sent it; empty if that could not be told
 * @param status the HTTP code of the answer
 * @param errorCode how it failed: {@code error.code}, of Entra ID such as {@code AADSTS700016}
 * @param innerErrorCode how exactly: {@code innererror.code}
 * @param requestId the id in the answer
 * @param userAgent what the client says it is
 */
public record AzureAuditEvent(
        Instant time,
        String operationName,
        String method,
        String path,
        Optional<String> keyName,
        Optional<String> keyVersion,
        Optional<String> clientId,
        int status,
        Optional<String> errorCode,
        Optional<String> innerErrorCode,
        String requestId,
        String userAgent) {

    /**
     * The event in the form of the audit log.
     *
     * @return one line of JSON
     */
    public String toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("time", time.truncatedTo(ChronoUnit.SECONDS).toString());
        json.addProperty("category", "AuditEvent");
        json.addProperty("operationName", operationName);
        json.addProperty("resultType", status < 400 ? "Success" : "Failure");
        json.addProperty("resultSignature", String.valueOf(status));
        json.addProperty("correlationId", requestId);
        json.addProperty("callerIpAddress", "127.0.0.1");
        clientId.ifPresent(id -> {
            JsonObject claim = new JsonObject();
            claim.addProperty("appid", id);
            JsonObject identity = new JsonObject();
            identity.add("claim", claim);
            json.add("identity", identity);
        });
        JsonObject properties = new JsonObject();
        properties.addProperty("httpMethod", method);
        properties.addProperty("requestPath", path);
        properties.addProperty("httpStatusCode", status);
        keyName.ifPresent(name -> properties.addProperty("keyName", name));
        keyVersion.ifPresent(version -> properties.addProperty("keyVersion", version));
        errorCode.ifPresent(code -> properties.addProperty("errorCode", code));
        innerErrorCode.ifPresent(code -> properties.addProperty("innerErrorCode", code));
        properties.addProperty("clientInfo", userAgent);
        json.add("properties", properties);
        return json.toString();
    }
}
