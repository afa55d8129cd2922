package io.keywrap;

import java.util.function.Function;
import javax.crypto.SecretKey;

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
    private final Dek dek;
    private volatile boolean closed;

    private DekLease(Dek dek) {
        this.dek = dek;
    }

    /**
     * Leases a DEK out.
     *
     * @param dek the DEK; the lease closes it
     * @return the lease, to be closed
     */
    public static DekLease takeOwnershipOf(Dek dek) {
        return new DekLease(dek);
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
     * Checks that the lease is open, at the cost of one volatile read.
     *
     * @throws IllegalStateException if it was closed
     */
    public void ensureUsable() {
        if (closed) {
            throw new IllegalStateException("the lease of DEK " + dek.id() + " is closed");
        }
    }

    /**
     * The DEK as an AES key of the JCA.
     *
     * @return a key that ends with this lease; its {@code getEncoded()} gives a copy that the caller wipes
     * @throws IllegalStateException if the lease was closed
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
     */
    public <R> R withBytes(Function<byte[], R> action) {
        ensureUsable();
        return dek.withBytes(action);
    }

    /**
     * Whether the lease is over.
     *
     * @return true after {@link #close()}
     */
    public boolean isClosed() {
        return closed;
    }

    /** Ends the lease and wipes the key. Harmless when repeated. */
    @Override
    public void close() {
        closed = true;
        dek.close();
    }

    /**
     * The id and the state.
     *
     * @return such as {@code DekLease[0f…, open]}
     */
    @Override
    public String toString() {
        return "DekLease[" + dek.id() + ", " + (closed ? "closed" : "open") + "]";
    }
}
