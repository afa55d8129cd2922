package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.kms.v1.DecryptRequest;
import com.google.cloud.kms.v1.DecryptResponse;
import com.google.cloud.kms.v1.EncryptRequest;
import com.google.cloud.kms.v1.EncryptResponse;
import com.google.cloud.kms.v1.ProtectionLevel;
import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is encrypted, decrypted, bound and checked. */
class GcpCryptoTest extends GcpTest {
    private static final String INVALID = "INVALID_ARGUMENT: Decryption failed: the ciphertext is invalid.";

    @Test
    void whatWasEncryptedOpensAndChecksumsAreAnswered() {
        EncryptResponse encrypted = encrypt(key.name());
        assertThat(encrypted.getName()).isEqualTo(key.name() + "/cryptoKeyVersions/1");
        assertThat(encrypted.getCiphertextCrc32C()).isEqualTo(crc(encrypted.getCiphertext()));
        assertThat(encrypted.getVerifiedPlaintextCrc32C()).isTrue();
        assertThat(encrypted.getVerifiedAdditionalAuthenticatedDataCrc32C()).isTrue();
        assertThat(encrypted.getProtectionLevel()).isEqualTo(ProtectionLevel.SOFTWARE);

        DecryptResponse decrypted = decrypt(key.name(), encrypted.getCiphertext());
        assertThat(decrypted.getPlaintext()).isEqualTo(PLAINTEXT);
        assertThat(decrypted.getPlaintextCrc32C()).isEqualTo(crc(PLAINTEXT));
        assertThat(decrypted.getUsedPrimary()).isTrue();
        assertThat(decrypted.getProtectionLevel()).isEqualTo(ProtectionLevel.SOFTWARE);
    }

    @Test
    void nothingIsVerifiedThatCameWithoutAChecksum() {
        EncryptResponse encrypted = client.encrypt(key.name(), PLAINTEXT);
        assertThat(encrypted.getVerifiedPlaintextCrc32C()).isFalse();
        assertThat(encrypted.getVerifiedAdditionalAuthenticatedDataCrc32C()).isFalse();
        assertThat(client.decrypt(key.name(), encrypted.getCiphertext()).getPlaintext())
                .isEqualTo(PLAINTEXT);
    }

    @Nested
    class AWrongChecksum {
        private static final String TEXT =
                "INVALID_ARGUMENT: The checksum in field %1$s_crc32c did not match the data in field %1$s.";
        private final Int64Value wrong = Int64Value.of(crc(PLAINTEXT).getValue() ^ 1);

        @Test
        void ofThePlaintextIsRefused() {
            EncryptRequest.Builder request =
                    EncryptRequest.newBuilder().setName(key.name()).setPlaintext(PLAINTEXT);
            assertThat(result(() ->
                            client.encrypt(request.setPlaintextCrc32C(wrong).build())))
                    .isEqualTo(TEXT.formatted("plaintext"));
            assertThat(result(() -> client.encrypt(request.setPlaintextCrc32C(crc(PLAINTEXT))
                            .setAdditionalAuthenticatedDataCrc32C(wrong)
                            .build())))
                    .isEqualTo(TEXT.formatted("additional_authenticated_data"));
        }

        @Test
        void ofTheCiphertextIsRefused() {
            DecryptRequest.Builder request = DecryptRequest.newBuilder()
                    .setName(key.name())
                    .setCiphertext(blob())
                    .setAdditionalAuthenticatedData(AAD);
            assertThat(result(() ->
                            client.decrypt(request.setCiphertextCrc32C(wrong).build())))
                    .isEqualTo(TEXT.formatted("ciphertext"));
            assertThat(result(() -> client.decrypt(request.clearCiphertextCrc32C()
                            .setAdditionalAuthenticatedDataCrc32C(wrong)
                            .build())))
                    .isEqualTo(TEXT.formatted("additional_authenticated_data"));
            assertThat(result(() -> client.decrypt(request.setAdditionalAuthenticatedDataCrc32C(crc(AAD))
                            .build())))
                    .isEqualTo("OK");
        }
    }

    @Test
    void otherAssociatedDataDoesNotOpen() {
        EncryptResponse encrypted = client.encrypt(key.name(), PLAINTEXT);
        assertThat(open(encrypted.getCiphertext())).isEqualTo(INVALID);
    }

