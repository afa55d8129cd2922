package io.keywrap.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;

/** A file of pseudorandom bytes, the same each time, that no tool can compress. */
final class RandomFile {
    private static final int BUFFER_BYTES = 1 << 20;

    private RandomFile() {}

    /** Writes a file, and gives the SHA-256 of its bytes. */
    static byte[] write(Path file, long length) throws IOException {
        SplittableRandom random = new SplittableRandom(42);
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = length; left > 0; ) {
                random.nextBytes(buffer);
                int n = (int) Math.min(left, BUFFER_BYTES);
                digest.update(buffer, 0, n);
                out.write(buffer, 0, n);
                left -= n;
            }
        }
        return digest.digest();
    }

    /** The SHA-256 of a file. */
    static byte[] digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream through = new DigestInputStream(in, sha256())) {
            byte[] buffer = new byte[BUFFER_BYTES];
            while (through.read(buffer) >= 0) {
                // The digest takes note of what passes.
            }
            return through.getMessageDigest().digest();
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JVM has it
        }
    }
}
