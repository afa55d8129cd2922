package io.keywrap.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * All cryptography of keywrap, from the providers that the JVM is configured with.
 *
 * <p><b>Thread safety:</b> thread-safe, except for the {@link Gcm} instances that it hands out.
 */
public final class Jca {
    /** Length of an AES-256 key, in bytes. */
    public static final int KEY_BYTES = 32;

    /** Length of a GCM initialisation vector, in bytes (NIST SP 800-38D, 5.2.1.1: the recommended 96 bits). */
    public static final int GCM_IV_BYTES = 12;

    /** Length of a GCM tag, in bytes. */
    public static final int GCM_TAG_BYTES = 16;

    /** What {@link Gcm#seal} adds to a plaintext, in bytes. */
    public static final int GCM_OVERHEAD_BYTES = GCM_IV_BYTES + GCM_TAG_BYTES;

    private static final Jca PLATFORM = new Jca(new SecureRandom());

    private final SecureRandom random;

    /** With a random source of its own, so that published vectors can be met byte for byte. */
    Jca(SecureRandom random) {
        this.random = random;
    }

    /**
     * The providers of this JVM in their configured order.
     *
     * @return the shared instance
     */
    public static Jca platform() {
        return PLATFORM;
    }

    /**
     * Random bytes for keys, ids and salts.
     *
     * @param length how many
     * @return a new array
     */
    public byte[] random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /**
     * HKDF-Expand with SHA-384 (RFC 5869, 2.3). Extraction is left out because every key here is uniform (3.3).
     *
     * @param key the pseudorandom key; stays the caller's
     * @param length the length of the output in bytes, 1 to 12,240
     * @param info the parts of the info, taken as one concatenation
     * @return the output keying material; the caller wipes it
     */
    public byte[] hkdfExpandSha384(byte[] key, int length, byte[]... info) {
        if (length < 1 || length > 255 * HmacSha384.TAG_BYTES) {
            throw new IllegalArgumentException("HKDF-Expand gives 1 to 12240 bytes, not " + length);
        }
        byte[] output = new byte[length];
        byte[] block = new byte[0];
        try (HmacSha384 hmac = HmacSha384.keyedBy(key)) {
            for (int done = 0, counter = 1; done < length; done += HmacSha384.TAG_BYTES, counter++) {
                hmac.update(block);
                Arrays.fill(block, (byte) 0);
                for (byte[] part : info) {
                    hmac.update(part);
                }
                hmac.update((byte) counter);
                block = hmac.tag();
                System.arraycopy(block, 0, output, done, Math.min(HmacSha384.TAG_BYTES, length - done));
            }
            return output;
        } finally {
            Arrays.fill(block, (byte) 0);
        }
    }

    /**
     * HMAC-SHA-384 (RFC 2104, FIPS 198-1).
     *
     * @param key the key; stays the caller's
     * @param data the data
     * @return the 48-byte tag
     */
    public byte[] hmacSha384(byte[] key, byte[] data) {
        try (HmacSha384 hmac = HmacSha384.keyedBy(key)) {
            hmac.update(data);
            return hmac.tag();
        }
    }

