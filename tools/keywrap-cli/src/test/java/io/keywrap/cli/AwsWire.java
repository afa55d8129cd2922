package io.keywrap.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Plain requests to AWS KMS, by a client that knows HTTP only. */
final class AwsWire {
    private AwsWire() {}

    static JsonObject call(String endpoint, String operation, JsonObject body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint))
                .header("Content-Type", "application/x-amz-json-1.1")
                .header("X-Amz-Target", "TrentService." + operation)
                .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=emulator/20261125/us-east-1/kms/aws4_request, SignedHeaders=host,"
                                + " Signature=0")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        return response.body().startsWith("{")
                ? JsonParser.parseString(response.body()).getAsJsonObject()
                : new JsonObject();
    }

    /** Does something to a key. */
    static JsonObject call(String endpoint, String operation, String keyId) throws Exception {
        return call(endpoint, operation, with("KeyId", keyId));
    }

    static JsonObject with(String name, String value) {
        JsonObject body = new JsonObject();
        body.addProperty(name, value);
        return body;
    }
}
