package io.keywrap.tink;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.AesGcmJce;
import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.DekLease;
import io.keywrap.KeywrapException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/** Encrypts here, with Tink's AES-256-GCM, under DEKs of one KEK that are leased for each call. */
final class KekAead implements Aead {
    /** A little less than an array can have. */
    private static final int MOST_BYTES = Integer.MAX_VALUE - 1024;

    private static final byte[] NONE = {};

    private final KekDeks deks;
    private final Runnable requireOpen;

    KekAead(KekDeks deks, Runnable requireOpen) {
        this.deks = deks;
        this.requireOpen = requireOpen;
    }

    @Override
    public byte[] encrypt(byte[] plaintext, byte @Nullable [] associatedData) throws GeneralSecurityException {
        requireOpen.run();
        byte[] associated = orNone(associatedData);
        try (KekDeks.Use use = deks.encrypting((long) plaintext.length + associated.length)) {
            Header header = use.header();
            requireFits(header, plaintext.length + (long) Header.AES_GCM_BYTES);
            requireFits(header, associated.length);
            return header.followedBy(aesGcm(use.lease()).encrypt(plaintext, header.followedBy(associated)));
        } catch (KeywrapException e) {
            throw failed("encrypt", e);
        } catch (IllegalStateException e) {
            throw failed("encrypt", e);
        }
    }

    @Override
    public byte[] decrypt(byte[] ciphertext, byte @Nullable [] associatedData) throws GeneralSecurityException {
        requireOpen.run();
        byte[] associated = orNone(associatedData);
        try {
            Header header = Header.parse(ciphertext);
            requireFits(header, associated.length);
            try (DekLease lease = deks.decrypting(header.wrapped())) {
                byte[] encrypted = Arrays.copyOfRange(ciphertext, header.length(), ciphertext.length);
                return aesGcm(lease).decrypt(encrypted, header.followedBy(associated));
            }
        } catch (AEADBadTagException e) {
            throw failed(
                    "decrypt",
                    new AuthenticationFailedException(
                            Check.SEGMENT,
                            "the ciphertext was changed, or it was encrypted with other associated data; to do: give the"
                                    + " associated data of the encryption, or restore the ciphertext from another copy"));
        } catch (KeywrapException e) {
            throw failed("decrypt", e);
        } catch (IllegalStateException e) {
            throw failed("decrypt", e);
        }
    }

    /** Tink copies the key, and has no way to wipe its copy. */
    private static Aead aesGcm(DekLease lease) throws GeneralSecurityException {
        byte[] key = lease.withBytes(byte[]::clone);
        try {
            return new AesGcmJce(key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private void requireFits(Header header, long more) throws GeneralSecurityException {
        if (more > MOST_BYTES - header.length()) {
            throw new GeneralSecurityException("one call of Tink cannot take that much; to do: use an EnvelopeCipher of"
                    + " keywrap, or a StreamingAead of Tink, for large data; KEK " + deks.kekId());
        }
    }

    private GeneralSecurityException failed(String what, KeywrapException cause) {
        return new GeneralSecurityException(
                "cannot " + what + " under the KEK " + deks.kekId() + ": " + cause.getMessage(), cause);
    }

    private GeneralSecurityException failed(String what, IllegalStateException cause) {
        String failure = "cannot " + what + " under the KEK " + deks.kekId();
        if (deks.areClosed()) {
            return KeywrapKmsClient.closed(failure, cause);
        }
        return new GeneralSecurityException(
                failure + ": " + cause.getMessage() + "; to do: see the cause, which tells nothing of the KEK", cause);
    }

    private static byte[] orNone(byte @Nullable [] associatedData) {
        return associatedData == null ? NONE : associatedData;
    }

    @Override
    public String toString() {
        return "KekAead[" + deks.kekId() + "]";
    }
}
