package io.keywrap.azure;

import static io.keywrap.azure.SdkFailures.answer;
import static io.keywrap.azure.SdkFailures.credential;
import static io.keywrap.azure.SdkFailures.map;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.azure.core.credential.TokenRequestContext;
import com.azure.core.exception.ClientAuthenticationException;
import com.azure.identity.ClientCertificateCredentialBuilder;
import com.azure.identity.CredentialUnavailableException;
import com.microsoft.aad.msal4j.MsalClientException;
import com.microsoft.aad.msal4j.MsalServiceException;
import com.microsoft.aad.msal4j.MsalThrottlingException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.azure.AzureErrors.Operation;
import io.keywrap.azure.AzureErrors.Question;
import io.keywrap.azure.SecondLook.Subject;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Why there is no token: whatever a credential throws, however often it is wrapped, is one of keywrap's exceptions. */
class CredentialErrorsTest {
    private static final KekId KEK = KekId.of("azure-kms://https://acme.vault.azure.net/keys/kek");
    private static final Question UNWRAP = new Question(KEK, Operation.UNWRAP, false);
    private static final Question WORKED = new Question(KEK, Operation.UNWRAP, true);

    @ParameterizedTest
    @CsvSource({
        "AADSTS700016: Application with identifier 'x' was not found in the directory, DENIED",
        "AADSTS7000229: The client application is missing service principal in the tenant, DENIED",
        "AADSTS7000112: Application 'x' is disabled., DENIED",
        "AADSTS7000222: The provided client secret keys are expired.,",
        "AADSTS700027: Client assertion contains an invalid signature.,",
        "AADSTS7000215: Invalid client secret provided.,",
        "AADSTS70001612: a number that nobody knows,",
        "no number at all,"
    })
    void isJudgedByTheNumberOfEntraAsAHint(String text, @Nullable Reason denied) {
        for (RuntimeException failure : new RuntimeException[] {
            new RuntimeException(new ExecutionException(new MsalServiceException(text, "invalid_client"))),
            new ClientAuthenticationException(text, null)
        }) {
            KekException mapped = map(credential(failure), WORKED);
            if (denied == null) {
                assertThat(mapped).isExactlyInstanceOf(KekConfigurationException.class);
            } else {
                assertThat(mapped)
                        .isInstanceOfSatisfying(
                                KekRevokedException.class,
                                e -> assertThat(e.reason()).isEqualTo(denied));
            }
            String code = text.startsWith("AADSTS") ? text.substring(0, text.indexOf(':')) : "";
            assertThat(mapped.rawCode().orElse("")).isEqualTo(code);
        }
    }

    @Test
    void thatFindsNothingIsOurOwn() {
        assertThat(map(credential(new CredentialUnavailableException("nothing")), WORKED))
                .isInstanceOf(KekConfigurationException.class)
                .hasMessageContaining("no credentials for Azure are found");
    }

    @Test
    void thatMayNotGoToTheCustomersTenantSaysSo() {
        assertThat(map(
                        credential(new ClientAuthenticationException(
                                "The current credential is not configured to acquire tokens for tenant x. To enable"
                                        + " acquiring tokens for this tenant add it to the AdditionallyAllowedTenants",
                                null)),
                        WORKED))
                .isInstanceOf(KekConfigurationException.class)
                .hasMessageContaining("additionallyAllowedTenants");
    }

    @Test
    void thatIsThrottledOrOutOfReachIsRetried() {
        assertThat(map(
                        credential(new RuntimeException(new ExecutionException(new MsalThrottlingException(1500)))),
                        UNWRAP))
                .isInstanceOfSatisfying(
                        KekThrottledException.class,
                        e -> assertThat(e.retryAfter()).contains(Duration.ofMillis(1500)));
        assertThat(map(
                        credential(new RuntimeException(
                                new ExecutionException(new MsalClientException(new ConnectException())))),
                        WORKED))
                .isInstanceOf(KekUnreachableException.class);
        for (String code : new String[] {"unknown", "invalid_json", "server_error", "temporarily_unavailable"}) {
            assertThat(map(
                            credential(new RuntimeException(new MsalServiceException("no text of Entra", code))),
                            WORKED))
                    .isInstanceOf(KekUnreachableException.class);
        }
        assertThat(map(credential(answer(429, "", "", "")), WORKED)).isInstanceOf(KekThrottledException.class);
        assertThat(map(credential(answer(503, "", "", "")), WORKED)).isInstanceOf(KekUnreachableException.class);
        assertThat(map(credential(new InterruptedException()), WORKED)).isInstanceOf(KekUnreachableException.class);
    }

    @Test
    void neverSpeaksForTheKey() {
        assertThat(map(credential(answer(403, "Forbidden", "KeyDisabled", "")), WORKED))
                .isInstanceOf(KekConfigurationException.class);
        assertThat(map(credential(answer(404, "KeyNotFound", "", "")), WORKED))
                .isInstanceOf(KekConfigurationException.class);
        assertThat(AzureErrors.openQuestion(credential(answer(404, "KeyNotFound", "", "")), Operation.UNWRAP))
                .isEqualTo(Subject.NOTHING);
    }

    @Test
    void thatIsLateIsAnOutage() {
        assertThat(map(credential(new RuntimeException(new TimeoutException("no response"))), WORKED))
                .isExactlyInstanceOf(KekUnreachableException.class);
    }

    /** Whatever is wrong with a file here does not pass by itself, though Java calls it an {@link IOException} as well. */
    @Test
    void whoseFileIsMissingOrLockedIsOurOwn(@TempDir Path folder) throws Exception {
        ClientCertificateCredentialBuilder missing =
                certificate().pemCertificate(folder.resolve("none.pem").toString());
        assertOurs(missing);
        Path locked = folder.resolve("locked.p12");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (OutputStream out = Files.newOutputStream(locked)) {
            store.store(out, "one".toCharArray());
        }
        assertOurs(certificate().pfxCertificate(locked.toString()).clientCertificatePassword("other"));
        assertThat(map(credential(new RuntimeException(new FileNotFoundException("token"))), WORKED))
                .isExactlyInstanceOf(KekConfigurationException.class);
        assertThat(map(
                        credential(new RuntimeException(
                                new SSLHandshakeException("x").initCause(new CertificateException()))),
                        WORKED))
                .isExactlyInstanceOf(KekConfigurationException.class);
    }

    private static ClientCertificateCredentialBuilder certificate() {
        return new ClientCertificateCredentialBuilder()
                .authorityHost("https://127.0.0.1:1")
                .disableInstanceDiscovery()
                .tenantId("11111111-1111-4111-8111-111111111111")
                .clientId("22222222-2222-4222-8222-222222222222");
    }

    private static void assertOurs(ClientCertificateCredentialBuilder builder) {
        TokenRequestContext request = new TokenRequestContext().addScopes("https://vault.azure.net/.default");
        Throwable failure = catchThrowable(() -> builder.build().getTokenSync(request));
        assertThat(map(credential(failure), WORKED)).isExactlyInstanceOf(KekConfigurationException.class);
    }
}
