package io.keywrap.proof;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.crypto.Jca;
import io.keywrap.store.DekEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Proves that an unwrapped key is the DEK it should be: HKDF-Expand-SHA-384(DEK, "keywrap-check" ‖ DEK id), 32 bytes.
 *
 * <p>A wrap alone does not: anyone who may use the KEK can wrap a key of their own.
 */
public final class CheckValue {
    private static final byte[] PURPOSE = "keywrap-check".getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES = 32;

    private CheckValue() {}

    /**
     * Computes the check value of a DEK.
     *
     * @param dek the DEK
     * @return 64 lower-case hexadecimal digits
     */
    public static String of(Dek dek) {
        return HexFormat.of().formatHex(compute(dek, dek.id()));
    }

    /**
     * Whether a key is the DEK that an entry of a record describes, whatever id the key has here.
     *
     * @param entry the entry
     * @param dek the key
     * @return true if it is; compared in constant time
     */
    public static boolean matches(DekEntry entry, Dek dek) {
        return MessageDigest.isEqual(HexFormat.of().parseHex(entry.checkValue()), compute(dek, entry.id()));
    }

    private static byte[] compute(Dek dek, DekId id) {
        return dek.withBytes(key -> Jca.platform().hkdfExpandSha384(key, BYTES, PURPOSE, id.toBytes()));
    }
}
