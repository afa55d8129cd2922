package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.exception.ResourceNotFoundException;
import com.azure.security.keyvault.keys.KeyClient;
import com.azure.security.keyvault.keys.cryptography.CryptographyClient;
import com.azure.security.keyvault.keys.cryptography.CryptographyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.models.KeyWrapAlgorithm;
import com.azure.security.keyvault.keys.cryptography.models.WrapResult;
import com.azure.security.keyvault.keys.models.CreateOctKeyOptions;
import com.azure.security.keyvault.keys.models.CreateRsaKeyOptions;
import com.azure.security.keyvault.keys.models.KeyOperation;
import com.azure.security.keyvault.keys.models.KeyProperties;
import com.azure.security.keyvault.keys.models.KeyType;
import com.azure.security.keyvault.keys.models.KeyVaultKey;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The real clients of the Azure SDK, over https: what they send is understood, what they are sent they understand. */
class AzureSdkClientTest extends AzureTest {
    @Test
    void wrapsByTheVersionlessIdAndUnwrapsByTheVersionedOne() {
        WrapResult wrap = crypto(key.id()).wrapKey(OAEP_256, DEK);

        assertThat(wrap.getKeyId()).isEqualTo(key.versionedId());
        assertThat(unwrapped(wrap.getKeyId(), wrap.getEncryptedKey())).isEqualTo(DEK);
    }

    @Test
    void takesAnIpAddressForTheHostTooAndAnswersWithIt() {
        String id = key.id().replace("localhost", "127.0.0.1");
        assertThat(crypto(id).wrapKey(OAEP_256, DEK).getKeyId()).isEqualTo(id + "/" + key.version());
    }

    @Test
    void theFirstRequestHasNeitherTokenNorBodyAndIsAnsweredByTheChallenge() {
        wrapped();
        wrapped();

        assertThat(azure.events())
                .extracting(AzureAuditEvent::operationName)
                .containsExactly("Authentication", "KeyWrap", "KeyWrap");
        assertThat(azure.events().get(0).status()).isEqualTo(401);
    }

    @Test
    void theAsynchronousClientWorksAsWell() {
        WrapResult wrap = new CryptographyClientBuilder()
                .keyIdentifier(key.id())
                .credential(bearer(azure.token()))
                .httpClient(http)
                .disableKeyCaching()
                .disableChallengeResourceVerification()
                .buildAsyncClient()
                .wrapKey(OAEP_256, DEK)
                .block();
        assertThat(wrap).isNotNull();
        assertThat(wrap.getKeyId()).isEqualTo(key.versionedId());
    }

    /** Why keywrap never lets the client keep keys: it would not see what happens to them. */
    @Test
    void aClientThatKeepsTheKeyWrapsByItselfWithADisabledOne() {
        CryptographyClient keeping = new CryptographyClientBuilder()
                .keyIdentifier(key.versionedId())
                .credential(bearer(azure.token()))
                .httpClient(http)
                .retryOptions(ONCE)
                .disableChallengeResourceVerification()
                .buildClient();
        key.disable();

        byte[] wrapped = keeping.wrapKey(KeyWrapAlgorithm.RSA_OAEP, DEK).getEncryptedKey();

        assertThat(azure.count("KeyWrap")).isZero();
        assertThat(azure.count("KeyGet")).isEqualTo(1);
        key.enable();
        assertThat(crypto(key.versionedId())
                        .unwrapKey(KeyWrapAlgorithm.RSA_OAEP, wrapped)
                        .getKey())
                .isEqualTo(DEK);
    }

    @Nested
    class Owner {
        private final KeyClient owner = keys();

