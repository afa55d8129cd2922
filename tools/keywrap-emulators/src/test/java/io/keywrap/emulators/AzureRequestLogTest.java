package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The log of requests as the owner of the vault would find it. */
class AzureRequestLogTest extends AzureTest {
    private static final String CLIENT = "55555555-5555-4555-8555-555555555555";

    private AzureAuditEvent last() {
        List<AzureAuditEvent> events = azure.events();
        return events.get(events.size() - 1);
    }

    @Test
    void saysWhoDidWhatWithWhichVersion() {
        crypto(key.versionedId(), bearer(azure.token(CLIENT))).wrapKey(OAEP_256, DEK);

        AzureAuditEvent event = last();
        assertThat(event.operationName()).isEqualTo("KeyWrap");
        assertThat(event.time()).isEqualTo(time.now());
        assertThat(event.method()).isEqualTo("POST");
        assertThat(event.path()).isEqualTo("/keys/" + key.name() + "/" + key.version() + "/wrapkey");
        assertThat(event.keyName()).hasValue(key.name());
        assertThat(event.keyVersion()).hasValue(key.version());
        assertThat(event.clientId()).hasValue(CLIENT);
        assertThat(event.status()).isEqualTo(200);
        assertThat(event.errorCode()).isEmpty();
        assertThat(event.userAgent()).contains("azsdk-java");
    }

    /** The client asks for no version by an empty one. */
    @Test
    void showsThatTheVersionWasLeftOut() {
        wrapped();
        assertThat(last().path()).isEqualTo("/keys/" + key.name() + "//wrapkey");
        assertThat(last().keyVersion()).isEmpty();
    }

    @Test
    void hasFailedRequestsToo() {
        key.disable();
        failure(this::wrapped);

        assertThat(last().status()).isEqualTo(403);
        assertThat(last().errorCode()).hasValue("Forbidden");
        assertThat(last().innerErrorCode()).hasValue("KeyDisabled");
        assertThat(last().keyName()).hasValue(key.name());
    }

    @Test
    void countsOneOperation() {
        azure.inject(AzureFault.throttling().on("KeyWrap"), 1);
        failure(this::wrapped);
        wrapped();
        keys().getKey(key.name());

        assertThat(azure.count("KeyWrap")).isEqualTo(2);
        assertThat(azure.count("KeyUnwrap")).isZero();
        assertThatThrownBy(() -> azure.count("wrapkey")).isInstanceOf(IllegalArgumentException.class);
        azure.clearEvents();
        assertThat(azure.events()).isEmpty();
    }

    @Test
    void hasNeitherTokenNorPlaintextNorCiphertext() {
        byte[] wrapped = wrapped();
        unwrapped(key.id(), wrapped);
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        String signature = azure.token().substring(azure.token().lastIndexOf('.') + 1);

        assertThat(azure.events())
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(event -> assertThat(event + event.toJson())
                        .doesNotContain("Bearer")
                        .doesNotContain(signature)
                        .doesNotContain("eyJ")
                        .doesNotContain(base64.encodeToString(DEK))
                        .doesNotContain(base64.encodeToString(wrapped)));
    }

    @Test
    void isInTheFormOfTheAuditLog() {
        crypto(key.versionedId(), bearer(azure.token(CLIENT))).wrapKey(OAEP_256, DEK);

        JsonObject event = JsonParser.parseString(last().toJson()).getAsJsonObject();
        assertThat(event.get("category").getAsString()).isEqualTo("AuditEvent");
        assertThat(event.get("operationName").getAsString()).isEqualTo("KeyWrap");
        assertThat(event.get("resultType").getAsString()).isEqualTo("Success");
        assertThat(event.getAsJsonObject("identity")
                        .getAsJsonObject("claim")
                        .get("appid")
                        .getAsString())
                .isEqualTo(CLIENT);
        assertThat(event.getAsJsonObject("properties").get("httpStatusCode").getAsInt())
                .isEqualTo(200);
    }

    @Test
    void isToldToAnObserver() {
        List<AzureAuditEvent> seen = new ArrayList<>();
        try (AzureKeyVaultEmulator observed = start(options -> options.onEvent(seen::add))) {
            assertThat(failure(() -> new com.azure.security.keyvault.keys.KeyClientBuilder()
                            .vaultUrl(observed.endpoint().toString())
                            .credential(bearer(observed.token()))
                            .httpClient(http(observed))
                            .retryOptions(ONCE)
                            .disableChallengeResourceVerification()
                            .buildClient()
                            .getKey("never")))
                    .startsWith("404");
        }
        assertThat(seen).extracting(AzureAuditEvent::operationName).containsExactly("Authentication", "KeyGet");
    }
}
