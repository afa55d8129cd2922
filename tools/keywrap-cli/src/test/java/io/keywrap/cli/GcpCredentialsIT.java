package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the packaged command has the credentials for Google Cloud from, and what it says where there are none. */
class GcpCredentialsIT {
    /** The deadline of a call, and time for a JVM to start on a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String PASSWORD = "changeit";
    private static final String KEK =
            "gcp-kms://projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek";

    /** Asks for a token as the command would, with nothing but its jar. */
    private static final String PROBE = """
            import com.google.auth.oauth2.GoogleCredentials;
            import com.google.cloud.kms.v1.KeyManagementServiceSettings;
            public class Probe {
                public static void main(String[] args) throws Exception {
                    GoogleCredentials found = (GoogleCredentials)
                            KeyManagementServiceSettings.defaultCredentialsProviderBuilder().build().getCredentials();
                    System.out.print(found.getClass().getSimpleName() + " "
                            + found.refreshAccessToken().getTokenValue());
                }
            }
            """;

    @TempDir
    Path folder;

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private HttpServer tokens;
    private KekProcess keywrap;

    @BeforeEach
    void start() throws Exception {
        tokens = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve(tokens);
        keywrap = new KekProcess(folder, KEK);
        keywrap.environment.put("CLOUDSDK_CONFIG", folder.resolve("gcloud").toString());
    }

    private void serve(HttpServer server) {
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().getPath() + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] answer = """
                    {"access_token":"token-1","token_type":"Bearer","expires_in":3600,\
                    "issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}""".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.getResponseHeaders().add("Metadata-Flavor", "Google");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void end() {
        tokens.stop(0);
    }

    private String url(String path) {
        return "http://127.0.0.1:" + tokens.getAddress().getPort() + path;
    }

    private void credentials(String json) throws Exception {
        Path file = Files.writeString(folder.resolve("credentials.json"), json);
        keywrap.environment.put("GOOGLE_APPLICATION_CREDENTIALS", file.toString());
    }

    private void assertGivesAToken(String kind, String... options) throws Exception {
        Path source = Files.writeString(folder.resolve("Probe.java"), PROBE);
        List<String> command = new ArrayList<>(List.of(JarProcess.JAVA, "-cp", JarProcess.JAR.toString()));
        command.addAll(List.of(options));
        command.add(source.toString());
        ProcessBuilder builder = JarProcess.inFolder(folder, command);
        keywrap.prepare(builder);
        JarProcess.Result result = JarProcess.run(builder, new byte[0]);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).isEqualTo(kind + " token-1");
    }

    @Test
    void aServiceAccountSignsAndIsGivenAToken() throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        String pem = "-----BEGIN PRIVATE KEY-----\\n"
                + Base64.getEncoder()
                        .encodeToString(rsa.generateKeyPair().getPrivate().getEncoded())
                + "\\n-----END PRIVATE KEY-----\\n";
        credentials("""
                {"type":"service_account","project_id":"acme-prod","private_key_id":"1","private_key":"%s",
                 "client_email":"keywrap@acme-prod.iam.gserviceaccount.com","client_id":"1","token_uri":"%s"}
                """.formatted(pem, url("/token")));

        assertGivesAToken("ServiceAccountCredentials");

        assertThat(asked).singleElement().asString().startsWith("/token grant_type=urn");
    }

    /** Google's library wants TLS there. */
    @Test
    void aWorkloadOfAnotherCloudExchangesItsToken() throws Exception {
        HttpsServer exchange = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Path trusted = certificate();
        exchange.setHttpsConfigurator(new HttpsConfigurator(tls(trusted)));
        serve(exchange);
        try {
            Path subject = Files.writeString(folder.resolve("subject"), "subject-token");
            credentials("""
                    {"type":"external_account",
                     "audience":"//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
                     "subject_token_type":"urn:ietf:params:oauth:token-type:jwt",
                     "token_url":"https://127.0.0.1:%d/sts","credential_source":{"file":"%s"}}
                    """.formatted(exchange.getAddress().getPort(), subject));

            assertGivesAToken(
                    "IdentityPoolCredentials",
                    "-Djavax.net.ssl.trustStore=" + trusted,
                    "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
        } finally {
            exchange.stop(0);
        }
        assertThat(asked).singleElement().asString().startsWith("/sts ").contains("subject-token");
    }

    private Path certificate() throws Exception {
        Path file = folder.resolve("tls.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        JarProcess.Result made = JarProcess.run(
                JarProcess.inFolder(
                        folder,
                        List.of(
                                keytool,
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=127.0.0.1",
                                "-ext",
                                "san=ip:127.0.0.1",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                PASSWORD)),
                new byte[0]);
        assertThat(made.exitCode()).as(made.err()).isZero();
        return file;
    }

    private static SSLContext tls(Path file) throws Exception {
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        return tls;
    }

    @Test
    void aMachineIsGivenTheTokenOfItsServiceAccount() throws Exception {
        keywrap.environment.put(
                "GCE_METADATA_HOST", "127.0.0.1:" + tokens.getAddress().getPort());

        assertGivesAToken("ComputeEngineCredentials");

        assertThat(asked)
                .anyMatch(one -> one.startsWith("/computeMetadata/v1/instance/service-accounts/default/token"));
    }

    @Test
    void noCredentialsAreSaidSoon() throws Exception {
        keywrap.environment.put("NO_GCE_CHECK", "true");
        long started = System.nanoTime();

        keywrap.assertFailed(
                keywrap.status(),
                6,
                "this process has no credentials for Google Cloud",
                "GOOGLE_APPLICATION_CREDENTIALS");

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(PATIENCE);
    }

    @Test
    void credentialsThatCannotBeReadAreSaid() throws Exception {
        credentials("{\"type\":\"nothing\"}");

        keywrap.assertFailed(keywrap.status(), 6, "check the credentials of this process");
    }
}
