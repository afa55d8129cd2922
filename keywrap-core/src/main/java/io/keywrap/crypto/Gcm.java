package io.keywrap.crypto;

import io.keywrap.crypto.Jca.Slice;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.Provider;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * AES-256-GCM with a random initialisation vector that travels in front of the ciphertext
 * (NIST SP 800-38D, 8.2.2): IV ‖ ciphertext ‖ tag.
 *
 * <p><b>Thread safety:</b> for one thread at a time; another one may close it, which waits for a call under way and
 * makes every later one an {@link IllegalStateException}.
 */
public final class Gcm implements AutoCloseable {
    /** Most initialisation vectors that are drawn at once. */
    private static final int MOST_IVS = 16;

    private static final byte[] NO_IVS = new byte[0];

    private final Suite suite;
    private final @Nullable Workbench bench;
    private final Cipher cipher;
    private final boolean pooled;
    private final boolean makesIvs;
    private byte[] ivs = NO_IVS;
    private int nextIv;
    private Key key = Suite.NO_KEY;

    /** Whether the cipher has had a key since it was made to forget. */
    private boolean dirty;

    /** Whether the key that the cipher was given last was used, too: native ones may believe to have it, and do not. */
    private boolean settled;

    private boolean closed;

    /** Without a key yet, for keys whose bytes are given. It begins and ends on a workbench, if there is one. */
    Gcm(Suite suite, @Nullable Workbench bench) {
        this.suite = suite;
        this.bench = bench;
        this.pooled = true;
        this.makesIvs = suite.makesIvs();
        @Nullable Cipher used = bench == null ? null : bench.cipher(suite);
        this.dirty = used != null;
        this.settled = dirty;
        try {
            this.cipher = used == null ? suite.cipher() : used;
        } catch (GeneralSecurityException e) {
            throw Jca.failed(Suite.AES_GCM, e);
        }
    }

    /** Under a key that only its provider can use. */
    Gcm(Suite suite, Key key, Provider provider) {
        this.suite = suite;
        this.bench = null;
        this.pooled = false;
        this.makesIvs = suite.makesIvs() && Suite.same(provider, suite.gcm());
        this.key = key;
        try {
            this.cipher = Cipher.getInstance(Suite.AES_GCM, provider);
        } catch (GeneralSecurityException e) {
            throw Jca.failed(Suite.AES_GCM, e);
        }
    }

    /**
     * Changes to another key of 32 bytes and wipes the one before.
     *
     * @param next the key, copied; stays the caller's
     */
    public synchronized void rekey(byte[] next) {
        if (next.length != Jca.KEY_BYTES) {
            throw new IllegalArgumentException("an AES-256 key has 32 bytes, not " + next.length);
        }
        requireOpen();
        wipeKey();
        key = TransientKey.takeCopyOf(next, "AES");
    }

    /**
     * Encrypts under a fresh IV.
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
        requireKey();
        dirty = true;
        settled = false;
        beginSealing(out, outOffset);
        cipher.updateAAD(aad);
        int at = outOffset + Jca.GCM_IV_BYTES;
        int length = Jca.GCM_IV_BYTES + suite.coldStart().seal(cipher, plaintext, out, at);
        settled = true;
        return length;
    }

    /** Initialises the cipher for one message, and writes its IV. */
    private void beginSealing(byte[] out, int outOffset) throws GeneralSecurityException {
        if (makesIvs) {
            cipher.init(Cipher.ENCRYPT_MODE, key, suite.random());
            byte @Nullable [] made = cipher.getIV();
            if (made == null || made.length != Jca.GCM_IV_BYTES) {
                throw new GeneralSecurityException("the crypto provider made an IV that has not 12 bytes");
            }
            System.arraycopy(made, 0, out, outOffset, Jca.GCM_IV_BYTES);
            return;
        }
        if (nextIv == ivs.length) {
            drawIvs();
        }
        int at = nextIv;
        nextIv += Jca.GCM_IV_BYTES; // Before it is used, so that none is used again whatever happens.
        System.arraycopy(ivs, at, out, outOffset, Jca.GCM_IV_BYTES);
        cipher.init(Cipher.ENCRYPT_MODE, key, parameters(ivs, at), suite.random());
    }

