package io.keywrap.emulators;

import com.google.cloud.kms.v1.DecryptResponse;
import com.google.cloud.kms.v1.EncryptResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import com.google.protobuf.Message;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * What a service that is not to be trusted, or a bad wire, makes of the answers of {@code Encrypt} and {@code Decrypt}: the
 * operation is done, and its answer is changed. Answers of other operations stay as they are.
 *
 * <p><b>Thread safety:</b> thread-safe, as it has no state.
 */
public final class GcpLies {
    private GcpLies() {}

    /**
     * The answer without the checksum of its bytes.
     *
     * @return the fault
     */
    public static GcpFault withoutChecksum() {
        return lie(
                "withoutChecksum",
                encrypt -> encrypt.clearCiphertextCrc32C(),
                decrypt -> decrypt.clearPlaintextCrc32C());
    }

    /**
     * The right bytes with a wrong checksum.
     *
     * @return the fault
     */
    public static GcpFault wrongChecksum() {
        return lie(
                "wrongChecksum",
                encrypt -> encrypt.setCiphertextCrc32C(other(encrypt.getCiphertextCrc32C())),
                decrypt -> decrypt.setPlaintextCrc32C(other(decrypt.getPlaintextCrc32C())));
    }

    /**
     * A bit that flips after the checksum was taken.
     *
     * @return the fault
     */
    public static GcpFault damaged() {
        return lie(
                "damaged",
                encrypt -> encrypt.setCiphertext(flipped(encrypt.getCiphertext())),
                decrypt -> decrypt.setPlaintext(flipped(decrypt.getPlaintext())));
    }

    /**
     * Other bytes of the same length, with the checksum that fits them.
     *
     * @return the fault
     */
    public static GcpFault tampered() {
        return bytes("tampered", GcpLies::flipped);
    }

    /**
     * The claim that no checksum came with the request's plaintext.
     *
     * @return the fault
     */
    public static GcpFault plaintextNotVerified() {
        return lie("plaintextNotVerified", encrypt -> encrypt.clearVerifiedPlaintextCrc32C(), UnaryOperator.identity());
    }

    /**
     * The claim that no checksum came with the request's associated data.
     *
     * @return the fault
     */
    public static GcpFault contextNotVerified() {
        return lie(
                "contextNotVerified",
                encrypt -> encrypt.clearVerifiedAdditionalAuthenticatedDataCrc32C(),
                UnaryOperator.identity());
    }

    /**
     * The claim that another version, key or anything at all has encrypted.
     *
     * @param name the {@code name} in the answer of {@code Encrypt}; empty for none
     * @return the fault
     */
    public static GcpFault name(String name) {
        return lie("name", encrypt -> encrypt.setName(name), UnaryOperator.identity());
    }

    /**
     * Bytes of the caller's choice in place of the ciphertext or plaintext, with the checksum that fits them, such as those
     * of another DEK.
     *
     * @param bytes the bytes; copied
     * @return the fault
     */
    public static GcpFault swapped(byte[] bytes) {
        ByteString copy = ByteString.copyFrom(bytes);
        return bytes("swapped", truth -> copy);
    }

    /**
     * The ciphertext or plaintext cut to a length, or filled up to it with zeros, with the checksum that fits.
     *
     * @param bytes the length, in bytes
     * @return the fault
     * @throws IllegalArgumentException if it is negative
     */
    public static GcpFault length(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a length is 0 or more, not " + bytes);
        }
        return bytes("length", truth -> ByteString.copyFrom(Arrays.copyOf(truth.toByteArray(), bytes)));
    }

    /**
     * The claim that the primary version has decrypted, or that another one has.
     *
     * @param claim the {@code used_primary} in the answer of {@code Decrypt}
     * @return the fault
     */
    public static GcpFault usedPrimary(boolean claim) {
        return lie("usedPrimary", UnaryOperator.identity(), decrypt -> decrypt.setUsedPrimary(claim));
    }

    /**
     * An answer in which no field is set.
     *
     * @return the fault
     */
    public static GcpFault empty() {
        return lie("empty", encrypt -> encrypt.clear(), decrypt -> decrypt.clear());
    }

    private static GcpFault bytes(String name, UnaryOperator<ByteString> change) {
        return lie(
                name,
                encrypt -> {
                    ByteString changed = change.apply(encrypt.getCiphertext());
                    return encrypt.setCiphertext(changed).setCiphertextCrc32C(GcpCrypto.checksum(changed));
                },
                decrypt -> {
                    ByteString changed = change.apply(decrypt.getPlaintext());
                    return decrypt.setPlaintext(changed).setPlaintextCrc32C(GcpCrypto.checksum(changed));
                });
    }

    private static GcpFault lie(
            String name,
            UnaryOperator<EncryptResponse.Builder> encrypt,
            UnaryOperator<DecryptResponse.Builder> decrypt) {
        return GcpFault.lie(name, answer -> change(answer, encrypt, decrypt));
    }

    private static Message change(
            Message answer,
            UnaryOperator<EncryptResponse.Builder> encrypt,
            UnaryOperator<DecryptResponse.Builder> decrypt) {
        if (answer instanceof EncryptResponse response) {
            return encrypt.apply(response.toBuilder()).build();
        }
        if (answer instanceof DecryptResponse response) {
            return decrypt.apply(response.toBuilder()).build();
        }
        return answer;
    }

    static ByteString flipped(ByteString bytes) {
        if (bytes.isEmpty()) {
            return bytes;
        }
        byte[] copy = bytes.toByteArray();
        copy[copy.length - 1] ^= 1;
        return ByteString.copyFrom(copy);
    }

    private static Int64Value other(Int64Value checksum) {
        return Int64Value.of(checksum.getValue() ^ 1);
    }
}
