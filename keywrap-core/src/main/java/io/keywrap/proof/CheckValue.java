package io.keywrap.proof;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
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

    /**
     * Unwraps a DEK, and proves it.
     *
     * @param kek the KEK of the wrap
     * @param entry the entry that the DEK must be of
     * @param wrapped a wrap of it
     * @param keyContext its key context
     * @param deadline when the call must be over
     * @return the DEK, to be closed
     * @throws InvalidWrappedDekException if it is another key; that is wiped
     * @throws io.keywrap.KekException if it cannot be unwrapped
     */
    public static Dek unwrap(
            KeyProvider kek, DekEntry entry, WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        Dek dek = kek.unwrap(wrapped, keyContext, deadline);
        if (matches(entry, dek)) {
            return dek;
        }
        dek.close();
        throw new InvalidWrappedDekException(Failure.of(
                        wrapped.kekId(), "the key that was unwrapped is not DEK " + entry.id())
                .operatorAction("do not trust the KMS or the store that gave it; restore the record from a backup"));
    }

    private static byte[] ascii(String hex) {
        return hex.getBytes(StandardCharsets.US_ASCII);
    }
}