    /** One at first, and more at once for who goes on, since each call of the generator takes longer than the bytes. */
    private void drawIvs() {
        byte[] drawn = new byte[Math.min(MOST_IVS, 2 * ivs.length / Jca.GCM_IV_BYTES + 1) * Jca.GCM_IV_BYTES];
        suite.random().nextBytes(drawn);
        ivs = drawn; // Not before: if the generator fails, there is none, and not one of zeros.
        nextIv = 0;
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
    public synchronized int open(Slice sealed, byte[] aad, byte[] out, int outOffset) throws GeneralSecurityException {
        requireKey();
        dirty = true;
        settled = false;
        boolean done = false;
        try {
            suite.coldStart().beforeOpening(sealed.length());
            cipher.init(Cipher.DECRYPT_MODE, key, parameters(sealed.array(), sealed.offset()), suite.random());
            cipher.updateAAD(aad);
            int length = openInto(sealed, out, outOffset);
            done = true;
            settled = true;
            return length;
        } catch (ShortBufferException e) {
            throw new IllegalArgumentException("the output array is too short", e);
        } finally {
            if (!done) {
                int end = Math.min(out.length, outOffset + Math.max(0, sealed.length() - Jca.GCM_OVERHEAD_BYTES));
                Arrays.fill(out, outOffset, end, (byte) 0);
            }
        }
    }

    /** SunPKCS11, and others, ask for room for the tag when they decrypt: they get an array of their own. */
    private int openInto(Slice sealed, byte[] out, int outOffset) throws GeneralSecurityException {
        int from = sealed.offset() + Jca.GCM_IV_BYTES;
        int length = sealed.length() - Jca.GCM_IV_BYTES;
        int asked = cipher.getOutputSize(length);
        if (asked <= out.length - outOffset) {
            return cipher.doFinal(sealed.array(), from, length, out, outOffset);
        }
        byte[] roomy = new byte[asked];
        try {
            int opened = cipher.doFinal(sealed.array(), from, length, roomy, 0);
            if (opened > out.length - outOffset) {
                throw new ShortBufferException();
            }
            System.arraycopy(roomy, 0, out, outOffset, opened);
            return opened;
        } finally {
            Arrays.fill(roomy, (byte) 0);
        }
    }

    private static GCMParameterSpec parameters(byte[] source, int offset) {
        return new GCMParameterSpec(8 * Jca.GCM_TAG_BYTES, source, offset, Jca.GCM_IV_BYTES);
    }

    /** Wipes the key and makes the cipher forget its key schedule; {@link #rekey} gives it another one. */
    public synchronized void forget() {
        requireOpen();
        if (!pooled) {
            return;
        }
        wipeKey();
        key = Suite.NO_KEY;
        if (dirty) {
            try {
                suite.clear(cipher);
            } catch (GeneralSecurityException e) {
                throw Jca.failed(Suite.AES_GCM, e);
            }
            dirty = false;
        }
    }

    /** Wipes the key; the cipher forgets its key schedule too, or goes to its workbench. Harmless when repeated. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        if (bench != null && settled) {
            wipeKey();
            key = Suite.NO_KEY;
            if (bench.keep(suite, cipher)) {
                closed = true;
                return;
            }
        }
        forget();
        closed = true;
        if (pooled) {
            suite.retire(cipher);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the cipher was closed and its key wiped");
        }
    }

    /** Without a key of its own the cipher has one of zeros, which must never encrypt anything. */
    private void requireKey() {
        requireOpen();
        if (key == Suite.NO_KEY) {
            throw new IllegalStateException("the cipher has no key");
        }
    }

    private void wipeKey() {
        if (key != Suite.NO_KEY && key instanceof TransientKey own) {
            own.destroy();
        }
    }
}
