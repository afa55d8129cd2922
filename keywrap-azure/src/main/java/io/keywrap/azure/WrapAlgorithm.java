package io.keywrap.azure;

import com.azure.security.keyvault.keys.cryptography.models.KeyWrapAlgorithm;
import com.azure.security.keyvault.keys.models.KeyType;

/** The algorithms that keywrap wraps with; which one is the configuration's to say, never a wrap's. */
enum WrapAlgorithm {
    /** RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (RFC 8017, 7.1), keys of 2,048 to 4,096 bits. */
    RSA_OAEP_256("RSA-OAEP-256", 256, 512),

    /** AES key wrap (RFC 3394) with a 256-bit key: 8 bytes more than what is wrapped. */
    A256KW("A256KW", BoundDek.BYTES + 8, BoundDek.BYTES + 8);

    private final String name;
    private final int leastBytes;
    private final int mostBytes;

    WrapAlgorithm(String name, int leastBytes, int mostBytes) {
        this.name = name;
        this.leastBytes = leastBytes;
        this.mostBytes = mostBytes;
    }

    KeyWrapAlgorithm ofAzure() {
        return KeyWrapAlgorithm.fromString(name);
    }

    /** The name that stands in a wrap, which is Azure's. */
    String inWraps() {
        return name;
    }

    /** Whether a key of this type can do it. */
    boolean fits(KeyType type) {
        return switch (this) {
            case RSA_OAEP_256 -> type.equals(KeyType.RSA) || type.equals(KeyType.RSA_HSM);
            case A256KW -> type.equals(KeyType.OCT) || type.equals(KeyType.OCT_HSM);
        };
    }

    /** The shortest wrap. */
    int leastBytes() {
        return leastBytes;
    }

    /** Whether a wrap can have this length, in bytes. */
    boolean canGive(int bytes) {
        return bytes >= leastBytes && bytes <= mostBytes;
    }
}
