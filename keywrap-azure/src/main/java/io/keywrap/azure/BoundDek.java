package io.keywrap.azure;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * What is wrapped in the place of a DEK, since Azure binds no context to a wrap: the DEK and the SHA-256 digest (FIPS 180-4) of
 * the key context in its canonical form, 64 bytes.
 *
 * <p>It binds as far as the wrap itself does: whoever changes the context has to change what was wrapped. An RSA public key
 * lets anybody make a wrap of their own, with any context; that no such wrap is believed is the keychain's work.
 */
final class BoundDek {
    private static final int DIGEST_BYTES = 32;
    static final int BYTES = Dek.BYTES + DIGEST_BYTES;

    private BoundDek() {}

    /** The 64 bytes; whoever gets them wipes them. */
    static byte[] of(Dek dek, EncryptionContext keyContext) {
        byte[] digest = digest(keyContext); // First, since nothing may fail once there is a key to wipe.
        byte[] bound = new byte[BYTES];
        System.arraycopy(digest, 0, bound, Dek.BYTES, DIGEST_BYTES);
        return dek.withBytes(key -> {
            System.arraycopy(key, 0, bound, 0, Dek.BYTES);
            return bound;
        });
    }

    /** The DEK, if these are its 64 bytes with this context; they are wiped either way. */
    static Optional<Dek> open(byte[] bound, DekId id, EncryptionContext keyContext) {
        try {
            boolean same = bound.length == BYTES
                    && MessageDigest.isEqual(digest(keyContext), Arrays.copyOfRange(bound, Dek.BYTES, BYTES));
            return same ? Optional.of(Dek.takeOwnershipOf(id, Arrays.copyOf(bound, Dek.BYTES))) : Optional.empty();
        } finally {
            Arrays.fill(bound, (byte) 0);
        }
    }

    private static byte[] digest(EncryptionContext keyContext) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(keyContext.toBytes());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256, which every Java platform must have", e);
        }
    }
}
