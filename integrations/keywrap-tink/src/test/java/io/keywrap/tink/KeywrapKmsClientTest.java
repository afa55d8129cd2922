package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.azure.core.credential.TokenCredential;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.aws.AwsKms;
import io.keywrap.azure.AzureKms;
import io.keywrap.gcp.GcpKms;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import java.security.GeneralSecurityException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which KEKs the client has, under which names. */
class KeywrapKmsClientTest extends TinkFixture {
    private static final String AWS_KEY =
            "aws-kms://arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String GCP_KEY =
            "gcp-kms://projects/acme-backups/locations/europe/keyRings/backup/cryptoKeys/tenant-42";
    private static final String AZURE_KEY = "azure-kms://https://acme.vault.azure.net/keys/tenant-42";

    /** Nothing is called, so no credentials are ever looked for. */
    private static KeyProviders clouds() {
        TokenCredential nobody = request -> {
            throw new AssertionError("a token was asked for");
        };
        return KeyProviders.builder()
                .register(AwsKms.factory())
                .register(GcpKms.factory())
                .register(AzureKms.factory(nobody))
                .build();
    }

    /** The first two are how Tink's own clients name their KEKs. */
    @ParameterizedTest
    @ValueSource(strings = {AWS_KEY, GCP_KEY, AZURE_KEY})
    void theCloudsKeksAreNamedAsTinkNamesThem(String keyUri) throws Exception {
        try (KeyProviders providers = clouds()) {
            KeywrapKmsClient client = KeywrapKmsClient.of(providers);
            assertThat(client.doesSupport(keyUri)).isTrue();
            assertThat(client.getAead(keyUri)).hasToString("KekAead[" + keyUri + "]");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "memory",
                "memory:",
                "memory:two words",
                "MEMORY:customer",
                "hcvault://vault/keys/tenant-42",
                AWS_KEY,
            })
    void whatNoProviderTakesIsNotSupported(String keyUri) {
        assertThat(client.doesSupport(keyUri)).isFalse();
        assertThatExceptionOfType(GeneralSecurityException.class)
                .isThrownBy(() -> client.getAead(keyUri))
                .withMessageContaining("to do: ")
                .withCauseExactlyInstanceOf(KekConfigurationException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "aws-kms://alias/tenant-42",
                "gcp-kms://projects/acme",
                "azure-kms://https://evil.example/keys/tenant-42",
                "azure-kms://acme"
            })
    void whatItsProviderRefusesIsNotSupported(String keyUri) {
        try (KeyProviders providers = clouds()) {
            assertThat(KeywrapKmsClient.of(providers).doesSupport(keyUri)).isFalse();
        }
    }

    @Test
    void onlyAllowedKeksAreSupported() {
        KeywrapKmsClient one = KeywrapKmsClient.builder(keywrap.providers())
                .allowed(Set.of(keywrap.kek().id()))
                .build();
        assertThat(one.doesSupport("memory:customer")).isTrue();
        assertThat(one.doesSupport("memory:vendor")).isFalse();
        assertThatExceptionOfType(GeneralSecurityException.class)
                .isThrownBy(() -> one.getAead("memory:vendor"))
                .withMessageContaining("KEK memory:vendor");
    }

    @Test
    void allUsersOfAKekShareItsAead() throws Exception {
        assertThat(aead()).isSameAs(aead());
    }

    /** Tink asks each client that was ever added to its registry, and takes the first that says yes. */
    @Test
    void aClientThatWasClosedStandsInNobodysWay() throws Exception {
        String keyUri = keywrap.kek().id().uri();
        KeyProviders others = KeyProviders.builder().register(keywrap.kms()).build();
        KeywrapKmsClient second = KeywrapKmsClient.of(others);
        assertThat(client.doesSupport(keyUri)).isTrue();
        assertThat(second.doesSupport(keyUri)).isTrue();
        client.close();
        others.close();
        assertThat(client.doesSupport(keyUri)).isFalse();
        assertThat(second.doesSupport(keyUri)).isFalse();
    }

    @Test
    void whateverAProviderFailsWithIsWhatTinkDeclares() {
        KeyProvider.Factory failing = new KeyProvider.Factory() {
            @Override
            public String scheme() {
                return "failing";
            }

            @Override
            public KeyProvider create(KekId kekId) {
                throw new KekNotFoundException(Failure.of(kekId, "not there").operatorAction("look for it"));
            }
        };
        try (KeyProviders providers = KeyProviders.builder().register(failing).build()) {
            KeywrapKmsClient one = KeywrapKmsClient.of(providers);
            assertThat(one.doesSupport("failing:key")).isFalse();
            assertThatExceptionOfType(GeneralSecurityException.class)
                    .isThrownBy(() -> one.getAead("failing:key"))
                    .withCauseExactlyInstanceOf(KekNotFoundException.class);
        }
    }

    @Test
    void credentialsAreTheProviders() throws Exception {
        assertThat(client.withDefaultCredentials()).isSameAs(client);
        assertThatExceptionOfType(GeneralSecurityException.class)
                .isThrownBy(() -> client.withCredentials("credentials.json"))
                .withMessageContaining("KeyProviders");
    }

    @Test
    void theKeyContextHasALimitThatIsCheckedAtOnce() {
        KeywrapKmsClient.Builder builder = KeywrapKmsClient.builder(keywrap.providers());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.keyContext(EncryptionContext.of("tenant", "x".repeat(2_000))));
    }

    /** Tink would go on with its own, and whoever named one relies on it. */
    @Test
    void providersThatNameAProviderOfCryptographyAreRefused() {
        try (KeyProviders named = KeyProviders.builder()
                .register(keywrap.kms())
                .cryptoProvider("SunJCE")
                .build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KeywrapKmsClient.of(named))
                    .withMessageContaining("SunJCE");
        }
    }
}
