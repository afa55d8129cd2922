package io.keywrap.proof;

import io.keywrap.Dek;
import io.keywrap.store.DekEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Proves that an unwrapped key is the DEK it should be.
 *
 * <p>A wrap alone does not: anyone who may use the KEK can wrap a key of their own.
 */
public final class CheckValue {
    private CheckValue() {}

    /**
     * Whether a key is the DEK that an entry of a record describes, whatever id the key has here.
     *
     * @param entry the entry
     * @param dek the key
     * @return true if it is; compared in constant time
     */
    public static boolean matches(DekEntry entry, Dek dek) {
        return MessageDigest.isEqual(ascii(entry.checkValue()), ascii(dek.checkValueAs(entry.id())));
    }

    private static byte[] ascii(String hex) {
        return hex.getBytes(StandardCharsets.US_ASCII);
    }
}
