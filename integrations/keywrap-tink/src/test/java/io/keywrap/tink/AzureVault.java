package io.keywrap.tink;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import io.keywrap.azure.AzureKms;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.testkit.ManualTime;
import java.time.Instant;
import java.time.OffsetDateTime;
import reactor.core.publisher.Mono;

/** Azure Key Vault, called over https by the clients of the Azure SDK, with one key and a clock that is moved by hand. */
final class AzureVault implements AutoCloseable {
    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-01T00:00:00Z"));
    final AzureKeyVaultEmulator emulator =
            AzureKeyVaultEmulator.builder().time(time).start(0);
    final AzureKey key = emulator.createKey();

    TokenCredential credential() {
        AccessToken token =
                new AccessToken(emulator.token(), OffsetDateTime.now().plusDays(1));
        return request -> Mono.just(token);
    }

    HttpClient http() {
        return new JdkHttpClientBuilder(java.net.http.HttpClient.newBuilder().sslContext(emulator.trustingContext()))
                .build();
    }

    AzureKms factory() {
        HttpClient http = http();
        return AzureKms.builder()
                .credential(credential())
                .trustedHost(emulator.endpoint().getAuthority())
                .clients(client -> client.httpClient(http))
                .build();
    }

    String keyUri() {
        return "azure-kms://" + key.id();
    }

    @Override
    public void close() {
        emulator.close();
    }
}
