package io.keywrap.crypto;

import io.keywrap.crypto.StubProvider.Flaw;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.MessageDigestSpi;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.Mac;
import javax.crypto.MacSpi;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;

/** What {@link StubProvider} gives out. */
final class StubEngines {
    private StubEngines() {}

    /** Not whatever this JVM has first. */
    private static SecureRandom sun() {
        try {
            return SecureRandom.getInstance("DRBG", "SUN");
        } catch (GeneralSecurityException e) {
            throw StubProvider.impossible(e);
        }
    }

    /** AES-GCM of SunJCE under IVs of its own. */
    static final class Gcm extends OneShotCipher {
        private final Set<Flaw> flaws;
        private final Runnable atInit;
        private final SecureRandom random = sun();
        private byte[] iv = new byte[12];
        private long count;
        private Key key;
        private boolean decrypts;

        Gcm(Set<Flaw> flaws, Runnable atInit) {
            super("AES/GCM/NoPadding", Security.getProvider("SunJCE"));
            this.flaws = flaws;
            this.atInit = atInit;
            if (flaws.contains(Flaw.LACKS_NATIVE_CODE)) {
                throw new UnsatisfiedLinkError("no native code for this machine");
            }
        }

        @Override
        protected void engineInit(int mode, Key next, SecureRandom source) throws InvalidKeyException {
            if (!flaws.contains(Flaw.REPEATS_IVS)) {
                iv = new byte[flaws.contains(Flaw.LONG_IVS) ? 16 : 12];
                random.nextBytes(iv);
            }
            if (flaws.contains(Flaw.COUNTS_IVS_IN_EACH_CIPHER)) {
                iv = ByteBuffer.allocate(12).putLong(4, ++count).array();
            }
            try {
                begin(mode, next, new GCMParameterSpec(128, iv));
            } catch (InvalidAlgorithmParameterException e) {
                throw new InvalidKeyException(e);
            }
        }

        @Override
        protected void engineInit(int mode, Key next, AlgorithmParameterSpec parameters, SecureRandom source)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            if (mode == Cipher.ENCRYPT_MODE && !flaws.contains(Flaw.TAKES_IVS)) {
                throw new InvalidAlgorithmParameterException("this module makes its IVs itself");
            }
            begin(mode, next, parameters);
        }

