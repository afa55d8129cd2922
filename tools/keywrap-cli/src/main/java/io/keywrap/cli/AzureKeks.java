package io.keywrap.cli;

import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.identity.AadCredentialBuilderBase;
import com.azure.identity.ClientCertificateCredentialBuilder;
import com.azure.identity.ClientSecretCredentialBuilder;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.azure.AzureKeyUrl;
import io.keywrap.azure.AzureKms;
import io.keywrap.provider.KeyProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * KEKs in Azure: in the clouds with what azure-identity finds, and in one emulator on this machine that two variables name. Nothing
 * of Azure is loaded before a KEK of it is used.
 *
 * <p>The emulator gets a token of its own sign-in alone, and nothing that a sign-in of Azure, a managed identity or the Azure CLI
 * would give: whoever listens on a port of this machine may ask for any token.
 */
final class AzureKeks implements KeyProvider.Factory {
    private static final String SCHEME = "azure-kms";
    static final String ENDPOINT = "KEYWRAP_AZURE_KEY_VAULT_ENDPOINT";
    static final String CA = "KEYWRAP_AZURE_CA";
    private static final String AES_KEYS = "KEYWRAP_AZURE_AES_KEYS";
    private static final String AUTHORITY = "AZURE_AUTHORITY_HOST";
    private static final String HOW =
            "set it to https://localhost:<port> of an emulator, as 'keywrap emulator azure' prints it";
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ATTEMPT = Duration.ofSeconds(4);

    private final Map<String, String> environment;
    private @Nullable Made made;

    AzureKeks(Map<String, String> environment) {
        this.environment = environment;
    }

    /** The factories, once they are needed. */
    private record Made(AzureKms clouds, @Nullable AzureKms emulator, String endpoint) {}

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public synchronized KeyProvider create(KekId kekId) {
        Made known = made;
        if (known == null) {
            known = make(kekId);
            made = known;
        }
        AzureKms emulator = known.emulator();
        boolean emulated = emulator != null
                && kekId.uri().toLowerCase(Locale.ROOT).startsWith(SCHEME + "://" + known.endpoint() + "/");
        return (emulated && emulator != null ? emulator : known.clouds()).create(kekId);
    }

    private Made make(KekId kekId) {
        Predicate<AzureKeyUrl> aes = key ->
                Arrays.stream(variable(AES_KEYS).split("\\s+")).anyMatch(url -> url.equalsIgnoreCase(key.toString()));
        String endpoint = variable(ENDPOINT).toLowerCase(Locale.ROOT).replaceFirst("/$", "");
        AzureKms clouds = AzureKms.builder().aesKeys(aes).build();
        if (endpoint.isEmpty()) {
            if (!variable(CA).isEmpty()) {
                throw refused(kekId, CA + " is set, and no " + ENDPOINT, "set both, for an emulator, or none");
            }
            return new Made(clouds, null, "");
        }
        if (!endpoint.startsWith("https://")) {
            throw refused(kekId, ENDPOINT + " does not begin with https://", HOW);
        }
        try {
            AzureKms.Builder builder = AzureKms.builder()
                    .trustedHost(endpoint.substring("https://".length()))
                    .aesKeys(aes);
            HttpClient http = http(kekId);
            return new Made(
                    clouds,
                    builder.credential(credential(kekId, endpoint, http))
                            .clients(client -> client.httpClient(http))
                            .build(),
                    endpoint);
        } catch (IllegalArgumentException e) {
            throw refused(kekId, ENDPOINT + " is no port of this machine", HOW);
        }
    }

    private HttpClient http(KekId kekId) {
        java.net.http.HttpClient.Builder builder = java.net.http.HttpClient.newBuilder();
        if (!variable(CA).isEmpty()) {
            try {
                builder.sslContext(TrustedCa.in(Path.of(variable(CA))));
            } catch (ConfigurationException e) {
                throw refused(
                        kekId, CA + ": " + e.getMessage(), "name the file with the emulator's certificate, in PEM");
            }
        }
        return new JdkHttpClientBuilder(builder)
                .connectionTimeout(CONNECT)
                .responseTimeout(ATTEMPT)
                .readTimeout(ATTEMPT)
                .writeTimeout(ATTEMPT)
                .build();
    }

    /** The application that the variables of azure-identity name, if they are for the emulator. */
    private TokenCredential credential(KekId kekId, String endpoint, HttpClient http) {
        if (!variable(AUTHORITY).replaceFirst("/$", "").equalsIgnoreCase(endpoint)) {
            throw refused(
                    kekId,
                    AUTHORITY + " is not " + ENDPOINT
                            + ", so the credentials of the environment are not for the emulator",
                    "set both, as 'keywrap emulator azure' prints them");
        }
        String secret = variable("AZURE_CLIENT_SECRET");
        String certificate = variable("AZURE_CLIENT_CERTIFICATE_PATH");
        if (secret.isEmpty() && certificate.isEmpty()) {
            throw refused(
                    kekId,
                    "there are no credentials for the emulator",
                    "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH");
        }
        return secret.isEmpty()
                ? signedIn(new ClientCertificateCredentialBuilder(), endpoint, http)
                        .pemCertificate(certificate)
                        .build()
                : signedIn(new ClientSecretCredentialBuilder(), endpoint, http)
                        .clientSecret(secret)
                        .build();
    }

    private <B extends AadCredentialBuilderBase<B>> B signedIn(B builder, String endpoint, HttpClient http) {
        return AzureKms.tune(builder)
                .httpClient(http)
                .authorityHost(endpoint)
                .disableInstanceDiscovery()
                .tenantId(variable("AZURE_TENANT_ID"))
                .clientId(variable("AZURE_CLIENT_ID"));
    }

    private String variable(String name) {
        return environment.getOrDefault(name, "");
    }

    private static KekConfigurationException refused(KekId kekId, String what, String operatorAction) {
        return new KekConfigurationException(Failure.of(kekId, what).operatorAction(operatorAction));
    }
}
