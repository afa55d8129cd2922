package io.keywrap.bench.stream;

import io.keywrap.bench.LocalKms;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The least that segments take: one call of AES-GCM each, by one cipher, from and into arrays that are used over and over.
 * One copy in, one write out; IVs are drawn some at a time, since that is the least. Nothing keeps the segments in order, so it
 * is a ceiling and no format.
 */
final class BareLoop implements Contestant {
    private static final int IV_BYTES = 12;
    private static final int OVERHEAD_BYTES = IV_BYTES + 16;
    private static final int IVS_AT_ONCE = 16;
    private static final byte[] CONTEXT = {};

    private final LocalKms kms = LocalKms.known();
    private final SecureRandom random = new SecureRandom();
    private final byte[] plain;
    private final byte[] sealed;
    private final byte[] ivs = new byte[IVS_AT_ONCE * IV_BYTES];
    private final Cipher cipher;
    private int nextIv = ivs.length;

    BareLoop(int segmentBytes) throws GeneralSecurityException {
        this.plain = new byte[segmentBytes - OVERHEAD_BYTES];
        this.sealed = new byte[segmentBytes];
        this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
    }

    @Override
    public void encrypt(InputStream plaintext, OutputStream sink) throws IOException, GeneralSecurityException {
        byte[] dek = LocalKms.random(32);
        sink.write(kms.encrypt(dek, CONTEXT));
        SecretKeySpec key = new SecretKeySpec(dek, "AES");
        for (int n = plaintext.readNBytes(plain, 0, plain.length);
                n > 0;
                n = plaintext.readNBytes(plain, 0, plain.length)) {
            drawIv();
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, sealed, 0, IV_BYTES));
            sink.write(sealed, 0, IV_BYTES + cipher.doFinal(plain, 0, n, sealed, IV_BYTES));
        }
    }

    private void drawIv() {
        if (nextIv == ivs.length) {
            random.nextBytes(ivs);
            nextIv = 0;
        }
        System.arraycopy(ivs, nextIv, sealed, 0, IV_BYTES);
        nextIv += IV_BYTES;
    }

    @Override
    public void decrypt(InputStream ciphertext, OutputStream sink) throws IOException, GeneralSecurityException {
        SecretKeySpec key = new SecretKeySpec(kms.decrypt(ciphertext.readNBytes(32 + OVERHEAD_BYTES), CONTEXT), "AES");
        for (int n = ciphertext.readNBytes(sealed, 0, sealed.length);
                n > 0;
                n = ciphertext.readNBytes(sealed, 0, sealed.length)) {
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, sealed, 0, IV_BYTES));
            sink.write(plain, 0, cipher.doFinal(sealed, IV_BYTES, n - IV_BYTES, plain, 0));
        }
    }
}
