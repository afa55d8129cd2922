package io.keywrap.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * HMAC-SHA-384 (RFC 2104, FIPS 198-1), which forgets its key when it is closed, or leaves it on a workbench.
 *
 * <p>For one thread.
 */
final class HmacSha384 implements AutoCloseable {
    /** Length of a tag, in bytes. */
    static final int TAG_BYTES = 48;

    private final Suite suite;
    private final @Nullable Workbench bench;
    private final Mac mac;
    private boolean closed;

    private HmacSha384(Suite suite, @Nullable Workbench bench) throws GeneralSecurityException {
        this.suite = suite;
        this.bench = bench;
        @Nullable Mac used = bench == null ? null : bench.mac(suite);
        this.mac = used == null ? suite.mac() : used;
    }

    /** Begins; the key is copied, and stays the caller's. */
    static HmacSha384 keyedBy(Suite suite, @Nullable Workbench bench, byte[] key) {
        try {
            HmacSha384 begun = new HmacSha384(suite, bench);
            begun.rekey(key);
            return begun;
        } catch (GeneralSecurityException e) {
            throw Jca.failed(Suite.HMAC_SHA_384, e);
        }
    }

    /** Changes to another key, which is copied. */
    void rekey(byte[] key) {
        requireOpen();
        TransientKey copy = TransientKey.takeCopyOf(key, Suite.HMAC_SHA_384);
        try {
            mac.init(copy);
        } catch (GeneralSecurityException e) {
            throw Jca.failed(Suite.HMAC_SHA_384, e);
        } finally {
            copy.destroy();
        }
    }

    void update(byte[] data) {
        requireOpen();
        mac.update(data);
    }

    void update(byte single) {
        requireOpen();
        mac.update(single);
    }

    /** Writes the tag; the same key goes on. The caller wipes it where it is secret. */
    void tag(byte[] out) {
        requireOpen();
        // The JDK would make this array all the same, and leave it behind.
        byte[] tag = mac.doFinal();
        System.arraycopy(tag, 0, out, 0, TAG_BYTES);
        Arrays.fill(tag, (byte) 0);
    }

    /** What was given back may have another user by now. */
    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the MAC was closed and its key wiped");
        }
    }

    /** Gives the MAC back, once. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (bench != null && bench.keep(suite, mac)) {
            return;
        }
        try {
            suite.retire(mac);
        } catch (GeneralSecurityException e) {
            throw Jca.failed(Suite.HMAC_SHA_384, e);
        }
    }
}
