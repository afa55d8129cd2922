package io.keywrap.crypto;

import io.keywrap.crypto.Jca.Slice;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the Amazon Corretto Crypto Provider is there and faster than SunJCE, once per process, after much data and
 * on a thread of its own that ends with it.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
final class Faster {
    private static final Logger LOG = LoggerFactory.getLogger(Faster.class);

    private static final String ACCP = "AmazonCorrettoCryptoProvider";
    private static final String ACCP_CLASS = "com.amazon.corretto.crypto.provider." + ACCP;

    /** How much faster it has to be to be worth it. */
    private static final double WORTH_IT = 1.1;

    private static final int SEGMENT_BYTES = 64 * 1024;
    private static final int ROUNDS = 8;
    private static final int SEGMENTS_A_ROUND = 24;

    private final Suite present;
    private final Supplier<Optional<Provider>> candidate;
    private final Consumer<Suite> change;
    private final LongSupplier nanoTime;
    private final AtomicBoolean begun = new AtomicBoolean();

    Faster(Suite present, Supplier<Optional<Provider>> candidate, Consumer<Suite> change, LongSupplier nanoTime) {
        this.present = present;
        this.candidate = candidate;
        this.change = change;
        this.nanoTime = nanoTime;
    }

    /** Looks, unless somebody has done so. */
    void lookInBackground() {
        if (begun.compareAndSet(false, true)) {
            Thread thread = new Thread(this::look, "keywrap-crypto-choice");
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (OutOfMemoryError e) { // No room for a thread: perhaps the next time.
                begun.set(false);
                throw e;
            }
        }
    }

    /** Looks, and says what it found. */
    void look() {
        try {
            Optional<Provider> found = candidate.get();
            if (found.isPresent()) {
                compare(present.withGcm(found.get()));
            }
        } catch (GeneralSecurityException e) {
            LOG.warn("the crypto provider {} is not used, as it fails its self-test", ACCP, e);
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("the crypto provider {} is not used, as it cannot be loaded", ACCP, e);
        }
    }

    private void compare(Suite other) throws GeneralSecurityException {
        SelfTest.passGcm(other);
        Pace ours = new Pace(present, nanoTime);
        Pace theirs = new Pace(other, nanoTime);
        for (int round = 0; round < ROUNDS; round++) {
            ours.run();
            theirs.run();
        }
        boolean faster = theirs.megabytesPerSecond() >= WORTH_IT * ours.megabytesPerSecond();
        if (faster) {
            change.accept(other);
        }
        LOG.info(
                "AES-GCM is done by {} from now on: {} MB/s by {}, {} MB/s by {}",
                faster ? other : present,
                ours.megabytesPerSecond(),
                present,
                theirs.megabytesPerSecond(),
                other);
    }

    /**
     * Finds the provider: one that is installed, or else one on the class path. By name, since a service loader would load
     * every provider there is, and to load a class of a signed jar, as Bouncy Castle's, takes a third of a second.
     */
    static Optional<Provider> accp() {
        return accp(Faster.class.getClassLoader());
    }

    static Optional<Provider> accp(@Nullable ClassLoader loader) {
        return Optional.ofNullable(Security.getProvider(ACCP)).or(() -> loaded(loader));
    }

    private static Optional<Provider> loaded(@Nullable ClassLoader loader) {
        try {
            Class<?> type = Class.forName(ACCP_CLASS, true, loader);
            return Optional.of((Provider) type.getConstructor().newInstance());
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make " + ACCP_CLASS, e);
        }
    }

    /** The best time of several, since a machine that is busy makes times longer and never shorter. */
    private static final class Pace {
        private final Suite suite;
        private final LongSupplier nanoTime;
        private final byte[] plaintext = new byte[SEGMENT_BYTES];
        private final byte[] sealed = new byte[SEGMENT_BYTES + Jca.GCM_OVERHEAD_BYTES];
        private final byte[] key = new byte[Jca.KEY_BYTES];
        private final byte[] aad = new byte[9];
        private long best = Long.MAX_VALUE;

        Pace(Suite suite, LongSupplier nanoTime) {
            this.suite = suite;
            this.nanoTime = nanoTime;
            suite.random().nextBytes(key);
        }

        void run() throws GeneralSecurityException {
            try (Gcm gcm = new Gcm(suite, null)) {
                gcm.rekey(key);
                long begun = nanoTime.getAsLong();
                for (int i = 0; i < SEGMENTS_A_ROUND; i++) {
                    gcm.seal(Slice.of(plaintext), aad, sealed, 0);
                    gcm.open(Slice.of(sealed), aad, plaintext, 0);
                }
                best = Math.min(best, nanoTime.getAsLong() - begun);
            }
        }

        /** Encrypted and decrypted. */
        long megabytesPerSecond() {
            return 2L * SEGMENTS_A_ROUND * SEGMENT_BYTES * 1000 / Math.max(1, best);
        }
    }
}
