package io.keywrap.emulators;

import com.google.cloud.kms.v1.DecryptRequest;
import com.google.cloud.kms.v1.DecryptResponse;
import com.google.cloud.kms.v1.EncryptRequest;
import com.google.cloud.kms.v1.EncryptResponse;
import com.google.cloud.kms.v1.ProtectionLevel;
import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import java.util.zip.CRC32C;

/** {@code Encrypt} and {@code Decrypt}. */
final class GcpCrypto {
    private static final int MAX_BYTES = 64 * 1024;
    private static final int MAX_HSM_BYTES = 8 * 1024;

    private final GcpStore store;

    GcpCrypto(GcpStore store) {
        this.store = store;
    }

    EncryptResponse encrypt(EncryptRequest request) {
        StoredKey key = store.key(GcpNames.keyOf(request.getName()));
        ByteString aad = request.getAdditionalAuthenticatedData();
        check("plaintext", request.getPlaintext(), request.hasPlaintextCrc32C(), request.getPlaintextCrc32C());
        checkAad(aad, request.hasAdditionalAuthenticatedDataCrc32C(), request.getAdditionalAuthenticatedDataCrc32C());
        requirePurpose(key, "encryption");
        requireLength(key, request.getPlaintext(), aad);
        StoredVersion version = GcpNames.isVersion(request.getName())
                ? store.version(request.getName())
                : key.primary().orElseThrow(() -> GcpFailure.noPrimary(key));
        requireUsable(version);
        byte[] plaintext = request.getPlaintext().toByteArray();
        ByteString ciphertext = ByteString.copyFrom(GcpCiphertext.seal(version, plaintext, key.bound(aad)));
        return EncryptResponse.newBuilder()
                .setName(version.name)
                .setCiphertext(ciphertext)
                .setCiphertextCrc32C(checksum(ciphertext))
                .setVerifiedPlaintextCrc32C(request.hasPlaintextCrc32C())
                .setVerifiedAdditionalAuthenticatedDataCrc32C(request.hasAdditionalAuthenticatedDataCrc32C())
                .setProtectionLevel(key.protectionLevel)
                .build();
    }

    DecryptResponse decrypt(DecryptRequest request) {
        StoredKey key = store.key(GcpNames.key(request.getName()));
        ByteString aad = request.getAdditionalAuthenticatedData();
        check("ciphertext", request.getCiphertext(), request.hasCiphertextCrc32C(), request.getCiphertextCrc32C());
        checkAad(aad, request.hasAdditionalAuthenticatedDataCrc32C(), request.getAdditionalAuthenticatedDataCrc32C());
        requirePurpose(key, "decryption");
        GcpCiphertext ciphertext = GcpCiphertext.parse(request.getCiphertext().toByteArray());
        if (!ciphertext.isOf(key)) {
            throw GcpFailure.wrongKey();
        }
        StoredVersion version = key.version(ciphertext.version()).orElseThrow(GcpFailure::invalidCiphertext);
        requireUsable(version);
        ByteString plaintext = ByteString.copyFrom(ciphertext.open(version, key.bound(aad)));
        return DecryptResponse.newBuilder()
                .setPlaintext(plaintext)
                .setPlaintextCrc32C(checksum(plaintext))
                .setUsedPrimary(key.primary().filter(version::equals).isPresent())
                .setProtectionLevel(key.protectionLevel)
                .build();
    }

    static Int64Value checksum(ByteString bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.asReadOnlyByteBuffer());
        return Int64Value.of(crc.getValue());
    }

    private static void checkAad(ByteString aad, boolean given, Int64Value checksum) {
        check("additional_authenticated_data", aad, given, checksum);
    }

    private static void check(String field, ByteString bytes, boolean given, Int64Value checksum) {
        if (given && !checksum.equals(checksum(bytes))) {
            throw GcpFailure.wrongChecksum(field);
        }
    }

    private static void requirePurpose(StoredKey key, String operation) {
        if (!key.encrypts()) {
            throw GcpFailure.wrongPurpose(key, operation);
        }
    }

    private static void requireLength(StoredKey key, ByteString plaintext, ByteString aad) {
        boolean hsm =
                key.protectionLevel == ProtectionLevel.HSM || key.protectionLevel == ProtectionLevel.HSM_SINGLE_TENANT;
        if (hsm && plaintext.size() + aad.size() > MAX_HSM_BYTES) {
            throw GcpFailure.invalidArgument("plaintext and additional_authenticated_data of an HSM key must not be"
                    + " larger than " + MAX_HSM_BYTES + " bytes together.");
        }
        if (plaintext.size() > MAX_BYTES || aad.size() > MAX_BYTES) {
            throw GcpFailure.invalidArgument("plaintext and additional_authenticated_data must not be larger than "
                    + MAX_BYTES + " bytes each.");
        }
    }

    /** An external manager that refuses the key has Cloud KMS disable the version, and the answer already says so. */
    private void requireUsable(StoredVersion version) {
        if (version.state() != GcpVersionState.ENABLED) {
            throw GcpFailure.notEnabled(version);
        }
        if (version.key.external()) {
            version.key.externalFailure.ifPresent(failure -> {
                if (failure == GcpExternalKeyFailure.KEY_PERMISSION_DENIED) {
                    version.state(GcpVersionState.DISABLED, store.now());
                }
                throw GcpFailure.externalKey(version, failure);
            });
        }
    }
}
