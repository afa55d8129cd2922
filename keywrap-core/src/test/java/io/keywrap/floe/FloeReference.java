package io.keywrap.floe;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A second reader of FLOE, written from its published description alone and sharing no code with the product: it has the
 * whole ciphertext in memory and derives every key anew.
 */
public final class FloeReference {
    private FloeReference() {}

    /** Decrypts a FLOE ciphertext, header included; any deviation is an exception. */
    public static byte[] decrypt(byte[] dek, byte[] aad, byte[] ciphertext, int rotationBits)
            throws GeneralSecurityException {
        ByteBuffer in = ByteBuffer.wrap(ciphertext);
        require(in.get() == 0 && in.get() == 0, "AEAD and KDF ids");
        int segmentLength = in.getInt();
        require(in.getInt() == 32, "IV length");
        byte[] params = Arrays.copyOf(ciphertext, 10);
        byte[] iv = take(in, 32);
        require(Arrays.equals(take(in, 32), kdf(dek, params, iv, ascii("HEADER_TAG:"), aad, 32)), "header tag");
        byte[] messageKey = kdf(dek, params, iv, ascii("MESSAGE_KEY:"), aad, 48);

        ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
        for (long i = 0; ; i++) {
            int word = in.getInt();
            boolean last = word != -1;
            int length = (last ? word : segmentLength) - 4 - 12 - 16;
            byte[] purpose = ByteBuffer.allocate(12)
                    .put(ascii("DEK:"))
                    .putLong(i & (-1L << rotationBits))
                    .array();
            byte[] segmentKey = kdf(messageKey, params, iv, purpose, aad, 32);
            byte[] segmentIv = take(in, 12);
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(Cipher.DECRYPT_MODE, new SecretKeySpec(segmentKey, "AES"), new GCMParameterSpec(128, segmentIv));
            gcm.updateAAD(
                    ByteBuffer.allocate(9).putLong(i).put((byte) (last ? 1 : 0)).array());
            plaintext.writeBytes(gcm.doFinal(take(in, length + 16)));
            if (last) {
                require(!in.hasRemaining(), "nothing follows");
                return plaintext.toByteArray();
            }
        }
    }

    private static byte[] kdf(byte[] key, byte[] params, byte[] iv, byte[] purpose, byte[] aad, int length)
            throws GeneralSecurityException {
        // HKDF-Expand of at most one block of SHA-384: T(1) = HMAC(key, info | 01).
        Mac mac = Mac.getInstance("HmacSHA384");
        mac.init(new SecretKeySpec(key, "HmacSHA384"));
        mac.update(params);
        mac.update(iv);
        mac.update(purpose);
        mac.update(aad);
        return Arrays.copyOf(mac.doFinal(new byte[] {1}), length);
    }

    private static byte[] take(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }
}
