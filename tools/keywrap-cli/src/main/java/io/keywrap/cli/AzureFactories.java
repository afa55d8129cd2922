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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The factory for the clouds of Azure, and the one for the emulator that the environment names.
 *
 * <p>The emulator gets a token of its own sign-in alone, and nothing that a sign-in of Azure, a managed identity or the Azure CLI
 * would give: whoever listens on a port of this machine may ask for any token.
 */
final class AzureFactories {
    private static final String ENDPOINT = "KEYWRAP_AZURE_KEY_VAULT_ENDPOINT";
    private static final String CA = "KEYWRAP_AZURE_CA";
    private static final String AES_KEYS = "KEYWRAP_AZURE_AES_KEYS";
    private static final String AUTHORITY = "AZURE_AUTHORITY_HOST";
    private static final String HOW =
            "set it to https://localhost:<port> of an emulator, as 'keywrap emulator azure' prints it";
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ATTEMPT = Duration.ofSeconds(4);

    private final Map<String, String> environment;
    private final String endpoint;
    private final AzureKms clouds;
    private final @Nullable AzureKms emulator;

    /** Reads the environment; the KEK is the one that a refusal names. */
    AzureFactories(Map<String, String> environment, KekId kekId) {
        this.environment = environment;
        this.endpoint = variable(ENDPOINT).toLowerCase(Locale.ROOT).replaceFirst("/$", "");
        this.clouds = AzureKms.builder().aesKeys(this::isAes).build();
        this.emulator = emulator(kekId);
    }

    KeyProvider create(KekId kekId) {
        boolean emulated = kekId.uri().toLowerCase(Locale.ROOT).startsWith("azure-kms://" + endpoint + "/");
        return (emulator != null && emulated ? emulator : clouds).create(kekId);
    }

    /** All versions of a key are of one kind. */
    private boolean isAes(AzureKeyUrl key) {
        String whole = key.vaultUrl() + "/keys/" + key.name();
        return Arrays.stream(variable(AES_KEYS).toLowerCase(Locale.ROOT).split("\\s+"))
                .map(url -> url.replaceFirst("/(?:[0-9a-f]{32})?/?$", "").replaceFirst(":443/keys/", "/keys/"))
                .anyMatch(whole::equals);
    }

    private @Nullable AzureKms emulator(KekId kekId) {
        if (endpoint.isEmpty()) {
            if (!variable(CA).isEmpty()) {
                throw refused(kekId, CA + " is set, and no " + ENDPOINT, "set both, for an emulator, or none");
            }
            return null;
        }
        if (!endpoint.startsWith("https://")) {
            throw refused(kekId, ENDPOINT + " does not begin with https://", HOW);
        }
        AzureKms.Builder builder;
        try {
            builder = AzureKms.builder().trustedHost(endpoint.substring("https://".length()));
        } catch (IllegalArgumentException e) {
            throw refused(kekId, ENDPOINT + " is no port of this machine", HOW);
        }
        HttpClient http = http(kekId);
        return builder.aesKeys(this::isAes)
                .credential(credential(kekId, http))
                .clients(client -> client.httpClient(http))
                .build();
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
    private TokenCredential credential(KekId kekId, HttpClient http) {
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
        for (String name : List.of("AZURE_TENANT_ID", "AZURE_CLIENT_ID")) {
            if (!variable(name).matches("[A-Za-z0-9.-]+")) {
                throw refused(kekId, name + " is not set to an id", "set it, as 'keywrap emulator azure' prints it");
            }
        }
        return secret.isEmpty()
                ? signedIn(new ClientCertificateCredentialBuilder(), http)
                        .pemCertificate(certificate)
                        .build()
                : signedIn(new ClientSecretCredentialBuilder(), http)
                        .clientSecret(secret)
                        .build();
    }

    private <B extends AadCredentialBuilderBase<B>> B signedIn(B builder, HttpClient http) {
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
