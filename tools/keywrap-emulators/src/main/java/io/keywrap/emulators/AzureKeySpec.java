package io.keywrap.emulators;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a key is made with: by default an RSA key of 2048 bits that may do everything and does not expire.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @param name the name; empty for a new one
 * @param keyType the {@code kty}: {@code RSA}, {@code RSA-HSM}, {@code oct} or {@code oct-HSM}
 * @param bits 2048, 3072 or 4096; of symmetric keys 128, 192 or 256
 * @param keyOps the {@code key_ops}
 * @param notBefore the {@code nbf}
 * @param expiresAt the {@code exp}
 */
public record AzureKeySpec(
        Optional<String> name,
        String keyType,
        int bits,
        Set<String> keyOps,
        Optional<Instant> notBefore,
        Optional<Instant> expiresAt) {
    private static final Set<String> ALL = Set.of("encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey");
    private static final Set<String> SYMMETRIC = Set.of("encrypt", "decrypt", "wrapKey", "unwrapKey");

    /**
     * Checks what has a fixed set of values.
     *
     * @param name the name
     * @param keyType the {@code kty}
     * @param bits how long
     * @param keyOps the {@code key_ops}
     * @param notBefore the {@code nbf}
     * @param expiresAt the {@code exp}
     * @throws IllegalArgumentException if no vault makes such a key
     */
    public AzureKeySpec {
        List<Integer> sizes;
        if (keyType.equals("RSA") || keyType.equals("RSA-HSM")) {
            sizes = List.of(2048, 3072, 4096);
        } else if (keyType.equals("oct") || keyType.equals("oct-HSM")) {
            sizes = List.of(128, 192, 256);
        } else {
            throw new IllegalArgumentException("Property kty has invalid value: the emulator makes RSA and oct keys");
        }
        if (!sizes.contains(bits)) {
            throw new IllegalArgumentException(
                    "Property key_size has invalid value: '" + bits + "' is not of " + sizes);
        }
        for (String operation : keyOps) {
            if (!ALL.contains(operation)) {
                throw new IllegalArgumentException("Property key_ops has invalid value: '" + operation + "'");
            }
        }
        name.filter(text -> !text.matches("[A-Za-z0-9-]{1,127}")).ifPresent(text -> {
            throw new IllegalArgumentException("The request URI contains an invalid name: " + text);
        });
        keyOps = Set.copyOf(keyOps);
    }

    /**
     * An RSA key that software keeps.
     *
     * @param bits 2048, 3072 or 4096
     * @return the spec
     */
    public static AzureKeySpec rsa(int bits) {
        return of("RSA", bits);
    }

    /**
     * An RSA key of an HSM.
     *
     * @param bits 2048, 3072 or 4096
     * @return the spec
     */
    public static AzureKeySpec rsaHsm(int bits) {
        return of("RSA-HSM", bits);
    }

    /**
     * An AES-256 key of an HSM, for {@code A256KW}.
     *
     * @return the spec
     */
    public static AzureKeySpec octHsm() {
        return of("oct-HSM", 256);
    }

    static AzureKeySpec of(String keyType, int bits) {
        Set<String> keyOps = keyType.toLowerCase(Locale.ROOT).startsWith("oct") ? SYMMETRIC : ALL;
        return new AzureKeySpec(Optional.empty(), keyType, bits, keyOps, Optional.empty(), Optional.empty());
    }

    /**
     * The same under a name.
     *
     * @param text 1 to 127 letters, digits and hyphens
     * @return the changed spec
     */
    public AzureKeySpec named(String text) {
        return new AzureKeySpec(Optional.of(text), keyType, bits, keyOps, notBefore, expiresAt);
    }

    /**
     * The same for some operations only.
     *
     * @param operations such as {@code wrapKey}
     * @return the changed spec
     */
    public AzureKeySpec withKeyOps(String... operations) {
        return new AzureKeySpec(name, keyType, bits, new TreeSet<>(List.of(operations)), notBefore, expiresAt);
    }

    /**
     * The same, not for use before a time.
     *
     * @param time from when on; kept in whole seconds
     * @return the changed spec
     */
    public AzureKeySpec notBefore(Instant time) {
        return new AzureKeySpec(name, keyType, bits, keyOps, Optional.of(time), expiresAt);
    }

    /**
     * The same, expiring.
     *
     * @param time from when on it no longer wraps; kept in whole seconds
     * @return the changed spec
     */
    public AzureKeySpec expiresAt(Instant time) {
        return new AzureKeySpec(name, keyType, bits, keyOps, notBefore, Optional.of(time));
    }

    boolean symmetric() {
        return keyType.startsWith("oct");
    }
}
