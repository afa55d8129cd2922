package io.keywrap.bench.report;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Any number of bytes that do not compress and are cheap to make: a block of pseudorandom bytes again and again, in which
 * every 512 bytes begin with their position, so that no two places are the same. Immutable.
 */
final class Content {
    private static final int BLOCK_BYTES = 4 << 20;
    private static final int STAMPED_BYTES = 512;

    private final byte[] block = new byte[BLOCK_BYTES];

    Content(long seed) {
        new SplittableRandom(seed).nextBytes(block);
    }

    /** Writes what is at a position and behind it to an array. */
    void fill(long position, byte[] target, int offset, int length) {
        for (int done = 0; done < length; ) {
            int at = (int) ((position + done) % BLOCK_BYTES);
            int n = Math.min(length - done, BLOCK_BYTES - at);
            System.arraycopy(block, at, target, offset + done, n);
            done += n;
        }
        long first = position - position % STAMPED_BYTES;
        for (long stamp = first; stamp < position + length; stamp += STAMPED_BYTES) {
            for (int i = 0; i < Long.BYTES; i++) {
                long at = stamp + i - position;
                if (at >= 0 && at < length) {
                    target[offset + (int) at] = (byte) (stamp >>> (Byte.SIZE * i));
                }
            }
        }
    }

    /** Whether an array has what is at a position and behind it. */
    boolean isAt(long position, byte[] source, int offset, int length, byte[] scratch) {
        for (int done = 0; done < length; ) {
            int n = Math.min(length - done, scratch.length);
            fill(position + done, scratch, 0, n);
            if (!Arrays.equals(scratch, 0, n, source, offset + done, offset + done + n)) {
                return false;
            }
            done += n;
        }
        return true;
    }
}
