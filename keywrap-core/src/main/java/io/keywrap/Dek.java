package io.keywrap;

import io.keywrap.crypto.Jca;
import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;

/**
 * A handle of one plaintext DEK, 256 bits, in the memory of this JVM.
 *
 * <p><b>Security:</b> the key leaves the handle only inside {@link #withBytes}. It is not serialisable, and
 * {@link #toString()} shows the id alone. Equality is identity.
 *
 * <p><b>Destruction:</b> whoever holds the handle closes it; that wipes the key. Copies that the JCA makes of a key in
 * use are outside of keywrap's reach (docs/threat-model.md).
 *
 * <p><b>Thread safety:</b> thread-safe; an action under way goes on with its own copy when the handle is closed.
 */
public final class Dek implements AutoCloseable {
    /** Length of a DEK in bytes. */
    public static final int BYTES = Jca.KEY_BYTES;

    private static final byte[] CHECK_VALUE_PURPOSE = "keywrap-check".getBytes(StandardCharsets.US_ASCII);
    private static final int CHECK_VALUE_BYTES = 32;

    private final DekId id;
    private final byte[] key;
    private final Jca jca;
    private boolean closed;

    private Dek(DekId id, byte[] key, Jca jca) {
        if (key.length != BYTES) {
            throw new IllegalArgumentException("a DEK has " + BYTES + " bytes, not " + key.length);
        }
        this.id = id;
        this.key = key;
        this.jca = jca;
    }

    /**
     * Makes a new DEK from the random source of the JVM.
     *
     * @param id its id
     * @return the handle, to be closed
     */
    public static Dek random(DekId id) {
        return new Dek(id, Jca.platform().random(BYTES), Jca.platform());
    }

    /**
     * Takes over an array that holds a key; the caller must not touch it again.
     *
     * @param id the id of the DEK
     * @param key 32 bytes
     * @return the handle, to be closed
     * @throws IllegalArgumentException if there are not 32 bytes; the array then stays the caller's
     */
    public static Dek takeOwnershipOf(DekId id, byte[] key) {
        return new Dek(id, key, Jca.platform());
    }

    /**
     * Takes over an array that holds a key which one provider of cryptography alone shall work with.
     *
     * @param id the id of the DEK
     * @param key 32 bytes
     * @param cryptoProvider the provider; empty for those of the JVM
     * @return the handle, to be closed
     * @throws IllegalArgumentException if there are not 32 bytes; the array then stays the caller's
     * @throws java.security.ProviderException if keywrap cannot use the provider
     */
    public static Dek takeOwnershipOf(DekId id, byte[] key, Optional<Provider> cryptoProvider) {
        return new Dek(id, key, Jca.of(cryptoProvider));
    }

    /**
     * Which DEK this is.
     *
     * @return the id
     */
    public DekId id() {
        return id;
    }

    /**
     * Which provider of cryptography alone works with this key.
     *
     * @return the provider; empty for those of the JVM
     */
    public Optional<Provider> cryptoProvider() {
        return jca.named();
    }

    /**
     * Lets an action see the key.
     *
     * @param action gets a copy of the 32 bytes, which is wiped when the action is over, and must not keep it
     * @param <R> what the action gives
     * @return what the action gave
     * @throws IllegalStateException if the handle is closed
     */
    public <R> R withBytes(Function<byte[], R> action) {
        byte[] copy = copy();
        try {
            return action.apply(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    /**
     * What proves that a key is this DEK, without telling the key: HKDF-Expand-SHA-384(DEK, "keywrap-check" ‖ DEK id),
     * 32 bytes (RFC 5869, 2.3; docs/format.md).
     *
     * @return 64 lower-case hexadecimal digits
     * @throws IllegalStateException if the handle is closed
     */
    public String checkValue() {
        return checkValueAs(id);
    }

    /**
     * The check value that this key has as another DEK.
     *
     * @param other the id of that DEK
     * @return 64 lower-case hexadecimal digits
     * @throws IllegalStateException if the handle is closed
     */
    public String checkValueAs(DekId other) {
        return HexFormat.of()
                .formatHex(withBytes(
                        bytes -> jca.hkdfExpandSha384(bytes, CHECK_VALUE_BYTES, CHECK_VALUE_PURPOSE, other.toBytes())));
    }

    /** Wipes the key. Harmless when repeated. */
    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(key, (byte) 0);
    }

    /**
     * Whether the key is gone.
     *
     * @return true after {@link #close()}
     */
    public synchronized boolean isClosed() {
        return closed;
    }

    private synchronized byte[] copy() {
        if (closed) {
            throw new IllegalStateException("DEK " + id + " was closed and its key wiped");
        }
        return key.clone();
    }

    /**
     * The id alone.
     *
     * @return such as {@code Dek[0f…, 256 bits]}
     */
    @Override
    public String toString() {
        return "Dek[" + id + ", 256 bits]";
    }
}
