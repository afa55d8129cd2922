package io.keywrap.bench;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The KMS that keywrap and its peers all call here: AES-256-GCM in this JVM, which counts its calls and may take its time.
 * Each library comes to it by its own adapter, so what differs is the library alone.
 */
public final class LocalKms {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec kek;
    private final LongAdder calls = new LongAdder();
    private final Duration delay;

    LocalKms() {
        this(Duration.ZERO);
    }

    /** Every call sleeps for so long, whatever the deadline of its caller. */
    LocalKms(Duration delay) {
        this(random(32), delay);
    }

    private LocalKms(byte[] kek, Duration delay) {
        this.kek = new SecretKeySpec(kek, "AES");
        this.delay = delay;
    }

    /**
     * A KMS whose KEK is the same in every process, so that one reads what another wrote. It protects nothing.
     *
     * @return a KMS without delay
     */
    public static LocalKms known() {
        return new LocalKms(new byte[32], Duration.ZERO);
    }

    /**
     * Random bytes.
     *
     * @param bytes how many
     * @return a new array
     */
    public static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }

    /**
     * Wraps a key.
     *
     * @param secret the key
     * @param context what it is for
     * @return 28 bytes more
     */
    public byte[] encrypt(byte[] secret, byte[] context) {
        arrive();
        byte[] iv = random(IV_BYTES);
        byte[] sealed = new byte[IV_BYTES + secret.length + TAG_BITS / 8];
        System.arraycopy(iv, 0, sealed, 0, IV_BYTES);
        try {
            cipher(Cipher.ENCRYPT_MODE, iv, context).doFinal(secret, 0, secret.length, sealed, IV_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Unwraps a key.
     *
     * @param sealed what {@link #encrypt} gave
     * @param context the same as then
     * @return the key
     */
    public byte[] decrypt(byte[] sealed, byte[] context) {
        arrive();
        byte[] iv = new byte[IV_BYTES];
        System.arraycopy(sealed, 0, iv, 0, IV_BYTES);
        try {
            return cipher(Cipher.DECRYPT_MODE, iv, context).doFinal(sealed, IV_BYTES, sealed.length - IV_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Encryptions and decryptions so far. */
    long calls() {
        return calls.sum();
    }

    private void arrive() {
        calls.increment();
        if (!delay.isZero()) {
            try {
                TimeUnit.NANOSECONDS.sleep(delay.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Cipher cipher(int mode, byte[] iv, byte[] context) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, kek, new GCMParameterSpec(TAG_BITS, iv));
        cipher.updateAAD(context);
        return cipher;
    }
}
