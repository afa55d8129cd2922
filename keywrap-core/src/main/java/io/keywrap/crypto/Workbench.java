package io.keywrap.crypto;

import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * Hands ciphers and MACs from one message to the next without making them forget their keys in between, which takes longer
 * than a small message itself.
 *
 * <p><b>Security:</b> for messages under one key that is in memory itself for at least as long, and that gives all of theirs.
 * What lies here has the keys of messages that are over until it is used again. Closing makes everything forget; what comes
 * back after that forgets at once. Nothing works under an old key: each {@link Gcm} and {@link Hkdf} has a key of its own,
 * or none.
 *
 * <p><b>Thread safety:</b> thread-safe, except for the {@link Gcm} and {@link Hkdf} instances that it hands out.
 */
public final class Workbench implements Ciphers, AutoCloseable {
    /** Most ciphers, and most MACs, that lie here at once. */
    static final int ROOM = 16;

    private final Jca jca;
    private final Deque<Cipher> ciphers = new ArrayDeque<>(2);
    private final Deque<Mac> macs = new ArrayDeque<>(2);
    private Suite suite;
    private boolean closed;

    Workbench(Jca jca) {
        this.jca = jca;
        this.suite = jca.suite();
    }

    @Override
    public byte[] random(int length) {
        return jca.random(length);
    }

    @Override
    public Hkdf hkdfSha384(byte[] key) {
        return new Hkdf(HmacSha384.keyedBy(current(), this, key));
    }

    @Override
    public Gcm gcm() {
        return new Gcm(current(), this);
    }

    /** What is of other providers than those that are used by now is not used again. */
    private Suite current() {
        Suite now = jca.suite();
        @Nullable Remains replaced = null;
        synchronized (this) {
            if (now != suite) {
                replaced = takeAll();
                suite = now;
            }
        }
        if (replaced != null) {
            replaced.forget();
        }
        return now;
    }

    /** A cipher that has been used before, under whatever key; null if none lies here. */
    synchronized @Nullable Cipher cipher(Suite of) {
        return of == suite ? ciphers.pollLast() : null;
    }

    /** Takes a cipher that has a key; false if it must forget its key now. */
    synchronized boolean keep(Suite of, Cipher cipher) {
        return !closed && of == suite && ciphers.size() < ROOM && ciphers.add(cipher);
    }

    /** A MAC that has been used before, under whatever key; null if none lies here. */
    synchronized @Nullable Mac mac(Suite of) {
        return of == suite ? macs.pollLast() : null;
    }

    /** Takes a MAC that has a key; false if it must forget its key now. */
    synchronized boolean keep(Suite of, Mac mac) {
        return !closed && of == suite && macs.size() < ROOM && macs.add(mac);
    }

    /** Makes everything that lies here forget its keys. Harmless when repeated; messages under way can be ended after it. */
    @Override
    public void close() {
        Remains all;
        synchronized (this) {
            closed = true;
            all = takeAll();
        }
        all.forget();
    }

    private Remains takeAll() {
        Remains all = new Remains(suite, new ArrayDeque<>(ciphers), new ArrayDeque<>(macs));
        ciphers.clear();
        macs.clear();
        return all;
    }

    private record Remains(Suite suite, Deque<Cipher> ciphers, Deque<Mac> macs) {
        /** All of them, also where one fails: that one goes to nobody. */
        void forget() {
            @Nullable IllegalStateException failure = null;
            for (Cipher cipher : ciphers) {
                failure = attempt(Suite.AES_GCM, failure, () -> {
                    suite.clear(cipher);
                    suite.retire(cipher);
                });
            }
            for (Mac mac : macs) {
                failure = attempt(Suite.HMAC_SHA_384, failure, () -> suite.retire(mac));
            }
            if (failure != null) {
                throw failure;
            }
        }

        private static @Nullable IllegalStateException attempt(
                String algorithm, @Nullable IllegalStateException before, Forgetting action) {
            try {
                action.run();
                return before;
            } catch (GeneralSecurityException | RuntimeException e) {
                if (before == null) {
                    return Jca.failed(algorithm, e);
                }
                before.addSuppressed(e);
                return before;
            }
        }
    }

    private interface Forgetting {
        void run() throws GeneralSecurityException;
    }
}
