package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.security.keyvault.keys.KeyClient;
import com.azure.security.keyvault.keys.KeyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.CryptographyClient;
import com.azure.security.keyvault.keys.cryptography.CryptographyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.models.KeyWrapAlgorithm;
import io.keywrap.testkit.ManualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import reactor.core.publisher.Mono;

/** An emulator with one key, and the real clients of the Azure SDK, over https. */
abstract class AzureTest {
    static final KeyWrapAlgorithm OAEP_256 = KeyWrapAlgorithm.RSA_OAEP_256;
    static final byte[] DEK = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /** One try, so that a test sees the answer that it asked for. */
    static final RetryOptions ONCE = new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1)));

    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-25T08:00:00Z"));
    final AzureKeyVaultEmulator azure = start(UnaryOperator.identity());
    final AzureKey key = azure.createKey();
    final HttpClient http = http(azure);

    AzureKeyVaultEmulator start(UnaryOperator<AzureKeyVaultEmulatorBuilder> options) {
        return options.apply(AzureKeyVaultEmulator.builder().time(time)).start(0);
    }

    @AfterEach
    void stop() {
        azure.close();
    }

    static HttpClient http(AzureKeyVaultEmulator azure) {
        return new JdkHttpClientBuilder(java.net.http.HttpClient.newBuilder().sslContext(azure.trustingContext()))
                .build();
    }

    static TokenCredential bearer(String token) {
        return request -> Mono.just(new AccessToken(token, OffsetDateTime.now().plusDays(1)));
    }

    KeyClient keys() {
        return keys(bearer(azure.token()));
    }

    KeyClient keys(TokenCredential credential) {
        return new KeyClientBuilder()
                .vaultUrl(azure.endpoint().toString())
                .credential(credential)
                .httpClient(http)
                .retryOptions(ONCE)
                .disableChallengeResourceVerification()
                .buildClient();
    }

    CryptographyClient crypto(String keyId) {
        return crypto(keyId, bearer(azure.token()));
    }

    CryptographyClient crypto(String keyId, TokenCredential credential) {
        return new CryptographyClientBuilder()
                .keyIdentifier(keyId)
                .credential(credential)
                .httpClient(http)
                .retryOptions(ONCE)
                .disableKeyCaching()
                .disableChallengeResourceVerification()
                .buildClient();
    }

    byte[] wrapped() {
        return crypto(key.id()).wrapKey(OAEP_256, DEK).getEncryptedKey();
    }

    byte[] unwrapped(String keyId, byte[] wrapped) {
        return crypto(keyId).unwrapKey(OAEP_256, wrapped).getKey();
    }

    /** How an operation fails: status and codes, and the text. */
    static String failure(ThrowingCallable operation) {
        Throwable thrown = catchThrowable(operation);
        assertThat(thrown).isInstanceOf(HttpResponseException.class);
        HttpResponseException failed = (HttpResponseException) thrown;
        int status = failed.getResponse().getStatusCode();
        if (!(failed.getValue() instanceof Map<?, ?> body) || !(body.get("error") instanceof Map<?, ?> error)) {
            return status + " without JSON";
        }
        Object inner = error.get("innererror");
        return status + " " + error.get("code") + (inner instanceof Map<?, ?> codes ? "/" + codes.get("code") : "")
                + ": " + error.get("message");
    }
}
