package io.keywrap.bench.stream;

import io.keywrap.bench.LocalKms;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.CipherOutputStream;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The streams of the JDK with AES-GCM: one message for the whole object. SunJCE keeps all of it before it decrypts the first
 * byte, so large objects cannot be decrypted at all: they would take several times their length of heap, and 2 GiB is the end.
 */
final class JdkStreams implements Contestant {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int IV_BYTES = 12;
    private static final byte[] CONTEXT = {};

    private final LocalKms kms = LocalKms.known();

    @Override
    public void encrypt(InputStream plaintext, OutputStream sink) throws IOException, GeneralSecurityException {
        byte[] dek = LocalKms.random(32);
        byte[] iv = LocalKms.random(IV_BYTES);
        sink.write(kms.encrypt(dek, CONTEXT));
        sink.write(iv);
        try (OutputStream encrypting = new CipherOutputStream(sink, cipher(Cipher.ENCRYPT_MODE, dek, iv))) {
            Pump.all(plaintext, encrypting, BUFFER_BYTES);
        }
    }

    @Override
    public void decrypt(InputStream ciphertext, OutputStream sink) throws IOException, GeneralSecurityException {
        byte[] dek = kms.decrypt(ciphertext.readNBytes(60), CONTEXT);
        byte[] iv = ciphertext.readNBytes(IV_BYTES);
        try (InputStream decrypting = new CipherInputStream(ciphertext, cipher(Cipher.DECRYPT_MODE, dek, iv))) {
            Pump.all(decrypting, sink, BUFFER_BYTES);
        }
    }

    @Override
    public long mostBytesToDecrypt() {
        return 4 << 20;
    }

    /** Why figures are of smaller objects. */
    static String note(long bytes) {
        return "keeps the whole object before it gives any of it, and is the slower the longer that is: of "
                + bytes / 1_048_576 + " MiB";
    }

    private static Cipher cipher(int mode, byte[] dek, byte[] iv) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(dek, "AES"), new GCMParameterSpec(128, iv));
        return cipher;
    }
}