        @Test
        void makesAnRsaKeyWithAttributes() {
            OffsetDateTime end = OffsetDateTime.of(2027, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
            KeyVaultKey made = owner.createRsaKey(new CreateRsaKeyOptions("made")
                    .setKeySize(2048)
                    .setKeyOperations(KeyOperation.WRAP_KEY, KeyOperation.UNWRAP_KEY)
                    .setExpiresOn(end)
                    .setTags(Map.of("tenant", "acme")));

            assertThat(made.getId()).startsWith(azure.endpoint() + "/keys/made/");
            KeyVaultKey got = owner.getKey("made");
            assertThat(got.getKeyType()).isEqualTo(KeyType.RSA);
            assertThat(got.getKeyOperations())
                    .containsExactlyInAnyOrder(KeyOperation.WRAP_KEY, KeyOperation.UNWRAP_KEY);
            assertThat(got.getProperties().getExpiresOn()).isEqualTo(end);
            assertThat(got.getProperties().isEnabled()).isTrue();
            assertThat(got.getProperties().getTags()).isEqualTo(Map.of("tenant", "acme"));
            assertThat(got.getProperties().getCreatedOn().toInstant()).isEqualTo(time.now());
            assertThat(got.getKey().getN()).hasSize(256);
            assertThat(azure.key("made").orElseThrow().version())
                    .isEqualTo(got.getProperties().getVersion());
        }

        @Test
        void makesASymmetricKeyOfAnHsm() {
            owner.createOctKey(new CreateOctKeyOptions("aes").setKeySize(256).setHardwareProtected(true));

            WrapResult wrap = crypto(azure.endpoint() + "/keys/aes").wrapKey(KeyWrapAlgorithm.A256KW, DEK);
            assertThat(crypto(wrap.getKeyId())
                            .unwrapKey(KeyWrapAlgorithm.A256KW, wrap.getEncryptedKey())
                            .getKey())
                    .isEqualTo(DEK);
        }

        @Test
        void switchesAVersionOffAndOn() {
            KeyProperties properties = owner.getKey(key.name()).getProperties();
            owner.updateKeyProperties(properties.setEnabled(false));
            assertThat(key.enabled()).isFalse();
            assertThat(owner.getKey(key.name()).getProperties().isEnabled()).isFalse();
            owner.updateKeyProperties(properties.setEnabled(true));
            assertThat(key.enabled()).isTrue();
        }

        @Test
        void rotates() {
            String before = key.version();
            owner.updateKeyProperties(owner.getKey(key.name()).getProperties().setTags(Map.of("tenant", "acme")));
            KeyVaultKey rotated = owner.rotateKey(key.name());

            assertThat(rotated.getProperties().getVersion())
                    .isEqualTo(key.version())
                    .isNotEqualTo(before);
            assertThat(rotated.getProperties().getTags()).isEqualTo(Map.of("tenant", "acme"));
            List<String> versions = owner.listPropertiesOfKeyVersions(key.name()).stream()
                    .map(KeyProperties::getVersion)
                    .toList();
            assertThat(versions).containsExactlyInAnyOrder(before, key.version());
            assertThat(owner.getKey(key.name(), before).getId()).endsWith(before);
        }

        @Test
        void listsKeysAndDeletedKeys() {
            AzureKey gone = azure.createKey();
            gone.softDelete();

            assertThat(owner.listPropertiesOfKeys().stream().map(KeyProperties::getName))
                    .containsExactly(key.name());
            assertThat(owner.listDeletedKeys().stream().map(KeyVaultKey::getName))
                    .containsExactly(gone.name());
        }

        @Test
        void deletesRecoversAndPurges() {
            owner.beginDeleteKey(key.name()).poll();
            assertThat(owner.getDeletedKey(key.name()).getScheduledPurgeDate().toInstant())
                    .isEqualTo(time.now().plus(Duration.ofDays(90)));
            assertThatThrownBy(() -> owner.getKey(key.name())).isInstanceOf(ResourceNotFoundException.class);

            owner.beginRecoverDeletedKey(key.name()).poll();
            assertThat(owner.getKey(key.name()).getId()).isEqualTo(key.versionedId());

            key.softDelete();
            owner.purgeDeletedKey(key.name());
            assertThatThrownBy(() -> owner.getDeletedKey(key.name())).isInstanceOf(ResourceNotFoundException.class);
            assertThat(azure.key(key.name())).isEmpty();
        }
    }
}
