package io.keywrap.keychain;

import io.keywrap.Dek;
import io.keywrap.crypto.Jca;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Proves that an unwrapped key is the DEK it should be: HKDF-Expand-SHA-384(DEK, "keywrap-check" ‖ DEK id), 32 bytes.
 *
 * <p>A wrap alone does not: anyone who may use the KEK can wrap a key of their own.
 */
final class CheckValue {
    private static final byte[] PURPOSE = "keywrap-check".getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES = 32;

    private CheckValue() {}

    static String of(Dek dek) {
        return HexFormat.of().formatHex(compute(dek));
    }

    static boolean matches(String checkValue, Dek dek) {
        return MessageDigest.isEqual(HexFormat.of().parseHex(checkValue), compute(dek));
    }

    private static byte[] compute(Dek dek) {
        return dek.withBytes(key ->
                Jca.platform().hkdfExpandSha384(key, BYTES, PURPOSE, dek.id().toBytes()));
    }
}
