package io.keywrap.crypto;

import java.util.Arrays;

/**
 * HKDF-Expand with SHA-384 (RFC 5869, 2.3), several times under one key and under others. Extraction is left out because
 * every key here is uniform (3.3).
 *
 * <p><b>Thread safety:</b> for one thread. Closing makes it forget its key.
 */
public final class Hkdf implements AutoCloseable {
    /** Longest output, in bytes. */
    static final int MAX_BYTES = 255 * HmacSha384.TAG_BYTES;

    private final HmacSha384 hmac;
    private final byte[] block = new byte[HmacSha384.TAG_BYTES];

    Hkdf(HmacSha384 hmac) {
        this.hmac = hmac;
    }

    /**
     * Changes to another pseudorandom key.
     *
     * @param key the key, copied; stays the caller's
     */
    public void rekey(byte[] key) {
        hmac.rekey(key);
    }

    /**
     * Derives.
     *
     * @param length the length of the output in bytes, 1 to 12,240
     * @param info the parts of the info, taken as one concatenation
     * @return the output keying material; the caller wipes it
     */
    public byte[] expand(int length, byte[]... info) {
        if (length < 1 || length > MAX_BYTES) {
            throw new IllegalArgumentException("HKDF-Expand gives 1 to " + MAX_BYTES + " bytes, not " + length);
        }
        byte[] output = new byte[length];
        try {
            for (int done = 0, counter = 1; done < length; done += block.length, counter++) {
                if (done > 0) {
                    hmac.update(block);
                }
                for (byte[] part : info) {
                    hmac.update(part);
                }
                hmac.update((byte) counter);
                hmac.tag(block);
                System.arraycopy(block, 0, output, done, Math.min(block.length, length - done));
            }
            return output;
        } finally {
            Arrays.fill(block, (byte) 0);
        }
    }

    /** Forgets the key. Harmless when repeated; nothing can be derived after it. */
    @Override
    public void close() {
        hmac.close();
    }
}
