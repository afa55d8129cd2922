package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.kms.v1.DecryptResponse;
import com.google.cloud.kms.v1.EncryptResponse;
import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that is not to be trusted: what of its answers is false, and that the rest is true. */
class GcpLiesTest extends GcpTest {
    private final ByteString blob = blob();

    private EncryptResponse encrypted(GcpFault lie) {
        gcp.inject(lie, 1);
        return encrypt(key.name());
    }

    private DecryptResponse decrypted(GcpFault lie) {
        gcp.inject(lie, 1);
        return decrypt(key.name(), blob);
    }

    @Test
    void checksumsAreLeftOut() {
        EncryptResponse encrypted = encrypted(GcpLies.withoutChecksum());
        assertThat(encrypted.hasCiphertextCrc32C()).isFalse();
        assertThat(open(encrypted.getCiphertext())).isEqualTo("OK");
        DecryptResponse decrypted = decrypted(GcpLies.withoutChecksum());
        assertThat(decrypted.hasPlaintextCrc32C()).isFalse();
        assertThat(decrypted.getPlaintext()).isEqualTo(PLAINTEXT);
    }

    @Test
    void checksumsAreFalseOfBytesThatAreRight() {
        EncryptResponse encrypted = encrypted(GcpLies.wrongChecksum());
        assertThat(encrypted.getCiphertextCrc32C()).isNotEqualTo(crc(encrypted.getCiphertext()));
        assertThat(open(encrypted.getCiphertext())).isEqualTo("OK");
        DecryptResponse decrypted = decrypted(GcpLies.wrongChecksum());
        assertThat(decrypted.getPlaintextCrc32C()).isNotEqualTo(crc(PLAINTEXT));
        assertThat(decrypted.getPlaintext()).isEqualTo(PLAINTEXT);
    }

    @Test
    void bytesAreDamagedUnderTheirRightChecksum() {
        EncryptResponse encrypted = encrypted(GcpLies.damaged());
        assertThat(encrypted.getCiphertextCrc32C()).isNotEqualTo(crc(encrypted.getCiphertext()));
        assertThat(open(encrypted.getCiphertext())).startsWith("INVALID_ARGUMENT");
        DecryptResponse decrypted = decrypted(GcpLies.damaged());
        assertThat(decrypted.getPlaintextCrc32C()).isEqualTo(crc(PLAINTEXT));
        assertThat(decrypted.getPlaintext()).isNotEqualTo(PLAINTEXT).hasSize(PLAINTEXT.size());
    }

    @Test
    void bytesAreOthersAndTheirChecksumFits() {
        EncryptResponse encrypted = encrypted(GcpLies.tampered());
        assertThat(encrypted.getCiphertextCrc32C()).isEqualTo(crc(encrypted.getCiphertext()));
        assertThat(open(encrypted.getCiphertext())).startsWith("INVALID_ARGUMENT");
        DecryptResponse decrypted = decrypted(GcpLies.tampered());
        assertThat(decrypted.getPlaintext()).isNotEqualTo(PLAINTEXT).hasSize(PLAINTEXT.size());
        assertThat(decrypted.getPlaintextCrc32C()).isEqualTo(crc(decrypted.getPlaintext()));
    }

    @Test
    void bytesAreThoseOfTheTest() {
        byte[] other = new byte[32];
        assertThat(encrypted(GcpLies.swapped(other)).getCiphertext()).isEqualTo(ByteString.copyFrom(other));
        DecryptResponse decrypted = decrypted(GcpLies.swapped(other));
        assertThat(decrypted.getPlaintext()).isEqualTo(ByteString.copyFrom(other));
        assertThat(decrypted.getPlaintextCrc32C()).isEqualTo(crc(ByteString.copyFrom(other)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33, 5 << 20})
    void bytesAreOfAnyLength(int length) {
        DecryptResponse decrypted = decrypted(GcpLies.length(length));
        assertThat(decrypted.getPlaintext().size()).isEqualTo(length);
        assertThat(decrypted.getPlaintextCrc32C()).isEqualTo(crc(decrypted.getPlaintext()));
        assertThat(encrypted(GcpLies.length(length)).getCiphertext().size()).isEqualTo(length);
    }

    @Test
    void checksumsOfTheRequestWereNotSeen() {
        EncryptResponse plaintext = encrypted(GcpLies.plaintextNotVerified());
        assertThat(plaintext.getVerifiedPlaintextCrc32C()).isFalse();
        assertThat(plaintext.getVerifiedAdditionalAuthenticatedDataCrc32C()).isTrue();
        EncryptResponse context = encrypted(GcpLies.contextNotVerified());
        assertThat(context.getVerifiedPlaintextCrc32C()).isTrue();
        assertThat(context.getVerifiedAdditionalAuthenticatedDataCrc32C()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "key", "projects/other/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"})
    void anythingElseHasEncrypted(String name) {
        EncryptResponse encrypted = encrypted(GcpLies.name(name));
        assertThat(encrypted.getName()).isEqualTo(name);
        assertThat(open(encrypted.getCiphertext())).isEqualTo("OK");
        assertThat(decrypted(GcpLies.name(name)).getPlaintext()).isEqualTo(PLAINTEXT);
    }

    @Test
    void anotherThanThePrimaryHasDecrypted() {
        assertThat(decrypted(GcpLies.usedPrimary(false)).getUsedPrimary()).isFalse();
        key.rotate();
        assertThat(decrypted(GcpLies.usedPrimary(true)).getUsedPrimary()).isTrue();
        assertThat(decrypt(key.name(), blob).getUsedPrimary()).isFalse();
    }

    @Test
    void nothingIsSaidAtAll() {
        assertThat(encrypted(GcpLies.empty())).isEqualTo(EncryptResponse.getDefaultInstance());
        assertThat(decrypted(GcpLies.empty())).isEqualTo(DecryptResponse.getDefaultInstance());
    }

    @Test
    void otherOperationsAreToldAsTheyAre() {
        gcp.injectAlways(GcpLies.empty());
        assertThat(client.getCryptoKey(key.name()).getName()).isEqualTo(key.name());
    }

    @Test
    void theLogHasTheTruth() {
        gcp.clearEvents();
        encrypted(GcpLies.name("other"));
        assertThat(gcp.events())
                .singleElement()
                .satisfies(event ->
                        assertThat(event.version()).hasValue(key.version(1).name()));
    }
}
