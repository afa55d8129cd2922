package io.keywrap.cli;

import io.keywrap.EncryptionContext;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts one object after another through a cipher: from a file or standard input, to a file or standard output. */
final class Transfer {
    private final Host host;
    private final EnvelopeCipher cipher;
    private final Direction direction;
    private final Progress progress;
    private long files;
    private long bytesIn;
    private long bytesOut;

    Transfer(Host host, EnvelopeCipher cipher, Direction direction, Progress progress) {
        this.host = host;
        this.cipher = cipher;
        this.direction = direction;
        this.progress = progress;
    }

    /** Whether a name on the command line stands for standard input or output. */
    static boolean isStandard(Path name) {
        return name.toString().equals("-");
    }

    /**
     * Moves one object.
     *
     * @param source a file, or {@code -}
     * @param target a file, which appears whole or not at all, or {@code -}
     * @param context the object context: bound on encryption, expected on decryption
     * @return the header that was written or authenticated
     * @throws IOException if source or target fails
     */
    EnvelopeHeader run(Path source, Path target, EncryptionContext context) throws IOException {
        try (InputStream in = isStandard(source) ? InputStream.nullInputStream() : Files.newInputStream(source)) {
            long[] read = new long[1];
            InputStream counted = Counted.input(progress.watch(isStandard(source) ? host.in() : in), n -> read[0] += n);
            EnvelopeHeader header =
                    isStandard(target) ? toStandardOutput(counted, context) : toFile(counted, target, context);
            files++;
            bytesIn += read[0];
            return header;
        }
    }

    private EnvelopeHeader toStandardOutput(InputStream source, EncryptionContext context) throws IOException {
        OutputStream out = Counted.output(host.out(), n -> bytesOut += n);
        return direction == Direction.ENCRYPT
                ? cipher.encrypt(source, out, context)
                : cipher.decrypt(source, out, context);
    }

    private EnvelopeHeader toFile(InputStream source, Path target, EncryptionContext context) throws IOException {
        try {
            EnvelopeHeader header = direction == Direction.ENCRYPT
                    ? cipher.encrypt(source, target, context)
                    : cipher.decrypt(source, target, context);
            bytesOut += Files.size(target);
            return header;
        } catch (IOException e) {
            throw Failures.naming(target, e);
        }
    }

    Progress progress() {
        return progress;
    }

    Direction direction() {
        return direction;
    }

    long files() {
        return files;
    }

    /** Bytes of the objects that went through, read. */
    long bytesIn() {
        return bytesIn;
    }

    /** Bytes of the objects that went through, written. */
    long bytesOut() {
        return bytesOut;
    }

    /** Which way. */
    enum Direction {
        ENCRYPT("encrypt"),
        DECRYPT("decrypt");

        private final String verb;

        Direction(String verb) {
            this.verb = verb;
        }

        String verb() {
            return verb;
        }

        /** The verb in the past tense. */
        String done() {
            return verb + "ed";
        }
    }
}
