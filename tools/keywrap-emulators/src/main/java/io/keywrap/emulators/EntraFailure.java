package io.keywrap.emulators;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;

/** A refusal as Entra ID words it. */
final class EntraFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    private final int status;
    private final String error;
    private final int number;

    EntraFailure(int status, String error, int number, String message) {
        super(message, null, false, false);
        this.status = status;
        this.error = error;
        this.number = number;
    }

    int status() {
        return status;
    }

    String code() {
        return "AADSTS" + number;
    }

    String body(String requestId, Instant now) {
        String trace = requestId.isEmpty() ? UUID.randomUUID().toString() : requestId;
        String correlation = UUID.randomUUID().toString();
        String time = TIME.format(now);
        JsonObject json = new JsonObject();
        json.addProperty("error", error);
        json.addProperty(
                "error_description",
                code() + ": " + getMessage() + " Trace ID: " + trace + " Correlation ID: " + correlation
                        + " Timestamp: " + time);
        JsonArray codes = new JsonArray();
        codes.add(number);
        json.add("error_codes", codes);
        json.addProperty("timestamp", time);
        json.addProperty("trace_id", trace);
        json.addProperty("correlation_id", correlation);
        json.addProperty("error_uri", "https://login.microsoftonline.com/error?code=" + number);
        return json.toString();
    }

    static EntraFailure invalidClient(int number, String message) {
        return new EntraFailure(401, "invalid_client", number, message);
    }

    static EntraFailure badSignature(String reason, String thumbprint, String clientId) {
        return invalidClient(
                700027,
                "Client assertion contains an invalid signature. [Reason - " + reason
                        + ", Thumbprint of key used by client:"
                        + " '" + thumbprint
                        + "', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to"
                        + " see configured keys for app Id '" + clientId + "'.]");
    }

    static EntraFailure invalidRequest(int number, String message) {
        return new EntraFailure(400, "invalid_request", number, message);
    }

    static EntraFailure unauthorizedClient(int number, String message) {
        return new EntraFailure(400, "unauthorized_client", number, message);
    }
}
