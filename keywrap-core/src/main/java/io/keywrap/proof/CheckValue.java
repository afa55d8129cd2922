package io.keywrap.proof;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
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
        throw another(
                wrapped,
                entry.id(),
                "do not trust the KMS or the store that gave it; restore the record from a backup");
    }

    /**
     * Unwraps a DEK, and proves that it is one that is there.
     *
     * @param kek the KEK of the wrap
     * @param known the DEK; stays the caller's
     * @param wrapped a wrap of it
     * @param keyContext its key context
     * @param deadline when the call must be over
     * @throws InvalidWrappedDekException if it is another key
     * @throws io.keywrap.KekException if it cannot be unwrapped
     */
    public static void prove(
            KeyProvider kek, Dek known, WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        try (Dek dek = kek.unwrap(wrapped, keyContext, deadline)) {
            if (!MessageDigest.isEqual(ascii(known.checkValue()), ascii(dek.checkValueAs(known.id())))) {
                throw another(wrapped, known.id(), "do not trust the KMS or whoever gave the wrap");
            }
        }
    }

    private static InvalidWrappedDekException another(WrappedDek wrapped, DekId dekId, String action) {
        return new InvalidWrappedDekException(
                Failure.of(wrapped.kekId(), "the key that was unwrapped is not DEK " + dekId)
                        .operatorAction(action));
    }

    private static byte[] ascii(String hex) {
        return hex.getBytes(StandardCharsets.US_ASCII);
    }
}
