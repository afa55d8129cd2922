package io.keywrap.emulators;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A ciphertext: which key and which version made it, then AES-256-GCM under that version. Header and additional
 * authenticated data are the associated data.
 *
 * <p>The layout is the emulator's own, since that of Cloud KMS is not published; its first bytes are alike: 3 bytes of
 * magic, 16 of key id, 4 of version, 12 of IV, ciphertext, 16 of tag.
 */
final class GcpCiphertext {
    static final int KEY_ID_BYTES = 16;

    private static final byte[] MAGIC = {0x0A, 0x24, 0x00};
    private static final int HEADER_BYTES = MAGIC.length + KEY_ID_BYTES + Integer.BYTES;
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final byte[] bytes;

    private GcpCiphertext(byte[] bytes) {
        this.bytes = bytes;
    }

    static byte[] seal(StoredVersion version, byte[] plaintext, byte[] aad) {
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + IV_BYTES + plaintext.length + TAG_BITS / Byte.SIZE);
        byte[] iv = KeyMaterial.random(IV_BYTES);
        out.put(MAGIC).put(version.key.id).putInt(version.number).put(iv);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, version, iv);
            cipher.updateAAD(out.array(), 0, HEADER_BYTES);
            cipher.updateAAD(aad);
            out.put(cipher.doFinal(plaintext));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
        return out.array();
    }

    /** Reads what says who made it. */
    static GcpCiphertext parse(byte[] bytes) {
        boolean whole = bytes.length >= HEADER_BYTES + IV_BYTES + TAG_BITS / Byte.SIZE
                && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
        if (!whole) {
            throw GcpFailure.invalidCiphertext();
        }
        return new GcpCiphertext(bytes);
    }

    boolean isOf(StoredKey key) {
        return Arrays.equals(bytes, MAGIC.length, MAGIC.length + KEY_ID_BYTES, key.id, 0, KEY_ID_BYTES);
    }

    int version() {
        return ByteBuffer.wrap(bytes).getInt(MAGIC.length + KEY_ID_BYTES);
    }

    byte[] open(StoredVersion version, byte[] aad) {
        byte[] iv = Arrays.copyOfRange(bytes, HEADER_BYTES, HEADER_BYTES + IV_BYTES);
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, version, iv);
            cipher.updateAAD(bytes, 0, HEADER_BYTES);
            cipher.updateAAD(aad);
            int from = HEADER_BYTES + IV_BYTES;
            return cipher.doFinal(bytes, from, bytes.length - from);
        } catch (GeneralSecurityException e) {
            throw GcpFailure.invalidCiphertext();
        }
    }

    private static Cipher cipher(int mode, StoredVersion version, byte[] iv) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(version.material, "AES"), new GCMParameterSpec(TAG_BITS, iv));
        return cipher;
    }
}
