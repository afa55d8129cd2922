package io.keywrap.azure;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
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
    private static final String SHA_256 = "SHA-256";
    private static final int DIGEST_BYTES = 32;
    static final int BYTES = Dek.BYTES + DIGEST_BYTES;

    private BoundDek() {}

    /** The 64 bytes; whoever gets them wipes them. The digest is made by the provider that the user named, if one was. */
    static byte[] of(Dek dek, EncryptionContext keyContext, Optional<Provider> named) {
        byte[] digest = digest(keyContext, named); // First, since nothing may fail once there is a key to wipe.
        byte[] bound = new byte[BYTES];
        System.arraycopy(digest, 0, bound, Dek.BYTES, DIGEST_BYTES);
        return dek.withBytes(key -> {
            System.arraycopy(key, 0, bound, 0, Dek.BYTES);
            return bound;
        });
    }

    /** The DEK, if these are its 64 bytes with this context; they are wiped either way. */
    static Optional<Dek> open(byte[] bound, DekId id, EncryptionContext keyContext, Optional<Provider> named) {
        try {
            boolean same = bound.length == BYTES
                    && MessageDigest.isEqual(digest(keyContext, named), Arrays.copyOfRange(bound, Dek.BYTES, BYTES));
            return same ? Optional.of(Dek.takeOwnershipOf(id, Arrays.copyOf(bound, Dek.BYTES))) : Optional.empty();
        } finally {
            Arrays.fill(bound, (byte) 0);
        }
    }

    private static byte[] digest(EncryptionContext keyContext, Optional<Provider> named) {
        try {
            MessageDigest sha256 = named.isEmpty()
                    ? MessageDigest.getInstance(SHA_256)
                    : MessageDigest.getInstance(SHA_256, digests(named.get()));
            return sha256.digest(keyContext.toBytes());
        } catch (NoSuchAlgorithmException e) {
            throw new ProviderException(
                    "no SHA-256 is to be had of "
                            + named.map(Provider::getName).orElse("this JVM")
                            + "; to do: name a crypto provider that has it",
                    e);
        }
    }

    /** The JDK's own is split in two: what belongs to SunJCE is in SUN. */
    private static Provider digests(Provider named) {
        return named.getName().equals("SunJCE") ? Security.getProvider("SUN") : named;
    }
}
