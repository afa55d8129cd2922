package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;

/** A client of a vault in the emulator's process, which does what its owner does in the portal. */
final class AzureWire {
    private final HttpClient http;
    private final String kek;
    private final String token;

    AzureWire(Map<String, String> settings, String kek) throws Exception {
        this.http = HttpClient.newBuilder()
                .sslContext(TrustedCa.in(Path.of(settings.get("KEYWRAP_AZURE_CA"))))
                .build();
        this.kek = kek.substring("azure-kms://".length());
        String form = "grant_type=client_credentials&client_id=" + settings.get("AZURE_CLIENT_ID") + "&client_secret="
                + settings.get("AZURE_CLIENT_SECRET") + "&scope=https%3A%2F%2Fvault.azure.net%2F.default";
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(settings.get("AZURE_AUTHORITY_HOST") + "/"
                                + settings.get("AZURE_TENANT_ID") + "/oauth2/v2.0/token"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        this.token = JsonParser.parseString(answer.body())
                .getAsJsonObject()
                .get("access_token")
                .getAsString();
    }

    /** Switches the key on or off. */
    void enabled(boolean enabled) throws Exception {
        JsonObject attributes = new JsonObject();
        attributes.addProperty("enabled", enabled);
        JsonObject body = new JsonObject();
        body.add("attributes", attributes);
        call("PATCH", body.toString());
    }

    private void call(String method, String body) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(kek + "?api-version=7.6"))
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
}
