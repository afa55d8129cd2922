package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.security.keyvault.keys.cryptography.models.EncryptionAlgorithm;
import com.azure.security.keyvault.keys.cryptography.models.KeyWrapAlgorithm;
import com.azure.security.keyvault.keys.models.KeyVaultKey;
import java.security.PublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the vault computes, and what it refuses to. */
class AzureCryptoTest extends AzureTest {
    @ParameterizedTest
    @CsvSource({
        "RSA, 2048, RSA-OAEP-256, 256",
        "RSA, 2048, RSA-OAEP, 256",
        "RSA, 2048, RSA1_5, 256",
        "RSA-HSM, 2048, RSA-OAEP-256, 256",
        "RSA, 3072, RSA-OAEP-256, 384",
        "oct-HSM, 256, A256KW, 40",
        "oct-HSM, 128, A128KW, 40",
    })
    void wrapsAndUnwraps(String type, int bits, String algorithm, int length) {
        AzureKey made = azure.createKey(AzureKeySpec.of(type, bits));
        KeyWrapAlgorithm wrapAlgorithm = KeyWrapAlgorithm.fromString(algorithm);

        byte[] wrapped = crypto(made.id()).wrapKey(wrapAlgorithm, DEK).getEncryptedKey();

        assertThat(wrapped).hasSize(length);
        assertThat(crypto(made.versionedId()).unwrapKey(wrapAlgorithm, wrapped).getKey())
                .isEqualTo(DEK);
    }

    /** Both hashes are SHA-256: the JDK's default for the second is SHA-1. */
    @Test
    void opensWhatOthersWrapWithThePublicKey() throws Exception {
        KeyVaultKey got = keys().getKey(key.name());
        PublicKey publicKey = got.getKey().toRsa().getPublic();
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                publicKey,
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));

        assertThat(unwrapped(got.getId(), cipher.doFinal(DEK))).isEqualTo(DEK);
    }

    /** RFC 3394 §2.2.3: what is wrapped is 8 bytes longer, and the same every time. */
    @Test
    void aesKeyWrapIsThatOfTheStandard() throws Exception {
        AzureKey aes = azure.createKey(AzureKeySpec.octHsm());
        byte[] first = crypto(aes.id()).wrapKey(KeyWrapAlgorithm.A256KW, DEK).getEncryptedKey();

        assertThat(crypto(aes.id()).wrapKey(KeyWrapAlgorithm.A256KW, DEK).getEncryptedKey())
                .isEqualTo(first);
        first[0] ^= 1;
        assertThat(failure(() -> crypto(aes.id()).unwrapKey(KeyWrapAlgorithm.A256KW, first)))
                .startsWith("400 BadParameter: ");
    }

    @Test
    void encryptsAndDecryptsToo() {
        byte[] sealed =
                crypto(key.id()).encrypt(EncryptionAlgorithm.RSA_OAEP_256, DEK).getCipherText();
        assertThat(crypto(key.id())
                        .decrypt(EncryptionAlgorithm.RSA_OAEP_256, sealed)
                        .getPlainText())
                .isEqualTo(DEK);
    }

    @Test
    void corruptBytesAreABadParameter() {
        byte[] wrapped = wrapped();
        wrapped[100] ^= 1;
        assertThat(failure(() -> unwrapped(key.versionedId(), wrapped)))
                .isEqualTo("400 BadParameter: Error occurred while decoding OAEP padding.");
    }

    @Test
    void bytesOfAWrongLengthAreABadParameter() {
        byte[] shorter = Arrays.copyOf(wrapped(), 255);
        assertThat(failure(() -> unwrapped(key.versionedId(), shorter)))
                .startsWith("400 BadParameter: The parameter is incorrect.");
    }

    @Test
    void wrapsOfAnotherKeyAreABadParameter() {
        AzureKey other = azure.createKey();
        byte[] wrapped = wrapped();
        assertThat(failure(() -> unwrapped(other.id(), wrapped)))
                .isEqualTo("400 BadParameter: Error occurred while decoding OAEP padding.");
    }

    @Test
    void anotherAlgorithmIsABadParameter() {
        byte[] wrapped = wrapped();
        assertThat(failure(() -> crypto(key.id()).unwrapKey(KeyWrapAlgorithm.RSA_OAEP, wrapped)))
                .isEqualTo("400 BadParameter: Error occurred while decoding OAEP padding.");
        assertThat(failure(() -> crypto(key.id()).wrapKey(KeyWrapAlgorithm.A256KW, DEK)))
                .startsWith("400 BadParameter: Key and encryption algorithm are incompatible.");
        assertThat(failure(() -> crypto(key.id()).wrapKey(KeyWrapAlgorithm.fromString("ROT13"), DEK)))
                .startsWith("400 BadParameter: Property alg has invalid value");
        AzureKey aes = azure.createKey(AzureKeySpec.octHsm());
        assertThat(failure(() -> crypto(aes.id()).wrapKey(OAEP_256, DEK))).startsWith("400 BadParameter: Key and enc");
        assertThat(failure(() -> crypto(aes.id()).wrapKey(KeyWrapAlgorithm.A128KW, DEK)))
                .startsWith("400 BadParameter: Algorithm A128KW does not fit");
    }

    /** 2048 bits hold 256 bytes, of which OAEP with SHA-256 takes 66. */
    @Test
    void moreThanFitsIsABadParameter() {
        assertThat(crypto(key.id()).wrapKey(OAEP_256, new byte[190]).getEncryptedKey())
                .hasSize(256);
        assertThat(failure(() -> crypto(key.id()).wrapKey(OAEP_256, new byte[191])))
                .startsWith("400 BadParameter: The parameter is incorrect.");
        AzureKey aes = azure.createKey(AzureKeySpec.octHsm());
        assertThat(failure(() -> crypto(aes.id()).wrapKey(KeyWrapAlgorithm.A256KW, new byte[17])))
                .startsWith("400 BadParameter: ");
    }

    @Test
    void keysOfOneEmulatorAllDiffer() {
        assertThat(keys().getKey(azure.createKey().name()).getKey().getN())
                .isNotEqualTo(keys().getKey(key.name()).getKey().getN());
        assertThat(keys().getKey(azure.createKey(AzureKeySpec.rsaHsm(2048)).name())
                        .getKeyType())
                .hasToString("RSA-HSM");
    }
}
