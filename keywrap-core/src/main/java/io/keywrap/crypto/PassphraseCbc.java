package io.keywrap.crypto;

import io.keywrap.crypto.Jca.Slice;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;

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

    private static final String HMAC = "HmacSHA256";
    private static final int TAG_BYTES = 32;
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
        byte[] keyBytes = Arrays.copyOf(keyAndIv, Jca.KEY_BYTES);
        TransientKey key = TransientKey.takeCopyOf(keyBytes, "AES");
        try {
            Optional<Provider> named = jca.named();
            Cipher cipher = named.isEmpty() ? Cipher.getInstance(AES_CBC) : Cipher.getInstance(AES_CBC, named.get());
            cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(keyAndIv, Jca.KEY_BYTES, BLOCK_BYTES));
            return cipher.doFinal(encrypted.array(), encrypted.offset(), encrypted.length());
        } catch (GeneralSecurityException e) {
            throw Jca.failed(AES_CBC, e);
        } finally {
            key.destroy();
            Arrays.fill(keyBytes, (byte) 0);
            Arrays.fill(keyAndIv, (byte) 0);
        }
    }

    /** PBKDF2 by its definition: the JCA's keeps the passphrase until its key is collected. */
    static byte[] derive(Jca jca, Derivation derivation) {
        byte[] derived = new byte[Jca.KEY_BYTES + BLOCK_BYTES];
        TransientKey key = TransientKey.takeCopyOf(derivation.passphrase(), HMAC);
        try {
            Optional<Provider> named = jca.named();
            Mac mac = named.isEmpty() ? Mac.getInstance(HMAC) : Mac.getInstance(HMAC, named.get());
            mac.init(key);
            for (int block = 1, at = 0; at < derived.length; block++, at += TAG_BYTES) {
                byte[] sum = block(mac, derivation, block);
                System.arraycopy(sum, 0, derived, at, Math.min(TAG_BYTES, derived.length - at));
                Arrays.fill(sum, (byte) 0);
            }
            mac.init(TransientKey.takeCopyOf(new byte[TAG_BYTES], HMAC));
            return derived;
        } catch (GeneralSecurityException e) {
            throw Jca.failed(HMAC, e);
        } finally {
            key.destroy();
        }
    }

    /** The function F of the definition. */
    private static byte[] block(Mac mac, Derivation derivation, int number) throws GeneralSecurityException {
        mac.update(derivation.salt());
        mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, number));
        byte[] last = mac.doFinal();
        byte[] sum = last.clone();
        for (int round = 1; round < derivation.rounds(); round++) {
            mac.update(last);
            mac.doFinal(last, 0);
            for (int i = 0; i < sum.length; i++) {
                sum[i] ^= last[i];
            }
        }
        Arrays.fill(last, (byte) 0);
        return sum;
    }

    /**
     * What a key is derived from.
     *
     * @param passphrase its bytes; stays the caller's to wipe
     * @param salt {@value #SALT_BYTES} bytes
     * @param rounds the iteration count
     */
    @SuppressWarnings("ArrayRecordComponent") // Handed over once, never compared.
    public record Derivation(byte[] passphrase, byte[] salt, int rounds) {
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
