package io.keywrap.emulators;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A ciphertext: which key and which material made it, then AES-256-GCM under that material. Header and encryption context
 * are the associated data.
 *
 * <p>The layout is the emulator's own, since nobody may read that of AWS; its first bytes and its overhead are alike:
 * 5 bytes of magic, 36 of key id, 32 of material id, reserved zeros up to 124, 12 of IV, ciphertext, 16 of tag.
 */
final class CiphertextBlob {
    static final int MAX_BYTES = 6144;

    private static final byte[] MAGIC = {1, 2, 2, 0, 0x78};
    private static final int KEY_ID_BYTES = 36;
    private static final int MATERIAL_ID_BYTES = 32;
    private static final int HEADER_BYTES = 124;
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final byte[] bytes;

    private CiphertextBlob(byte[] bytes) {
        this.bytes = bytes;
    }

    static byte[] seal(String keyId, KeyMaterial.Version material, byte[] plaintext, Map<String, String> context) {
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + IV_BYTES + plaintext.length + TAG_BITS / Byte.SIZE);
        out.put(MAGIC)
                .put(keyId.getBytes(StandardCharsets.US_ASCII))
                .put(HexFormat.of().parseHex(material.id));
        out.position(HEADER_BYTES);
        byte[] iv = KeyMaterial.random(IV_BYTES);
        out.put(iv);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, material, iv);
            cipher.updateAAD(out.array(), 0, HEADER_BYTES);
            cipher.updateAAD(encode(context));
            out.put(cipher.doFinal(plaintext));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
        return out.array();
    }

    /** Reads what says who made it. */
    static CiphertextBlob parse(byte[] bytes) {
        boolean whole = bytes.length >= HEADER_BYTES + IV_BYTES + TAG_BITS / Byte.SIZE
                && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
        if (!whole) {
            throw KmsFailure.invalidCiphertext();
        }
        return new CiphertextBlob(bytes);
    }

    String keyId() {
        return new String(bytes, MAGIC.length, KEY_ID_BYTES, StandardCharsets.US_ASCII);
    }

    String materialId() {
        int from = MAGIC.length + KEY_ID_BYTES;
        return HexFormat.of().formatHex(bytes, from, from + MATERIAL_ID_BYTES);
    }

    byte[] open(KeyMaterial.Version material, Map<String, String> context) {
        byte[] iv = Arrays.copyOfRange(bytes, HEADER_BYTES, HEADER_BYTES + IV_BYTES);
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, material, iv);
            cipher.updateAAD(bytes, 0, HEADER_BYTES);
            cipher.updateAAD(encode(context));
            int from = HEADER_BYTES + IV_BYTES;
            return cipher.doFinal(bytes, from, bytes.length - from);
        } catch (GeneralSecurityException e) {
            throw KmsFailure.invalidCiphertext();
        }
    }

    private static Cipher cipher(int mode, KeyMaterial.Version material, byte[] iv) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(material.bytes, "AES"), new GCMParameterSpec(TAG_BITS, iv));
        return cipher;
    }

    /** The pairs in the order of their keys, each text with its length. */
    private static byte[] encode(Map<String, String> context) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new TreeMap<>(context).forEach((key, value) -> {
            write(out, key);
            write(out, value);
        });
        return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(utf8.length).array());
        out.writeBytes(utf8);
    }
}
