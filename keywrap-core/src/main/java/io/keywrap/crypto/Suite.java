package io.keywrap.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * What does the work: the providers of AES-GCM, HMAC, SHA-256 and randomness, and their idle ciphers.
 *
 * <p>What is idle has a key of zeros: making a cipher costs more than giving it another key.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
final class Suite {
    static final String AES_GCM = "AES/GCM/NoPadding";
    static final String HMAC_SHA_384 = "HmacSHA384";
    static final String SHA_256 = "SHA-256";

    /** The key of whatever is idle. Nothing is encrypted under it. */
    static final TransientKey NO_KEY = TransientKey.takeCopyOf(new byte[Jca.KEY_BYTES], "AES");

    private static final TransientKey NO_HMAC_KEY = TransientKey.takeCopyOf(new byte[Jca.KEY_BYTES], HMAC_SHA_384);
    private static final byte[] NOTHING = new byte[0];
    private static final int SPARE = 64;

    private final Provider gcm;
    private final Provider hmac;
    private final Provider digest;
    private final SecureRandom random;
    private final boolean makesIvs;
    private final ColdStart coldStart;
    private final boolean sunJce;
    private final Queue<Cipher> ciphers = new ArrayBlockingQueue<>(SPARE);
    private final Queue<Mac> macs = new ArrayBlockingQueue<>(SPARE);
    private final AtomicLong retired = new AtomicLong();

    private Suite(Provider gcm, Provider hmac, Provider digest, SecureRandom random, boolean makesIvs) {
        this.gcm = gcm;
        this.hmac = hmac;
        this.digest = digest;
        this.random = random;
        this.makesIvs = makesIvs;
        this.coldStart = ColdStart.of(gcm);
        this.sunJce = gcm.getName().equals("SunJCE");
    }

    /** Of a provider that the user names: everything comes from there, IVs of GCM too. */
    static Suite ofOne(Provider provider, Provider digest, SecureRandom random) {
        return new Suite(provider, provider, digest, random, true);
    }

    /** Of several providers; IVs of GCM come from the random source. */
    static Suite of(Provider gcm, Provider hmac, Provider digest, SecureRandom random) {
        return new Suite(gcm, hmac, digest, random, false);
    }

    /** Whether two providers are one object; they equal each other as soon as their properties do. */
    @SuppressWarnings("ReferenceEquality")
    static boolean same(@Nullable Provider one, @Nullable Provider other) {
        return one == other;
    }

    /** The same, but for who does AES-GCM. */
    Suite withGcm(Provider other) {
        return new Suite(other, hmac, digest, random, makesIvs);
    }

    /** The same, but for where random bytes come from. */
    Suite withRandom(SecureRandom other) {
        return new Suite(gcm, hmac, digest, other, makesIvs);
    }

    Provider gcm() {
        return gcm;
    }

    SecureRandom random() {
        return random;
    }

    /** Whether the provider makes the IVs that it encrypts under, and may take none from others. */
    boolean makesIvs() {
        return makesIvs;
    }

    ColdStart coldStart() {
        return coldStart;
    }

    MessageDigest sha256() throws GeneralSecurityException {
        return MessageDigest.getInstance(SHA_256, digest);
    }

    /** A cipher without a key, to be given back by {@link #retire}. */
    Cipher cipher() throws GeneralSecurityException {
        @Nullable Cipher idle = ciphers.poll();
        return idle == null ? Cipher.getInstance(AES_GCM, gcm) : idle;
    }

    /** Makes a cipher forget its key; it may be used on. */
    void clear(Cipher cipher) throws GeneralSecurityException {
        if (makesIvs) {
            cipher.init(Cipher.ENCRYPT_MODE, NO_KEY, random);
        } else {
            // SunJCE keeps the last key that it encrypted with, and takes no IV twice.
            byte[] iv = new byte[Jca.GCM_IV_BYTES];
            ByteBuffer.wrap(iv).putLong(retired.incrementAndGet());
            cipher.init(Cipher.ENCRYPT_MODE, NO_KEY, new GCMParameterSpec(8 * Jca.GCM_TAG_BYTES, iv), random);
        }
        if (!sunJce) {
            // A native one may have the key before until it is used, and take it for the one of the next init then.
            cipher.doFinal(NOTHING, 0, 0, new byte[Jca.GCM_TAG_BYTES], 0);
        }
    }

    /** Takes back a cipher that was cleared. */
    void retire(Cipher cipher) {
        ciphers.offer(cipher);
    }

    Mac mac() throws GeneralSecurityException {
        @Nullable Mac idle = macs.poll();
        return idle == null ? Mac.getInstance(HMAC_SHA_384, hmac) : idle;
    }

    /**
     * Takes a MAC back. Overwrites the key, and the last tag, which may be a key too: until it is used again, SunJCE keeps
     * the padded key in the object, and its digest the state that the tag was made of.
     */
    void retire(Mac mac) throws GeneralSecurityException {
        mac.init(NO_HMAC_KEY);
        mac.update((byte) 0);
        mac.reset();
        macs.offer(mac);
    }

    @Override
    public String toString() {
        return gcm.getName() + " " + gcm.getVersionStr();
    }
}
