package io.keywrap.stream;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reading until a buffer is full, from sources that give what they like; and the end of what was read. */
final class Fully {
    private Fully() {}

    /**
     * Reads until the buffer is full or the source ends.
     *
     * @return how many bytes were read; fewer than fit only at the end
     */
    static int read(InputStream source, byte[] buffer) throws IOException {
        int filled = 0;
        for (int n = 0; filled < buffer.length && n >= 0; filled += Math.max(0, n)) {
            n = readSome(source, buffer, filled, buffer.length - filled);
        }
        return filled;
    }

    /**
     * Reads at least one byte.
     *
     * @return how many bytes were read; -1 at the end
     */
    static int readSome(InputStream source, byte[] buffer, int offset, int length) throws IOException {
        int n = source.read(buffer, offset, length);
        if (n != 0) {
            return n;
        }
        // Against the contract of InputStream, but seen; reading a single byte cannot give nothing.
        int single = source.read();
        if (single < 0) {
            return -1;
        }
        buffer[offset] = (byte) single;
        return 1;
    }

    /** A failure that another thread met, to be thrown in this one. */
    static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(failure);
    }

    static void wipe(byte[] buffer) {
        Arrays.fill(buffer, (byte) 0);
    }
}
