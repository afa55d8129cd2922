package io.keywrap.crypto;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import javax.crypto.Mac;

/**
 * HMAC-SHA-384 (RFC 2104, FIPS 198-1) under one key, which it forgets when it is closed.
 *
 * <p>For one thread.
 */
final class HmacSha384 implements AutoCloseable {
    /** Length of a tag, in bytes. */
    static final int TAG_BYTES = 48;

    private static final String ALGORITHM = "HmacSHA384";
    private static final TransientKey NO_KEY = TransientKey.takeCopyOf(new byte[TAG_BYTES], ALGORITHM);

    private final Mac mac;

    private HmacSha384(Mac mac) {
        this.mac = mac;
    }

    /** Begins; the key is copied, and stays the caller's. */
    static HmacSha384 keyedBy(byte[] key) {
        TransientKey copy = TransientKey.takeCopyOf(key, ALGORITHM);
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(copy);
            return new HmacSha384(mac);
        } catch (GeneralSecurityException e) {
            throw Jca.missing(ALGORITHM, e);
        } finally {
            copy.destroy();
        }
    }

    void update(byte[] data) {
        mac.update(data);
    }

    void update(byte single) {
        mac.update(single);
    }

    /** The tag; the same key goes on. The caller wipes it where it is secret. */
    byte[] tag() {
        return mac.doFinal();
    }

    /**
     * Overwrites the key, and the last tag, which may be a key too: until it is used again, SunJCE keeps the padded key
     * in the object, and its digest the state that the tag was made of.
     */
    @Override
    public void close() {
        try {
            mac.init(NO_KEY);
            mac.update((byte) 0);
            mac.reset();
        } catch (InvalidKeyException e) {
            throw Jca.missing(ALGORITHM, e);
        }
    }
}