    /**
     * SHA-256 (FIPS 180-4).
     *
     * @param data the data
     * @return the 32-byte digest
     */
    public byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw missing("SHA-256", e);
        }
    }

    /**
     * AES-256-GCM under a key of 32 bytes.
     *
     * @param key the key, copied; stays the caller's
     * @return a cipher for one thread, to be closed
     */
    public Gcm gcm(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("an AES-256 key has 32 bytes, not " + key.length);
        }
        return new Gcm(random, TransientKey.takeCopyOf(key, "AES"), null);
    }

    /**
     * AES-256-GCM under a key that a certain provider holds, such as a key of a PKCS#11 token.
     *
     * @param key the key; stays the caller's and is not destroyed
     * @param provider the provider whose key it is
     * @return a cipher for one thread, to be closed
     */
    public Gcm gcm(Key key, Provider provider) {
        return new Gcm(random, key, provider);
    }

    static IllegalStateException missing(String algorithm, GeneralSecurityException cause) {
        return new IllegalStateException(algorithm + " is not available in this JVM", cause);
    }

    /**
     * AES-GCM with a random initialisation vector that travels in front of the ciphertext
     * (NIST SP 800-38D, 8.2.2): IV ‖ ciphertext ‖ tag.
     *
     * <p><b>Thread safety:</b> for one thread at a time; another one may close it, which waits for a call under way and
     * makes every later one an {@link IllegalStateException}.
     */
    public static final class Gcm implements AutoCloseable {
        private final SecureRandom random;
        private final Cipher cipher;
        private final boolean ownsKey;
        private final byte[] iv = new byte[GCM_IV_BYTES];
        private Key key;
        private long forgotten;
        private boolean closed;

        private Gcm(SecureRandom random, Key key, @Nullable Provider provider) {
            this.random = random;
            this.key = key;
            this.ownsKey = key instanceof TransientKey;
            try {
                this.cipher = provider == null
                        ? Cipher.getInstance("AES/GCM/NoPadding")
                        : Cipher.getInstance("AES/GCM/NoPadding", provider);
            } catch (GeneralSecurityException e) {
                throw missing("AES/GCM/NoPadding", e);
            }
        }

        /**
         * Changes to another key of 32 bytes and wipes the one before.
         *
         * @param next the key, copied; stays the caller's
         */
        public synchronized void rekey(byte[] next) {
            requireOpen();
            wipeKey();
            key = TransientKey.takeCopyOf(next, "AES");
        }

        /**
         * Encrypts under a fresh random IV.
         *
         * @param plaintext where the plaintext is
         * @param aad the associated data
         * @param out receives IV ‖ ciphertext ‖ tag; must not overlap the plaintext
         * @param outOffset where in {@code out}
         * @return the bytes written: the plaintext's length + {@value Jca#GCM_OVERHEAD_BYTES}
         * @throws GeneralSecurityException if the provider refuses
         */
        public synchronized int seal(Slice plaintext, byte[] aad, byte[] out, int outOffset)
                throws GeneralSecurityException {
            requireOpen();
            random.nextBytes(iv);
            System.arraycopy(iv, 0, out, outOffset, GCM_IV_BYTES);
            init(Cipher.ENCRYPT_MODE, iv, 0);
            cipher.updateAAD(aad);
            return GCM_IV_BYTES
                    + cipher.doFinal(
                            plaintext.array(), plaintext.offset(), plaintext.length(), out, outOffset + GCM_IV_BYTES);
        }

        /**
         * Decrypts what {@link #seal} wrote. The output is wiped again when the tag is wrong.
         *
         * @param sealed where IV ‖ ciphertext ‖ tag is, at least {@value Jca#GCM_OVERHEAD_BYTES} bytes
         * @param aad the associated data
         * @param out receives the plaintext; must not overlap
         * @param outOffset where in {@code out}
         * @return the bytes written: the sealed length − {@value Jca#GCM_OVERHEAD_BYTES}
         * @throws AEADBadTagException if key, IV, ciphertext, tag and associated data do not belong together
         * @throws GeneralSecurityException if the provider refuses
         */
        public synchronized int open(Slice sealed, byte[] aad, byte[] out, int outOffset)
                throws GeneralSecurityException {
            requireOpen();
            boolean done = false;
            try {
                init(Cipher.DECRYPT_MODE, sealed.array(), sealed.offset());
                cipher.updateAAD(aad);
                int length = ownsKey ? openInto(sealed, out, outOffset) : openByWayOf(sealed, out, outOffset);
                done = true;
                return length;
            } catch (ShortBufferException e) {
                throw new IllegalArgumentException("the output array is too short", e);
            } finally {
                if (!done) {
                    int end = Math.min(out.length, outOffset + Math.max(0, sealed.length() - GCM_OVERHEAD_BYTES));
                    Arrays.fill(out, outOffset, end, (byte) 0);
                }
            }
        }

        private int openInto(Slice sealed, byte[] out, int outOffset) throws GeneralSecurityException {
            return cipher.doFinal(
                    sealed.array(), sealed.offset() + GCM_IV_BYTES, sealed.length() - GCM_IV_BYTES, out, outOffset);
        }

        /** SunPKCS11 asks for room for the tag when it decrypts, so it gets an array of its own. */
        private int openByWayOf(Slice sealed, byte[] out, int outOffset) throws GeneralSecurityException {
            byte[] roomy = new byte[cipher.getOutputSize(sealed.length() - GCM_IV_BYTES)];
            try {
                int length = openInto(sealed, roomy, 0);
                System.arraycopy(roomy, 0, out, outOffset, length);
                return length;
            } finally {
                Arrays.fill(roomy, (byte) 0);
            }
        }

        private void init(int mode, byte[] source, int offset)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            cipher.init(mode, key, new GCMParameterSpec(8 * GCM_TAG_BYTES, source, offset, GCM_IV_BYTES));
        }

        /** Wipes the key and makes the cipher forget its key schedule; {@link #rekey} gives it another one. */
        public synchronized void forget() {
            requireOpen();
            if (ownsKey) {
                rekey(new byte[KEY_BYTES]);
                // SunJCE keeps the last key that it encrypted with, and takes no IV twice.
                ByteBuffer.wrap(iv).putLong(++forgotten);
                try {
                    init(Cipher.ENCRYPT_MODE, iv, 0);
                } catch (GeneralSecurityException e) {
                    throw missing("AES/GCM/NoPadding", e);
                }
            }
        }

        /** Wipes the key and makes the cipher forget its key schedule. Harmless when repeated. */
        @Override
        public synchronized void close() {
            if (!closed) {
                forget();
            }
            closed = true;
        }

        /** After the wiping the cipher holds a key of zeros, which must never encrypt anything. */
        private void requireOpen() {
            if (closed) {
                throw new IllegalStateException("the cipher was closed and its key wiped");
            }
        }

        private void wipeKey() {
            if (key instanceof TransientKey own) {
                own.destroy();
            }
        }
    }

    /**
     * A part of an array.
     *
     * @param array the array, not copied
     * @param offset where the part begins
     * @param length how long it is
     */
    @SuppressWarnings("ArrayRecordComponent") // A view of an array, never compared.
    public record Slice(byte[] array, int offset, int length) {
        /**
         * Checks the bounds.
         *
         * @param array the array, not copied
         * @param offset where the part begins
         * @param length how long it is
         */
        public Slice {
            Objects.checkFromIndexSize(offset, length, array.length);
        }

        /**
         * A whole array.
         *
         * @param array the array, not copied
         * @return all of it
         */
        public static Slice of(byte[] array) {
            return new Slice(array, 0, array.length);
        }
    }
}
