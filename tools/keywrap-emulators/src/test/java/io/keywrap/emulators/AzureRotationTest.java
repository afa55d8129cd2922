package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.security.keyvault.keys.cryptography.models.WrapResult;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Old wraps and new versions. */
class AzureRotationTest extends AzureTest {
    @Test
    void anOldWrapOpensByItsVersion() {
        WrapResult old = crypto(key.id()).wrapKey(OAEP_256, DEK);
        String next = key.rotate();

        assertThat(unwrapped(old.getKeyId(), old.getEncryptedKey())).isEqualTo(DEK);
        assertThat(crypto(key.id()).wrapKey(OAEP_256, DEK).getKeyId()).isEqualTo(key.id() + "/" + next);
        assertThat(key.versions()).hasSize(2).last().isEqualTo(next);
    }

    /** Whoever stores the id without the version cannot open anything after a rotation. */
    @Test
    void anOldWrapDoesNotOpenWithoutItsVersion() {
        byte[] old = wrapped();
        assertThat(unwrapped(key.id(), old)).isEqualTo(DEK);
        key.rotate();
        assertThat(failure(() -> unwrapped(key.id(), old)))
                .isEqualTo("400 BadParameter: Error occurred while decoding OAEP padding.");
    }

    @Test
    void theNewVersionIsOfTheSameKindAndHasNoDates() {
        AzureKey old = azure.createKey(
                AzureKeySpec.octHsm().withKeyOps("wrapKey", "unwrapKey").expiresAt(time.now()));
        old.rotate();

        var got = keys().getKey(old.name());
        assertThat(got.getKeyType()).hasToString("oct-HSM");
        assertThat(got.getKeyOperations()).hasSize(2);
        assertThat(got.getProperties().getExpiresOn()).isNull();
    }

    @Test
    void aNameThatIsThereGetsANewVersion() {
        AzureKey again = azure.createKey(AzureKeySpec.rsa(2048).named(key.name()));
        assertThat(again.id()).isEqualTo(key.id());
        assertThat(key.versions()).hasSize(2);
        assertThat(azure.key(key.name())).map(AzureKey::version).isEqualTo(Optional.of(key.version()));
    }
}
