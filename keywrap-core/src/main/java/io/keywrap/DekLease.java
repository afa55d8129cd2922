package io.keywrap;

import java.security.Provider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The right to use one DEK for a while.
 *
 * <p>Take a lease, use it, close it:
 *
 * <pre>{@code
 * try (DekLease lease = keychain.primary()) {
 *     cipher.init(Cipher.ENCRYPT_MODE, lease.secretKey());
 *     save(lease.dekId());
 * }
 * }</pre>
 *
 * <p><b>Destruction:</b> closing wipes the key; a key used after that is an {@link IllegalStateException}, never garbage.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class DekLease implements AutoCloseable {
    private static final Watch NOBODY = () -> {};

    private final Dek dek;
    private final Watch watch;
    private final Shared shared;
    private final List<Runnable> onClose = new ArrayList<>(1);
    private volatile boolean wiped;
    private volatile boolean closed;

    private DekLease(Dek dek, Watch watch, Shared shared) {
        this.dek = dek;
        this.watch = watch;
        this.shared = shared;
    }

    /**
     * Leases a DEK out, for as long as its user likes.
     *
     * @param dek the DEK; the lease closes it
     * @return the lease, to be closed
     */
    public static DekLease takeOwnershipOf(Dek dek) {
        return takeOwnershipOf(dek, NOBODY);
    }

    /**
     * Leases a DEK out, for as long as somebody allows.
     *
     * @param dek the DEK; the lease closes it
     * @param watch decides at every use whether the lease may go on
     * @return the lease, to be closed
     */
    public static DekLease takeOwnershipOf(Dek dek, Watch watch) {
        Shared own = new Shared();
        DekLease lease = new DekLease(dek, watch, own);
        lease.onClose(own::close);
        return lease;
    }

    /**
     * Leases a DEK out together with other leases of it, for as long as somebody allows.
     *
     * @param dek the DEK; the lease closes it
     * @param watch decides at every use whether the lease may go on
     * @param shared what all leases of this DEK share that are open together; whoever gives them out closes it after the last
     * @return the lease, to be closed
     */
    public static DekLease takeOwnershipOf(Dek dek, Watch watch, Shared shared) {
        return new DekLease(dek, watch, shared);
    }

    /**
     * Which DEK is leased; keep it beside what was encrypted.
     *
     * @return the id
     */
    public DekId dekId() {
        return dek.id();
    }

    /**
     * Which provider of cryptography keywrap works with this key by, and no other, if one was named. Ciphers of your own are
     * your own choice.
     *
     * @return the provider; empty for those of the JVM
     */
    public Optional<Provider> cryptoProvider() {
        return dek.cryptoProvider();
    }

    /**
     * Checks that the key may still be used, at the cost of a look at the clock. Call it often in long work: before every
     * segment, every part of an upload. It waits for the KMS only when the DEK was not proven in time.
     *
     * @throws IllegalStateException if the lease was closed
     * @throws KekRevokedException if the customer has withdrawn the KEK: end the work, and close the lease
     * @throws KekException if the KEK cannot be used any more for another reason, such as an outage that lasts too long
     */
    public void ensureUsable() {
        if (closed) {
            throw new IllegalStateException("the lease of DEK " + dek.id() + " is closed");
        }
        watch.ensureUsable();
        if (wiped) {
            throw new IllegalStateException("the key of the lease of DEK " + dek.id() + " was wiped");
        }
    }

    /**
     * Lets this lease end as soon as its KEK is revoked, whatever the policy for work in flight is: for readers at random, which
     * have no end to come to. For good, and harmless when repeated.
     */
    public void endWithKek() {
        watch.endWithKek();
    }

    /**
     * Says what is to be done as soon as this lease ends because its KEK was revoked or its DEK destroyed, such as to unblock
     * what waits. Where work in flight may finish nothing ends by that, so nothing is done. Costs nothing at any use of the
     * key.
     *
     * @param action is run once, on a daemon thread of keywrap's; at once if the lease has ended already, and never after it
     *     was closed. Should be quick, and may wipe or close the lease
     */
    public void onEnd(Runnable action) {
        if (!closed) {
            onClose(watch.onEnd(() -> {
                if (!closed) {
                    action.run();
                }
            }));
        }
    }

    /**
     * Lets something end with this lease: keys that were derived from the DEK.
     *
     * @param wipe is run once by whoever closes the lease or wipes its key; at once if that has been done already
     */
    public void onClose(Runnable wipe) {
        synchronized (onClose) {
            if (!wiped) {
                onClose.add(wipe);
                return;
            }
        }
        wipe.run();
    }

    /**
     * Something that the open leases of one DEK share, such as ciphers that have its keys already; for keywrap's own formats.
     *
     * @param kind what it is; there is one of each kind
     * @param make makes it if no open lease has asked for it yet
     * @param <T> its type; closed once, with the last of these leases, and must be harmless to use after that
     * @return the same object for all these leases
     * @throws IllegalStateException if the lease was closed
     */
    public <T extends AutoCloseable> T shared(Class<T> kind, Supplier<T> make) {
        if (wiped) {
            throw new IllegalStateException("the lease of DEK " + dek.id() + " is over");
        }
        return shared.get(kind, make);
    }

    /**
     * The DEK as an AES key of the JCA.
     *
     * @return a key that ends with this lease; its {@code getEncoded()} gives a copy that the caller wipes
     * @throws IllegalStateException if the lease was closed
     * @throws KekException as {@link #ensureUsable()}
     */
    public SecretKey secretKey() {
        ensureUsable();
        return new LeasedKey(this);
    }

    /**
     * Lets an action see the key.
     *
     * @param action gets a copy of the 32 bytes, which is wiped when the action is over, and must not keep it
     * @param <R> what the action gives
     * @return what the action gave
     * @throws IllegalStateException if the lease was closed
     * @throws KekException as {@link #ensureUsable()}
     */
    public <R> R withBytes(Function<byte[], R> action) {
        ensureUsable();
        return dek.withBytes(action);
    }

    /**
     * Whether whoever took the lease has given it back.
     *
     * @return true after {@link #close()}
     */
    public boolean isClosed() {
        return closed;
    }

    /**
     * Whether the key is gone.
     *
     * @return true after {@link #wipe()} or {@link #close()}
     */
    public boolean isWiped() {
        return wiped;
    }

    /** Ends the lease and wipes the key, and what was derived from it. Harmless when repeated. */
    @Override
    public void close() {
        closed = true;
        wipe();
    }

    /**
     * Wipes the key, and what was derived from it, though whoever took the lease has not closed it yet, and still must: for
     * what hears by {@link #onEnd} that the KEK was revoked. Harmless when repeated.
     */
    public void wipe() {
        List<Runnable> ending;
        synchronized (onClose) {
            wiped = true;
            ending = List.copyOf(onClose);
            onClose.clear();
        }
        dek.close();
        runAll(ending);
    }

    /** Also where one fails: each of them wipes keys. */
    private static void runAll(List<Runnable> ending) {
        @Nullable Throwable failure = null;
        for (Runnable each : ending) {
            try {
                each.run();
            } catch (RuntimeException | Error e) {
                if (failure == null) {
                    failure = e;
                } else if (!failure.equals(e)) { // The JVM throws some errors again and again; none suppresses itself.
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
    }

    /**
     * The id and the state.
     *
     * @return such as {@code DekLease[0f…, open]}, or wiped, or closed
     */
    @Override
    public String toString() {
        return "DekLease[" + dek.id() + ", " + (closed ? "closed" : wiped ? "wiped" : "open") + "]";
    }

    /**
     * Decides whether leases may go on; for whoever gives them out.
     *
     * <p><b>Thread safety:</b> implementations are thread-safe, and fast where nothing has changed.
     */
    @FunctionalInterface
    public interface Watch {
        /**
         * Is asked at every use of the key.
         *
         * @throws KekException if the lease may not go on
         */
        void ensureUsable();

        /** From now on the lease ends with its KEK, whatever else was said; one that knows no KEK has nothing to do. */
        default void endWithKek() {}

        /**
         * Says who is to be told when the lease ends by a refusal.
         *
         * @param action is to be run once, on a thread where it disturbs nobody
         * @return forgets the action; harmless when it was run
         */
        default Runnable onEnd(Runnable action) {
            return () -> {};
        }
    }

    /**
     * What the leases of one DEK share that are open together.
     *
     * <p><b>Thread safety:</b> thread-safe.
     */
    public static final class Shared implements AutoCloseable {
        private final Map<Class<?>, AutoCloseable> ofKind = new HashMap<>(2);
        private boolean closed;

        /** Nothing yet. */
        public Shared() {}

        private synchronized <T extends AutoCloseable> T get(Class<T> kind, Supplier<T> make) {
            if (closed) {
                throw new IllegalStateException("the last lease of this DEK is closed");
            }
            return kind.cast(ofKind.computeIfAbsent(kind, first -> make.get()));
        }

        /** Closes what was made, once. */
        @Override
        public void close() {
            List<Runnable> ending = new ArrayList<>(1);
            synchronized (this) {
                closed = true;
                ofKind.values().forEach(each -> ending.add(() -> end(each)));
                ofKind.clear();
            }
            runAll(ending);
        }

        private static void end(AutoCloseable each) {
            try {
                each.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("what the leases of a DEK shared could not be ended", e);
            }
        }
    }
}
