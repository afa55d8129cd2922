package io.keywrap.emulators;

import java.util.Optional;

/**
 * What a Cloud KMS key is made with: by default a software key for encryption in the emulator's own key ring, with one
 * enabled version that is its primary.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param keyRing the full name of the key ring, which is made if it is not there; empty for the emulator's own
 * @param purpose the {@code CryptoKeyPurpose}; only {@code ENCRYPT_DECRYPT} encrypts here
 * @param protectionLevel the {@code ProtectionLevel}: {@code SOFTWARE}, {@code HSM}, {@code EXTERNAL} …
 */
public record GcpKeySpec(Optional<String> keyRing, String purpose, String protectionLevel) {
    /**
     * A software key for encryption.
     *
     * @return the default
     */
    public static GcpKeySpec software() {
        return new GcpKeySpec(Optional.empty(), "ENCRYPT_DECRYPT", "SOFTWARE");
    }

    /**
     * A key in a hardware module: plaintext and associated data together have at most 8 KiB.
     *
     * @return the spec
     */
    public static GcpKeySpec hsm() {
        return software().withProtectionLevel("HSM");
    }

    /**
     * A key in an external key manager (Cloud EKM).
     *
     * @return the spec
     */
    public static GcpKeySpec external() {
        return software().withProtectionLevel("EXTERNAL");
    }

    /**
     * The same in another key ring, of any project and location.
     *
     * @param name such as {@code projects/other/locations/global/keyRings/ring}
     * @return the changed spec
     */
    public GcpKeySpec inKeyRing(String name) {
        return new GcpKeySpec(Optional.of(name), purpose, protectionLevel);
    }

    /**
     * The same for another purpose, which makes encryption fail with {@code FAILED_PRECONDITION}.
     *
     * @param name such as {@code ASYMMETRIC_DECRYPT}, {@code MAC} or {@code RAW_ENCRYPT_DECRYPT}
     * @return the changed spec
     */
    public GcpKeySpec withPurpose(String name) {
        return new GcpKeySpec(keyRing, name, protectionLevel);
    }

    /**
     * The same with its material elsewhere.
     *
     * @param name such as {@code HSM} or {@code EXTERNAL_VPC}
     * @return the changed spec
     */
    public GcpKeySpec withProtectionLevel(String name) {
        return new GcpKeySpec(keyRing, purpose, name);
    }
}
