package io.keywrap.emulators;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

/** A client of the emulator of Azure that knows nothing but https. */
final class Https {
    private final HttpClient client;
    private final URI endpoint;

    private Https(HttpClient client, URI endpoint) {
        this.client = client;
        this.endpoint = endpoint;
    }

    static Https to(AzureKeyVaultEmulator azure) {
        return new Https(
                HttpClient.newBuilder().sslContext(azure.trustingContext()).build(), azure.endpoint());
    }

    /** Status and body. */
    String send(String method, String path, byte[] body) {
        HttpRequest request = HttpRequest.newBuilder(endpoint.resolve(path))
                .method(method, BodyPublishers.ofByteArray(body))
                .build();
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What Entra ID answers to one who wants a token for the vault. */
    String token(String tenant, String more) {
        String form = "grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default&" + more;
        return send("POST", "/" + tenant + "/oauth2/v2.0/token", form.getBytes(StandardCharsets.UTF_8));
    }
}
