package io.keywrap.azure;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** The textual encoding of certificates and keys (RFC 7468), in arrays, which can be wiped. */
final class Pem {
    private static final int LINE = 64;

    private Pem() {}

    /** One block, lines of 64 characters, with a line end behind it. */
    static byte[] encode(String label, byte[] der) {
        byte[] base64 = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encode(der);
        try {
            byte[] head = ascii("-----BEGIN " + label + "-----\n");
            byte[] foot = ascii("\n-----END " + label + "-----\n");
            return ByteBuffer.allocate(head.length + base64.length + foot.length)
                    .put(head)
                    .put(base64)
                    .put(foot)
                    .array();
        } finally {
            Arrays.fill(base64, (byte) 0);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
