package io.keywrap.crypto;

import io.keywrap.crypto.Jca.Slice;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings AES-GCM of SunJCE out of the interpreter soon, once per process.
 *
 * <p>SunJCE is fast once its inner methods are compiled, and the JVM compiles what is called often. A segment is one call,
 * so the first gigabyte of a process would be interpreted. What is encrypted first is therefore fed in small pieces. What is
 * decrypted cannot be: SunJCE copies the whole segment then. So the callers themselves decrypt some small throw-away pieces
 * in between, a few before each of the first segments; several threads share that work. Nothing runs in the background.
 *
 * <p><b>Thread safety:</b> thread-safe; where counts race, a few pieces more or less are small.
 */
final class ColdStart {
    private static final Logger LOG = LoggerFactory.getLogger(ColdStart.class);

    /** Calls that are shorter than this are short enough as they are, and count for nothing. */
    static final int LARGE_BYTES = 32 * 1024;

    /** How much is encrypted in pieces. */
    static final long SEALED_IN_PIECES = 4L << 20;

    /** How much is decrypted before it is worth preparing for more. */
    static final long OPENED_UNPREPARED = 1L << 20;

    /** How often callers stop to decrypt throw-away pieces, and how many each time: together less than 0.2 s of CPU. */
    static final int STOPS = 20;

    static final int PIECES_A_STOP = 400;

    private static final int PIECE_BYTES = 1024;

    /** Of what is encrypted: the number of calls counts, and larger ones take longer as long as they are interpreted. */
    private static final int SEALED_PIECE_BYTES = 512;

    private static final ColdStart SUN_JCE = new ColdStart(false);
    private static final ColdStart NOT_NEEDED = new ColdStart(true);

    private final AtomicLong sealed = new AtomicLong();
    private final AtomicLong opened = new AtomicLong();
    private final AtomicInteger stops = new AtomicInteger();
    private final AtomicInteger pieces = new AtomicInteger();
    private volatile boolean sealsFast;
    private volatile boolean opensFast;
    private volatile Runnable whenFast = () -> {};

    ColdStart(boolean fast) {
        this.sealsFast = fast;
        this.opensFast = fast;
    }

    /** What a provider needs; all uses of one provider share it, as they share its compiled code. */
    static ColdStart of(Provider provider) {
        return provider.getName().equals("SunJCE") ? SUN_JCE : NOT_NEEDED;
    }

    /** What to do after much was encrypted or decrypted; may be called more than once. */
    void whenFast(Runnable action) {
        whenFast = action;
    }

    /** Ends an encryption that was begun. */
    int seal(Cipher cipher, Slice plaintext, byte[] out, int outOffset) throws GeneralSecurityException {
        int from = plaintext.offset();
        int end = from + plaintext.length();
        int to = outOffset;
        if (!sealsFast && plaintext.length() >= LARGE_BYTES) {
            for (; end - from > SEALED_PIECE_BYTES; from += SEALED_PIECE_BYTES) {
                to += cipher.update(plaintext.array(), from, SEALED_PIECE_BYTES, out, to);
            }
            if (sealed.addAndGet(plaintext.length()) >= SEALED_IN_PIECES) {
                sealsFast = true;
                tell();
            }
        }
        return to - outOffset + cipher.doFinal(plaintext.array(), from, end - from, out, to);
    }

    /** Is called before each decryption, which it never fails: who cannot be prepared decrypts all the same. */
    void beforeOpening(int length) {
        if (opensFast || length < LARGE_BYTES || opened.addAndGet(length) <= OPENED_UNPREPARED) {
            return;
        }
        int stop = stops.incrementAndGet();
        if (stop <= STOPS) {
            prepare();
        }
        if (stop == STOPS) {
            opensFast = true;
            tell();
        }
    }

    /** Never fails who encrypts or decrypts, and least of all if there is no room for a thread. */
    private void tell() {
        try {
            whenFast.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("no faster crypto provider was looked for", e);
        }
    }

    private void prepare() {
        try {
            openPieces(PIECES_A_STOP);
            pieces.addAndGet(PIECES_A_STOP);
        } catch (GeneralSecurityException | RuntimeException e) {
            // Such as SunJCE removed from the JVM's list of providers since: our ciphers go on, by the object that they
            // have.
            LOG.debug("SunJCE could not be prepared for decryption", e);
        }
    }

    /** How many throw-away pieces were decrypted. */
    int piecesOpened() {
        return pieces.get();
    }

    /** Under a key of zeros, and nothing but zeros. */
    private static void openPieces(int pieces) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(Suite.AES_GCM, "SunJCE");
        GCMParameterSpec zeros = new GCMParameterSpec(8 * Jca.GCM_TAG_BYTES, new byte[Jca.GCM_IV_BYTES]);
        byte[] piece = new byte[PIECE_BYTES];
        byte[] aad = new byte[9];
        cipher.init(Cipher.ENCRYPT_MODE, Suite.NO_KEY, zeros);
        cipher.updateAAD(aad);
        byte[] closed = cipher.doFinal(piece);
        for (int i = 0; i < pieces; i++) {
            cipher.init(Cipher.DECRYPT_MODE, Suite.NO_KEY, zeros);
            cipher.updateAAD(aad);
            cipher.doFinal(closed, 0, closed.length, piece, 0);
        }
    }
}
