package io.keywrap.emulators;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.Optional;

/** A client that knows nothing but HTTP: JSON written by hand, a signature that is none. */
final class Wire {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final URI endpoint;
    private final String accessKeyId;
    private final String region;

    private Wire(URI endpoint, String accessKeyId, String region) {
        this.endpoint = endpoint;
        this.accessKeyId = accessKeyId;
        this.region = region;
    }

    static Wire to(AwsKmsEmulator aws) {
        return new Wire(aws.endpoint(), "AKIAIOSFODNN7EXAMPLE", aws.region());
    }

    Wire as(AwsPrincipal principal) {
        return new Wire(endpoint, principal.accessKeyId(), region);
    }

    Wire in(String otherRegion) {
        return new Wire(endpoint, accessKeyId, otherRegion);
    }

    Answer call(String operation, String json) {
        return send(request(operation, json).header("Authorization", authorization("kms")));
    }

    Answer unsigned(String operation, String json) {
        return send(request(operation, json));
    }

    Answer signedBy(String authorization, String operation, String json) {
        return send(request(operation, json).header("Authorization", authorization));
    }

    /** The text of an STS answer, with its status before it. */
    String sts(String form) {
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint)
                .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
                .header("Authorization", authorization("sts"))
                .POST(BodyPublishers.ofString(form));
        HttpResponse<String> response = exchange(request.build());
        return response.statusCode() + " " + response.body();
    }

    private HttpRequest.Builder request(String operation, String json) {
        return HttpRequest.newBuilder(endpoint)
                .header("Content-Type", "application/x-amz-json-1.1")
                .header("X-Amz-Target", "TrentService." + operation)
                .header("User-Agent", "wire/1")
                .POST(BodyPublishers.ofString(json.replace('\'', '"')));
    }

    private String authorization(String service) {
        return "AWS4-HMAC-SHA256 Credential=" + accessKeyId + "/20261125/" + region + "/" + service
                + "/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=00";
    }

    private static Answer send(HttpRequest.Builder request) {
        HttpResponse<String> response = exchange(request.build());
        return new Answer(
                response.statusCode(),
                response.body(),
                response.headers().firstValue("x-amzn-RequestId"),
                response.headers().firstValue("Content-Type"));
    }

    private static HttpResponse<String> exchange(HttpRequest request) {
        try {
            return HTTP.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** What came back. */
    record Answer(int status, String body, Optional<String> requestId, Optional<String> contentType) {
        JsonObject json() {
            return JsonParser.parseString(body).getAsJsonObject();
        }

        String text(String field) {
            return json().get(field).getAsString();
        }

        String ok(String field) {
            if (status != 200) {
                throw new AssertionError(status + " " + body);
            }
            return text(field);
        }

        /** Status, code and text in one. */
        String error() {
            JsonObject json = json();
            return status + " " + json.get("__type").getAsString()
                    + (json.has("message") ? ": " + json.get("message").getAsString() : "");
        }
    }
}
