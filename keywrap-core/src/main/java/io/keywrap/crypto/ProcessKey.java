package io.keywrap.crypto;

import io.keywrap.crypto.Jca.Slice;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Seals small secrets while nobody uses them, with AES-256-GCM under a key that only this process has and that lies
 * outside of the Java heap.
 *
 * <p><b>Security:</b> a dump of the heap has what is sealed and not the key. It defends against nothing that reads the
 * whole process: core dumps, swap, a debugger. While something is sealed or opened, the key is on the heap and wiped after.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class ProcessKey {
    private static final byte[] NO_AAD = new byte[0];
    private static final int SPARE_CIPHERS = 64;

    private final Jca jca;
    private final ByteBuffer key = ByteBuffer.allocateDirect(Jca.KEY_BYTES);
    private final Queue<Gcm> spare = new ArrayBlockingQueue<>(SPARE_CIPHERS);

    /**
     * A new random key.
     *
     * @param jca where randomness and ciphers come from
     */
    public ProcessKey(Jca jca) {
        this.jca = jca;
        byte[] bytes = jca.random(Jca.KEY_BYTES);
        key.put(0, bytes);
        Arrays.fill(bytes, (byte) 0);
    }

    /**
     * Seals a secret.
     *
     * @param secret the secret; stays the caller's
     * @return {@value Jca#GCM_OVERHEAD_BYTES} bytes more than the secret
     */
    public byte[] seal(byte[] secret) {
        byte[] sealed = new byte[secret.length + Jca.GCM_OVERHEAD_BYTES];
        return with(gcm -> {
            gcm.seal(Slice.of(secret), NO_AAD, sealed, 0);
            return sealed;
        });
    }

    /**
     * Opens what was sealed by this object.
     *
     * @param sealed what {@link #seal} gave
     * @return the secret, which the caller wipes
     * @throws IllegalStateException if it was changed
     */
    public byte[] open(byte[] sealed) {
        byte[] secret = new byte[sealed.length - Jca.GCM_OVERHEAD_BYTES];
        return with(gcm -> {
            gcm.open(Slice.of(sealed), NO_AAD, secret, 0);
            return secret;
        });
    }

    private byte[] with(Action action) {
        @Nullable Gcm idle = spare.poll();
        Gcm gcm = idle == null ? jca.gcm() : idle;
        byte[] bytes = new byte[Jca.KEY_BYTES];
        try {
            key.get(0, bytes);
            gcm.rekey(bytes);
            return action.apply(gcm);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a secret that was sealed in memory does not open: it was changed", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
            gcm.forget();
            if (!spare.offer(gcm)) {
                gcm.close();
            }
        }
    }

    private interface Action {
        byte[] apply(Gcm gcm) throws GeneralSecurityException;
    }
}
