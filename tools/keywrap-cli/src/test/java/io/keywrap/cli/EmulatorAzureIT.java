package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The emulator of Azure as a process of its own, and a client that knows https only. */
class EmulatorAzureIT {
    @TempDir
    Path folder;

    private Process process;
    private BufferedReader lines;

    private void start(String... options) throws Exception {
        String[] arguments = new String[options.length + 2];
        arguments[0] = "emulator";
        arguments[1] = "azure";
        System.arraycopy(options, 0, arguments, 2, options.length);
        process = JarProcess.command(folder, arguments)
                .redirectError(folder.resolve("err").toFile())
                .start();
        lines = process.inputReader();
    }

    @AfterEach
    void end() throws Exception {
        process.destroy();
        JarProcess.exitCode(process);
    }

    private JsonObject object() throws Exception {
        return JsonParser.parseString(lines.readLine()).getAsJsonObject();
    }

    @Test
    void servesTheKeyThatItAnnounces() throws Exception {
        start("--port", "0", "--json", "--ca-file", "ca.pem");
        JsonObject announced = object();
        String endpoint = announced.get("endpoint").getAsString();
        assertThat(announced.get("kek").getAsString()).isEqualTo("azure-kms://" + endpoint + "/keys/kek");
        assertThat(folder.resolve("ca.pem")).exists();

        Vault vault = new Vault(announced.getAsJsonObject("environment"));
        String dek = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);
        JsonObject wrap = vault.crypto("/keys/kek//wrapkey", dek);
        String wrapped = wrap.get("value").getAsString();
        String path = wrap.get("kid").getAsString().substring(endpoint.length());
        assertThat(vault.crypto(path + "/unwrapkey", wrapped).get("value").getAsString())
                .isEqualTo(dek);

        vault.call("PATCH", path, "{\"attributes\":{\"enabled\":false}}");
        assertThat(vault.crypto(path + "/unwrapkey", wrapped).toString()).contains("\"KeyDisabled\"");
        vault.call("PATCH", path, "{\"attributes\":{\"enabled\":true}}");
        assertThat(vault.crypto(path + "/unwrapkey", wrapped).get("value").getAsString())
                .isEqualTo(dek);

        process.destroy();
        JarProcess.exitCode(process);
        assertThat(folder.resolve("ca.pem")).doesNotExist();
    }

    @Test
    void itsLinesAreForAShellAndTheRequestsFollow() throws Exception {
        start("--tenant", "88888888-8888-4888-8888-888888888888", "--events");
        JsonObject environment = new JsonObject();
        String line;
        do {
            line = lines.readLine();
            assertThat(line).matches("# .*|export (KEYWRAP_)?AZURE_[A-Z_]+=\\S+");
            if (line.startsWith("export ")) {
                String[] parts = line.substring("export ".length()).split("=", 2);
                environment.addProperty(parts[0], parts[1]);
            }
        } while (!line.startsWith("# try"));
        assertThat(environment.get("AZURE_TENANT_ID").getAsString()).startsWith("88888888");

        new Vault(environment).call("GET", "/keys", "");

        assertThat(object().get("operationName").getAsString()).isEqualTo("Token");
        assertThat(object().get("operationName").getAsString()).isEqualTo("KeyList");
    }

    @Test
    void aFileThatIsThereIsNotReplaced() throws Exception {
        Files.writeString(folder.resolve("ca.pem"), "mine");
        start("--ca-file", "ca.pem");
        assertThat(JarProcess.exitCode(process)).isEqualTo(1);
        assertThat(folder.resolve("err"))
                .content()
                .contains("ca.pem", "to do: ")
                .hasLineCount(1);
        assertThat(folder.resolve("ca.pem")).hasContent("mine");
    }

    /** What was announced, used as a program would: trust, token, key. */
    private static final class Vault {
        private final JsonObject environment;
        private final HttpClient http;
        private final String token;

        Vault(JsonObject environment) throws Exception {
            this.environment = environment;
            this.http = HttpClient.newBuilder()
                    .sslContext(trusting(Path.of(variable("KEYWRAP_AZURE_CA"))))
                    .build();
            String form = "grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default&client_id="
                    + variable("AZURE_CLIENT_ID") + "&client_secret=" + variable("AZURE_CLIENT_SECRET");
            URI endpoint = URI.create(
                    variable("AZURE_AUTHORITY_HOST") + "/" + variable("AZURE_TENANT_ID") + "/oauth2/v2.0/token");
            this.token = send(HttpRequest.newBuilder(endpoint).POST(BodyPublishers.ofString(form)))
                    .get("access_token")
                    .getAsString();
        }

        private String variable(String name) {
            return environment.get(name).getAsString();
        }

        private static SSLContext trusting(Path pem) throws Exception {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            try (InputStream in = Files.newInputStream(pem)) {
                store.setCertificateEntry(
                        "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        }

        JsonObject crypto(String path, String value) throws Exception {
            return call("POST", path, "{\"alg\":\"RSA-OAEP-256\",\"value\":\"%s\"}".formatted(value));
        }

        JsonObject call(String method, String path, String json) throws Exception {
            URI uri = URI.create(variable("KEYWRAP_AZURE_KEY_VAULT_ENDPOINT") + path + "?api-version=2025-07-01");
            return send(HttpRequest.newBuilder(uri)
                    .header("Authorization", "Bearer " + token)
                    .method(method, BodyPublishers.ofString(json)));
        }

        private JsonObject send(HttpRequest.Builder request) throws Exception {
            return JsonParser.parseString(
                            http.send(request.build(), BodyHandlers.ofString()).body())
                    .getAsJsonObject();
        }
    }
}
