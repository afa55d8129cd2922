package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** TLS and the port. */
class AzureConnectionsTest extends AzureTest {
    @Test
    void aClientThatDoesNotTrustTheAuthorityDoesNotConnect() {
        HttpClient stranger = HttpClient.newHttpClient();
        assertThatThrownBy(() ->
                        stranger.send(HttpRequest.newBuilder(azure.endpoint()).build(), BodyHandlers.discarding()))
                .isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void theAuthorityOfOneEmulatorIsNotThatOfAnother() {
        try (AzureKeyVaultEmulator other = start(options -> options)) {
            HttpClient client =
                    HttpClient.newBuilder().sslContext(other.trustingContext()).build();
            assertThatThrownBy(() ->
                            client.send(HttpRequest.newBuilder(azure.endpoint()).build(), BodyHandlers.discarding()))
                    .isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void theCertificateIsForLoopbackAndTheNameOfTheVault() throws Exception {
        try (SSLSocket socket =
                (SSLSocket) azure.trustingContext().getSocketFactory().createSocket("localhost", azure.port())) {
            SSLSession session = socket.getSession();
            assertThat(session.getPeerCertificates()).hasSize(2);
            assertThat(session.getPeerCertificates()[1]).isEqualTo(azure.ca());
            assertThat(((java.security.cert.X509Certificate) session.getPeerCertificates()[0])
                            .getSubjectAlternativeNames())
                    .extracting(name -> String.valueOf(name.get(1)))
                    .containsExactlyInAnyOrder(
                            "localhost", "keywrap-test.vault.azure.net", "127.0.0.1", "0:0:0:0:0:0:0:1");
        } catch (SSLPeerUnverifiedException e) {
            throw new AssertionError("no TLS", e);
        }
    }

    @Test
    void theAuthorityIsOneBlockOfPem() throws Exception {
        byte[] pem = azure.caPem().getBytes(StandardCharsets.US_ASCII);
        assertThat(CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem)))
                .isEqualTo(azure.ca());
    }

    @Test
    void closingFreesThePortAndTheThreads() throws Exception {
        int port = azure.port();
        wrapped();
        assertThatThrownBy(() -> AzureKeyVaultEmulator.builder().start(port))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("port " + port);
        azure.close();
        azure.close();

        String name = "keywrap-emulator-" + port;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals(name)) {
                thread.join(10_000);
                assertThat(thread.isAlive()).isFalse();
            }
        }
        try (AzureKeyVaultEmulator next = AzureKeyVaultEmulator.builder().start(port)) {
            assertThat(next.port()).isEqualTo(port);
        }
    }

    @Test
    void severalRequestsShareAConnection() {
        for (int i = 0; i < 20; i++) {
            wrapped();
        }
        // The client may begin the next request before it has put the connection of the last one back.
        assertThat(azure.connections()).isBetween(1, 5);
    }

    @Test
    void requestsThatAreNoneAreRefused() {
        Https https = Https.to(azure);
        assertThat(https.send("POST", "/keys/x/create", new byte[(1 << 20) + 1]))
                .startsWith("413");
        assertThat(https.send("GET", "/keys", new byte[0])).startsWith("401 {\"error\":{\"code\":\"Unauthorized\"");
    }

    @Test
    void optionsAreChecked() {
        AzureKeyVaultEmulatorBuilder builder = AzureKeyVaultEmulator.builder();
        assertThatThrownBy(() -> builder.vault("a_b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.tenant("contoso")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AzureKeySpec.rsa(1024)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AzureKeySpec.rsa(2048).withKeyOps("wrap"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AzureKeySpec.rsa(2048).named("a b")).isInstanceOf(IllegalArgumentException.class);
    }
}
