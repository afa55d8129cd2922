package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.security.keyvault.keys.cryptography.models.WrapResult;
import org.junit.jupiter.api.Test;

/** The real clients of the Azure SDK, over https. */
class AzureSdkClientTest extends AzureTest {
    @Test
    void wrapsByTheVersionlessIdAndUnwrapsByTheVersionedOne() {
        WrapResult wrap = crypto(key.id()).wrapKey(OAEP_256, DEK);

        assertThat(wrap.getKeyId()).isEqualTo(key.versionedId());
        assertThat(crypto(wrap.getKeyId())
                        .unwrapKey(OAEP_256, wrap.getEncryptedKey())
                        .getKey())
                .isEqualTo(DEK);
    }

    @Test
    void getsTheKey() {
        assertThat(keys().getKey(key.name()).getId()).isEqualTo(key.versionedId());
    }
}