    @Test
    void everyByteCounts() {
        byte[] bytes = blob().toByteArray();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= 1;
            assertThat(open(ByteString.copyFrom(bytes)))
                    .as("byte " + i)
                    .startsWith("INVALID_ARGUMENT: Decryption failed:");
            bytes[i] ^= 1;
        }
        assertThat(open(ByteString.copyFrom(bytes))).isEqualTo("OK");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 50, 51, 82})
    void aPieceOfACiphertextIsInvalid(int length) {
        assertThat(open(blob().substring(0, length))).isEqualTo(INVALID);
    }

    @Test
    void anotherKeyIsNotTheRightOne() {
        ByteString blob = encrypt(gcp.createKey().name()).getCiphertext();
        assertThat(open(blob))
                .isEqualTo("INVALID_ARGUMENT: Decryption failed: verify that 'name' refers to the correct CryptoKey.");
    }

    @Test
    void aVersionEncryptsByItsNameAndDecryptsOnlyByItsKeys() {
        key.createVersion();
        String second = key.version(2).name();
        EncryptResponse encrypted = encrypt(second);
        assertThat(encrypted.getName()).isEqualTo(second);
        assertThat(decrypt(key.name(), encrypted.getCiphertext()).getUsedPrimary())
                .isFalse();
        assertThat(result(() -> decrypt(second, encrypted.getCiphertext())))
                .startsWith("INVALID_ARGUMENT: Resource name [" + second + "]");
    }

    @Nested
    class Limits {
        @Test
        void ofASoftwareKeyAre64KibEach() {
            assertThat(encrypt(key, 65536, 65536)).isEqualTo("OK");
            assertThat(encrypt(key, 65537, 0)).startsWith("INVALID_ARGUMENT: plaintext and");
            assertThat(encrypt(key, 0, 65537)).startsWith("INVALID_ARGUMENT: plaintext and");
        }

        @Test
        void ofAnHsmKeyAre8KibTogether() {
            GcpKmsKey hsm = gcp.createKey(GcpKeySpec.hsm());
            assertThat(encrypt(hsm, 8000, 192)).isEqualTo("OK");
            assertThat(encrypt(hsm, 8000, 193)).startsWith("INVALID_ARGUMENT: plaintext and");
            assertThat(encrypt(hsm.name()).getProtectionLevel()).isEqualTo(ProtectionLevel.HSM);
            GcpKmsKey alone = gcp.createKey(GcpKeySpec.software().withProtectionLevel("HSM_SINGLE_TENANT"));
            assertThat(encrypt(alone, 8000, 193)).startsWith("INVALID_ARGUMENT: plaintext and");
        }

        private String encrypt(GcpKmsKey with, int plaintext, int aad) {
            return result(() -> client.encrypt(EncryptRequest.newBuilder()
                    .setName(with.name())
                    .setPlaintext(ByteString.copyFrom(new byte[plaintext]))
                    .setAdditionalAuthenticatedData(ByteString.copyFrom(new byte[aad]))
                    .build()));
        }

        private EncryptResponse encrypt(String name) {
            return GcpCryptoTest.this.encrypt(name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ASYMMETRIC_DECRYPT", "ASYMMETRIC_SIGN", "MAC", "RAW_ENCRYPT_DECRYPT"})
    void aKeyOfAnotherPurposeDoesNeither(String purpose) {
        GcpKmsKey other = gcp.createKey(GcpKeySpec.software().withPurpose(purpose));
        assertThat(result(() -> encrypt(other.name())))
                .isEqualTo("FAILED_PRECONDITION: CryptoKey " + other.name() + " has purpose " + purpose
                        + ", which does not allow encryption.");
        assertThat(result(() -> decrypt(other.name(), blob()))).startsWith("FAILED_PRECONDITION: CryptoKey ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "key",
                "projects/p/locations/l/keyRings/r",
                "projects/p/locations/l/keyRings/r/cryptoKeys/k/x/1"
            })
    void aNameOfNothingIsRefused(String name) {
        assertThat(result(() -> encrypt(name))).startsWith("INVALID_ARGUMENT: Resource name [" + name + "]");
        assertThat(result(() -> decrypt(name, PLAINTEXT))).startsWith("INVALID_ARGUMENT: Resource name [");
    }
}
