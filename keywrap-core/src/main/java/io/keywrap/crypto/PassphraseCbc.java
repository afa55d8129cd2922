package io.keywrap.crypto;

import io.keywrap.crypto.Jca.Slice;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;

/**
 * AES-256-CBC (NIST SP 800-38A, 6.2) under a passphrase: PBKDF2 with HMAC-SHA-256 (RFC 8018, 5.2) gives 48 bytes, the key and
 * behind it the initialisation vector, as {@code openssl enc -aes-256-cbc -md sha256 -pbkdf2} has it.
 *
 * <p><b>Security:</b> CBC proves nothing, and here it does not even look at the padding: a decryption never fails, so it
 * cannot tell anybody anything (Vaudenay, EUROCRYPT 2002). Who uses it compares a digest, and the padding together with it.
 */
public final class PassphraseCbc {
    /** Length of a salt, in bytes. */
    public static final int SALT_BYTES = 8;

    /** Length of a block, in bytes. */
    public static final int BLOCK_BYTES = 16;

    private static final String PBKDF2 = "PBKDF2WithHmacSHA256";
    private static final String AES_CBC = "AES/CBC/NoPadding";

    private PassphraseCbc() {}

    /**
     * Decrypts, padding included. The time grows with the rounds: some tenths of a second for 600,000.
     *
     * @param jca names the provider
     * @param derivation passphrase, salt and rounds
     * @param encrypted whole blocks
     * @return as many bytes, which the caller wipes
     */
    public static byte[] decrypt(Jca jca, Derivation derivation, Slice encrypted) {
        byte[] keyAndIv = derive(jca, derivation);
        TransientKey key = TransientKey.takeCopyOf(Arrays.copyOf(keyAndIv, Jca.KEY_BYTES), "AES");
        try {
            Optional<Provider> named = jca.named();
            Cipher cipher = named.isEmpty() ? Cipher.getInstance(AES_CBC) : Cipher.getInstance(AES_CBC, named.get());
            cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(keyAndIv, Jca.KEY_BYTES, BLOCK_BYTES));
            return cipher.doFinal(encrypted.array(), encrypted.offset(), encrypted.length());
        } catch (GeneralSecurityException e) {
            throw Jca.failed(AES_CBC, e);
        } finally {
            key.destroy();
            Arrays.fill(keyAndIv, (byte) 0);
        }
    }

    private static byte[] derive(Jca jca, Derivation derivation) {
        PBEKeySpec spec = new PBEKeySpec(
                derivation.passphrase(), derivation.salt(), derivation.rounds(), 8 * (Jca.KEY_BYTES + BLOCK_BYTES));
        try {
            Optional<Provider> named = jca.named();
            SecretKeyFactory factory = named.isEmpty()
                    ? SecretKeyFactory.getInstance(PBKDF2)
                    : SecretKeyFactory.getInstance(PBKDF2, named.get());
            return factory.generateSecret(spec).getEncoded();
        } catch (GeneralSecurityException e) {
            throw Jca.failed(PBKDF2, e);
        } finally {
            spec.clearPassword();
        }
    }

    /**
     * What a key is derived from.
     *
     * @param passphrase ASCII, since others are encoded differently elsewhere; stays the caller's to wipe
     * @param salt {@value #SALT_BYTES} bytes
     * @param rounds the iteration count
     */
    @SuppressWarnings("ArrayRecordComponent") // Handed over once, never compared.
    public record Derivation(char[] passphrase, byte[] salt, int rounds) {
        /**
         * Which rounds alone.
         *
         * @return no passphrase
         */
        @Override
        public String toString() {
            return "Derivation[" + rounds + "]";
        }
    }
}
