package io.keywrap.crypto;

import io.keywrap.crypto.Jca.Slice;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;

/**
 * What a provider has to show, once per process, before keywrap uses it: known answers, the refusal of what was changed,
 * and randomness that is not constant.
 *
 * <p><b>Source:</b> AES-256-GCM: McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16. HMAC-SHA-384: RFC
 * 4231, test case 1. SHA-256: FIPS 180, "abc".
 */
final class SelfTest {
    private static final byte[] KEY = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    private static final byte[] AAD = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    private static final byte[] PLAINTEXT = hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    private static final byte[] SEALED = hex("cafebabefacedbaddecaf888"
            + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            + "76fc6ece0f4e1768cddf8853bb2d551b");
    private static final byte[] HMAC_DATA = hex("4869205468657265"); // "Hi There"
    private static final byte[] HMAC_KEY = hex("0b".repeat(20));
    private static final byte[] HMAC_TAG = hex(
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c" + "faea9ea9076ede7f4af152e8b2fa9cb6");
    private static final byte[] ABC_SHA_256 = hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

    private final Suite suite;

    private SelfTest(Suite suite) {
        this.suite = suite;
    }

    /**
     * Tests everything that a suite does.
     *
     * @throws GeneralSecurityException that says what is wrong
     */
    static void pass(Suite suite) throws GeneralSecurityException {
        SelfTest test = new SelfTest(suite);
        try {
            test.random();
            test.digest();
            test.hmac();
            test.gcm();
        } catch (RuntimeException | LinkageError e) {
            throw new GeneralSecurityException("it failed with " + e.getClass().getName(), e);
        }
    }

    /** Tests AES-GCM alone, where nothing else will be used. */
    static void passGcm(Suite suite) throws GeneralSecurityException {
        try {
            new SelfTest(suite).gcm();
        } catch (RuntimeException | LinkageError e) {
            throw new GeneralSecurityException("it failed with " + e.getClass().getName(), e);
        }
    }

    private void random() throws GeneralSecurityException {
        byte[] first = new byte[Jca.KEY_BYTES];
        byte[] second = new byte[Jca.KEY_BYTES];
        suite.random().nextBytes(first);
        suite.random().nextBytes(second);
        byte[] untouched = new byte[Jca.KEY_BYTES];
        require(!Arrays.equals(first, second), "its random bytes repeat");
        require(!Arrays.equals(first, untouched) && !Arrays.equals(second, untouched), "it gives no random bytes");
    }

    private void digest() throws GeneralSecurityException {
        byte[] digest = suite.sha256().digest(new byte[] {'a', 'b', 'c'});
        require(MessageDigest.isEqual(digest, ABC_SHA_256), "SHA-256 gives a wrong answer");
    }

    private void hmac() throws GeneralSecurityException {
        byte[] tag = new byte[HmacSha384.TAG_BYTES];
        for (int round = 0; round < 2; round++) {
            try (HmacSha384 hmac = HmacSha384.keyedBy(suite, null, KEY)) {
                hmac.update(HMAC_DATA);
                hmac.tag(tag);
                require(!MessageDigest.isEqual(tag, HMAC_TAG), "HMAC-SHA-384 does not depend on its key");
                hmac.rekey(HMAC_KEY);
                hmac.update(HMAC_DATA);
                hmac.tag(tag);
            }
            require(MessageDigest.isEqual(tag, HMAC_TAG), "HMAC-SHA-384 gives a wrong answer");
        }
    }

    private void gcm() throws GeneralSecurityException {
        byte[] opened = new byte[PLAINTEXT.length];
        byte[] sealed = new byte[SEALED.length];
        byte[] again = new byte[SEALED.length];
        try (Gcm gcm = new Gcm(suite, null)) {
            gcm.rekey(KEY);
            open(gcm, SEALED, opened);
            require(Arrays.equals(opened, PLAINTEXT), "AES-256-GCM decrypts to something else");
            seal(gcm, sealed);
            seal(gcm, again);
            int iv = Jca.GCM_IV_BYTES;
            require(!Arrays.equals(sealed, 0, iv, again, 0, iv), "AES-256-GCM takes an IV twice");
            requireOtherIvs(sealed);
            require(!contains(sealed, PLAINTEXT), "AES-256-GCM does not encrypt");
            open(gcm, sealed, opened);
            require(Arrays.equals(opened, PLAINTEXT), "AES-256-GCM does not decrypt what it encrypted");
            for (int at : new int[] {0, iv, SEALED.length - 1}) {
                refuse(gcm, changed(SEALED, at), AAD);
            }
            refuse(gcm, SEALED, changed(AAD, 0));
            forgets(gcm, sealed);
        }
    }

    /** Several ciphers work under one key at the same time. */
    private void requireOtherIvs(byte[] sealed) throws GeneralSecurityException {
        byte[] elsewhere = new byte[SEALED.length];
        try (Gcm other = new Gcm(suite, null)) {
            other.rekey(KEY);
            seal(other, elsewhere);
            int iv = Jca.GCM_IV_BYTES;
            require(!Arrays.equals(sealed, 0, iv, elsewhere, 0, iv), "two ciphers of it take one IV");
        }
    }

    /** Ciphers are used again under other keys, also under one that they had before. */
    private void forgets(Gcm gcm, byte[] sealed) throws GeneralSecurityException {
        byte[] opened = new byte[PLAINTEXT.length];
        byte[] other = changed(KEY, 0);
        for (int round = 0; round < 2; round++) {
            gcm.forget();
            gcm.rekey(new byte[Jca.KEY_BYTES]); // As idle ciphers have it: whoever skips the change has the key
            // before still.
            refuse(gcm, sealed, AAD);
            gcm.rekey(other);
            refuse(gcm, sealed, AAD);
            gcm.forget();
            gcm.rekey(KEY);
            open(gcm, sealed, opened);
            require(Arrays.equals(opened, PLAINTEXT), "AES-256-GCM does not change its key");
            gcm.rekey(other);
            seal(gcm, sealed);
            gcm.rekey(KEY);
            refuse(gcm, sealed, AAD);
            seal(gcm, sealed);
        }
    }

    private static void seal(Gcm gcm, byte[] out) throws GeneralSecurityException {
        int length = gcm.seal(Slice.of(PLAINTEXT), AAD, out, 0);
        require(length == SEALED.length, "AES-256-GCM has not a tag of 16 bytes");
    }

    private static void open(Gcm gcm, byte[] sealed, byte[] out) throws GeneralSecurityException {
        require(gcm.open(Slice.of(sealed), AAD, out, 0) == out.length, "AES-256-GCM decrypts to another length");
    }

    private static void refuse(Gcm gcm, byte[] sealed, byte[] aad) throws GeneralSecurityException {
        byte[] out = new byte[PLAINTEXT.length];
        try {
            gcm.open(Slice.of(sealed), aad, out, 0);
        } catch (AEADBadTagException e) {
            return;
        }
        throw new GeneralSecurityException("AES-256-GCM accepts what was changed");
    }

    private static boolean contains(byte[] sealed, byte[] plaintext) {
        int iv = Jca.GCM_IV_BYTES;
        return Arrays.equals(sealed, iv, iv + plaintext.length, plaintext, 0, plaintext.length);
    }

    private static byte[] changed(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }

    private static void require(boolean condition, String otherwise) throws GeneralSecurityException {
        if (!condition) {
            throw new GeneralSecurityException(otherwise);
        }
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
