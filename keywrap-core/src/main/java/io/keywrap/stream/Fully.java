package io.keywrap.stream;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reading until a buffer is full, from sources that give what they like. */
final class Fully {
    private Fully() {}

    /**
     * Reads until the buffer is full or the source ends.
     *
     * @return how many bytes were read; fewer than fit only at the end
     */
    static int read(InputStream source, byte[] buffer) throws IOException {
        int filled = 0;
        while (filled < buffer.length) {
            int n = source.read(buffer, filled, buffer.length - filled);
            if (n == 0) {
                // Against the contract of InputStream, but seen; reading a single byte cannot give nothing.
                int single = source.read();
                if (single >= 0) {
                    buffer[filled++] = (byte) single;
                    continue;
                }
                n = single;
            }
            if (n < 0) {
                break;
            }
            filled += n;
        }
        return filled;
    }

    static void wipe(byte[] buffer) {
        Arrays.fill(buffer, (byte) 0);
    }
}
