package io.keywrap.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The least that FLOE takes for a payload of one segment: three derivations and one call of AES-GCM, by objects of the JCA
 * that are used over and over. Nothing is checked, leased, or wiped: keys stay in these objects. For one thread.
 */
final class BareFloe {
    private static final int IV_AT = 10;
    private static final int TAG_AT = IV_AT + 32;
    private static final int SEGMENT_AT = TAG_AT + 32;
    private static final int GCM_IV_AT = SEGMENT_AT + 4;
    private static final int SEALED_AT = GCM_IV_AT + 12;
    private static final byte[] HEADER_TAG = ascii("HEADER_TAG:");
    private static final byte[] MESSAGE_KEY = ascii("MESSAGE_KEY:");
    private static final byte[] SEGMENT_KEY = Arrays.copyOf(ascii("DEK:"), 12);
    private static final byte[] LAST = {0, 0, 0, 0, 0, 0, 0, 0, 1};

    private final SecureRandom random = new SecureRandom();
    private final Cipher gcm;
    private final Mac hmac;
    private final byte[] dek = LocalKms.random(32);
    private final byte[] parameters = {0, 0, 0, 1, 0, 0, 0, 0, 0, 32};
    private final byte[] aad;

    /** With associated data of so many bytes. */
    BareFloe(int aadBytes) {
        this.aad = new byte[aadBytes];
        try {
            this.gcm = Cipher.getInstance("AES/GCM/NoPadding");
            this.hmac = Mac.getInstance("HmacSHA384");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] encrypt(byte[] plaintext) {
        try {
            return sealed(plaintext);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] decrypt(byte[] payload) {
        try {
            return opened(payload);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] sealed(byte[] plaintext) throws GeneralSecurityException {
        byte[] ivs = new byte[32 + 12]; // Drawn at once: that is the least.
        random.nextBytes(ivs);
        byte[] iv = Arrays.copyOf(ivs, 32);
        byte[] out = new byte[SEALED_AT + plaintext.length + 16];
        System.arraycopy(parameters, 0, out, 0, IV_AT);
        System.arraycopy(iv, 0, out, IV_AT, iv.length);
        System.arraycopy(derive(dek, HEADER_TAG, iv), 0, out, TAG_AT, 32);
        byte[] segmentKey = derive(derive(dek, MESSAGE_KEY, iv), SEGMENT_KEY, iv);
        ByteBuffer.wrap(out).putInt(SEGMENT_AT, out.length - SEGMENT_AT);
        System.arraycopy(ivs, 32, out, GCM_IV_AT, 12);
        GCMParameterSpec spec = new GCMParameterSpec(128, ivs, 32, 12);
        gcm.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(segmentKey, 0, 32, "AES"), spec);
        gcm.updateAAD(LAST);
        gcm.doFinal(plaintext, 0, plaintext.length, out, SEALED_AT);
        return out;
    }

    private byte[] opened(byte[] payload) throws GeneralSecurityException {
        byte[] iv = Arrays.copyOfRange(payload, IV_AT, TAG_AT);
        byte[] tag = Arrays.copyOf(derive(dek, HEADER_TAG, iv), 32);
        if (!MessageDigest.isEqual(tag, Arrays.copyOfRange(payload, TAG_AT, SEGMENT_AT))) {
            throw new IllegalStateException("another key");
        }
        byte[] segmentKey = derive(derive(dek, MESSAGE_KEY, iv), SEGMENT_KEY, iv);
        GCMParameterSpec spec = new GCMParameterSpec(128, payload, GCM_IV_AT, 12);
        gcm.init(Cipher.DECRYPT_MODE, new SecretKeySpec(segmentKey, 0, 32, "AES"), spec);
        gcm.updateAAD(LAST);
        byte[] plaintext = new byte[payload.length - SEALED_AT - 16];
        gcm.doFinal(payload, SEALED_AT, payload.length - SEALED_AT, plaintext, 0);
        return plaintext;
    }

    private byte[] derive(byte[] key, byte[] purpose, byte[] iv) throws GeneralSecurityException {
        hmac.init(new SecretKeySpec(key, "HmacSHA384"));
        hmac.update(parameters);
        hmac.update(iv);
        hmac.update(purpose);
        hmac.update(aad);
        hmac.update((byte) 1);
        return hmac.doFinal();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