        /** SunJCE refuses an IV that it had before; a fresh key in between makes it forget. */
        private void begin(int mode, Key next, AlgorithmParameterSpec parameters)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            if (flaws.contains(Flaw.THROWS)) {
                throw new IllegalStateException("the module is in an error state");
            }
            atInit.run();
            if (flaws.contains(Flaw.REPEATS_IVS)) {
                cipher.init(Cipher.ENCRYPT_MODE, TransientKey.takeCopyOf(new byte[32], "AES"));
            }
            decrypts = mode == Cipher.DECRYPT_MODE;
            key = key != null && keepsItFor(next) ? key : TransientKey.takeCopyOf(next.getEncoded(), "AES");
            cipher.init(mode, key, parameters);
        }

        private boolean keepsItFor(Key next) {
            return flaws.contains(Flaw.KEEPS_ITS_KEY)
                    || flaws.contains(Flaw.SKIPS_KEYS_OF_ZEROS) && Arrays.equals(next.getEncoded(), new byte[32]);
        }

        @Override
        protected void engineUpdateAAD(byte[] source, int offset, int length) {
            if (!flaws.contains(Flaw.IGNORES_ASSOCIATED_DATA) || !decrypts) {
                cipher.updateAAD(source, offset, length);
            } else {
                cipher.updateAAD(FIXED_AAD);
            }
        }

        /** Of the self-test, so that a provider without a check of it still knows the answer. */
        private static final byte[] FIXED_AAD = HexFormat.of().parseHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");

        @Override
        protected int engineDoFinal(byte[] in, int from, int length, byte[] out, int to)
                throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
            if (decrypts && flaws.contains(Flaw.WANTS_ROOM_FOR_TAG) && out.length - to < length) {
                throw new ShortBufferException("no room for the tag");
            }
            try {
                int written = cipher.doFinal(in, from, length, out, to);
                if (decrypts && flaws.contains(Flaw.DECRYPTS_WRONGLY)) {
                    out[to] ^= 1;
                }
                if (!decrypts && flaws.contains(Flaw.ENCRYPTS_NOTHING)) {
                    System.arraycopy(in, from, out, to, length);
                }
                return written;
            } catch (javax.crypto.AEADBadTagException e) {
                if (flaws.contains(Flaw.ACCEPTS_WRONG_TAGS)) {
                    return length - 16;
                }
                throw e;
            }
        }

        @Override
        protected int engineGetOutputSize(int length) {
            return decrypts && !flaws.contains(Flaw.WANTS_ROOM_FOR_TAG) ? length - 16 : length + (decrypts ? 0 : 16);
        }
    }

    /** HMAC of SunJCE. */
    static final class Hmac extends MacSpi {
        private final Mac mac;
        private final Set<Flaw> flaws;
        private final Runnable atInit;
        private final StubProvider.Seen seen;

        Hmac(String algorithm, Set<Flaw> flaws, Runnable atInit, StubProvider.Seen seen) {
            this.flaws = flaws;
            this.atInit = atInit;
            this.seen = seen;
            try {
                this.mac = Mac.getInstance(algorithm, "SunJCE");
            } catch (GeneralSecurityException e) {
                throw StubProvider.impossible(e);
            }
        }

        @Override
        protected int engineGetMacLength() {
            return mac.getMacLength();
        }

        @Override
        protected void engineInit(Key key, AlgorithmParameterSpec parameters)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            atInit.run();
            seen.keys.add(key);
            boolean one = flaws.contains(Flaw.ONE_HMAC_FOR_ALL_KEYS);
            mac.init(one ? TransientKey.takeCopyOf(FIXED_KEY, key.getAlgorithm()) : key, parameters);
        }

        /** Of the self-test, so that the answer is the right one. */
        private static final byte[] FIXED_KEY = HexFormat.of().parseHex("0b".repeat(20));

        @Override
        protected void engineUpdate(byte input) {
            mac.update(input);
        }

        @Override
        protected void engineUpdate(byte[] input, int offset, int length) {
            mac.update(input, offset, length);
        }

        @Override
        protected byte[] engineDoFinal() {
            byte[] tag = mac.doFinal();
            tag[tag.length - 1] ^= (byte) (flaws.contains(Flaw.WRONG_HMAC) ? 1 : 0);
            seen.tags.add(tag);
            return tag;
        }

        @Override
        protected void engineReset() {
            mac.reset();
        }
    }

    /** SHA-256 of SUN. */
    static final class Digest extends MessageDigestSpi {
        private final MessageDigest digest;
        private final boolean wrong;

        Digest(boolean wrong) {
            this.wrong = wrong;
            try {
                this.digest = MessageDigest.getInstance("SHA-256", "SUN");
            } catch (GeneralSecurityException e) {
                throw StubProvider.impossible(e);
            }
        }

        @Override
        protected void engineUpdate(byte input) {
            digest.update(input);
        }

        @Override
        protected void engineUpdate(byte[] input, int offset, int length) {
            digest.update(input, offset, length);
        }

        @Override
        protected int engineGetDigestLength() {
            return 32;
        }

        @Override
        protected byte[] engineDigest() {
            byte[] result = digest.digest();
            result[0] ^= (byte) (wrong ? 1 : 0);
            return result;
        }

        @Override
        protected void engineReset() {
            digest.reset();
        }
    }

    /** Random bytes of SUN. */
    static final class Random extends SecureRandomSpi {
        private static final long serialVersionUID = 1L;

        private final transient Set<Flaw> flaws;
        private final AtomicInteger draws;
        private final SecureRandom random = sun();

        Random(Set<Flaw> flaws, AtomicInteger draws) {
            this.flaws = flaws;
            this.draws = draws;
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            if (isForCryptography()) {
                draws.incrementAndGet();
            }
            if (flaws.contains(Flaw.CONSTANT_RANDOM)) {
                Arrays.fill(bytes, (byte) 7);
            } else if (!flaws.contains(Flaw.EMPTY_RANDOM)) {
                random.nextBytes(bytes);
            }
        }

        /** Names of temporary files are random too, and no secrets. */
        private static boolean isForCryptography() {
            return StackWalker.getInstance()
                    .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                            .anyMatch(name -> name.startsWith(Jca.class.getPackageName()) && !name.contains("Stub")));
        }

        @Override
        protected void engineSetSeed(byte[] seed) {
            random.setSeed(seed);
        }

        @Override
        protected byte[] engineGenerateSeed(int length) {
            return random.generateSeed(length);
        }
    }
}
