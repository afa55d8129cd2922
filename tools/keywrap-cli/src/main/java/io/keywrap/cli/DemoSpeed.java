package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.EncryptionContext;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** How fast one large object passes, which a tree of small files does not show. */
final class DemoSpeed {
    /** Long enough for the JVM to have compiled what it runs, short enough to wait for. */
    static final long BYTES = 256L << 20;

    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "generated");

    private final Demo demo;

    DemoSpeed(Demo demo) {
        this.demo = demo;
    }

    /** Encrypts to a file and decrypts from it; a first run in this JVM, its warming up included. */
    JsonObject run(EnvelopeCipher cipher, Path envelope) throws IOException {
        double encrypting;
        double decrypting;
        long[] restored = new long[1];
        long started = System.nanoTime();
        try (OutputStream sink = Files.newOutputStream(envelope)) {
            cipher.encrypt(new Generated(BYTES), sink, CONTEXT);
        }
        encrypting = (System.nanoTime() - started) / 1e9;
        started = System.nanoTime();
        try (InputStream source = Files.newInputStream(envelope)) {
            cipher.decrypt(source, Counted.output(OutputStream.nullOutputStream(), n -> restored[0] += n), CONTEXT);
        }
        decrypting = (System.nanoTime() - started) / 1e9;
        Demo.expect(restored[0] == BYTES, "not all of a large object came back");
        demo.say("   encrypted at " + Sizes.rate(BYTES, encrypting) + ", decrypted at " + Sizes.rate(BYTES, decrypting)
                + ", on one core of a JVM that was not warmed up");
        Files.delete(envelope);
        JsonObject result = new JsonObject();
        result.addProperty("bytes", BYTES);
        result.addProperty("encryptSeconds", encrypting);
        result.addProperty("decryptSeconds", decrypting);
        return result;
    }

    /** The same few bytes again and again. */
    private static final class Generated extends InputStream {
        private long left;

        Generated(long length) {
            left = length;
        }

        @Override
        public int read() {
            return left-- > 0 ? (int) (left & 0xFF) : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int n = (int) Math.min(length, left);
            left -= n;
            return n;
        }
    }
}
