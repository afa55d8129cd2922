package io.keywrap.cli;

import io.keywrap.EncryptionContext;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

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
        AtomicLong read = new AtomicLong();
        EnvelopeCipher watched = cipher.withProgress(more -> {
            read.addAndGet(more);
            progress.advance(more);
        });
        EnvelopeHeader header = isStandard(target)
                ? toStandardOutput(watched, source, context)
                : toFile(watched, source, target, context);
        files++;
        bytesIn += read.get();
        return header;
    }

    private EnvelopeHeader toStandardOutput(EnvelopeCipher watched, Path source, EncryptionContext context)
            throws IOException {
        OutputStream out = Counted.output(host.dataOut(), n -> bytesOut += n);
        if (isStandard(source)) {
            return throughStreams(watched, host.in(), out, context);
        }
        try (InputStream in = Files.newInputStream(source)) {
            return throughStreams(watched, in, out, context);
        }
    }

    private EnvelopeHeader throughStreams(
            EnvelopeCipher watched, InputStream in, OutputStream out, EncryptionContext context) throws IOException {
        return direction == Direction.ENCRYPT ? watched.encrypt(in, out, context) : watched.decrypt(in, out, context);
    }

    private EnvelopeHeader toFile(EnvelopeCipher watched, Path source, Path target, EncryptionContext context)
            throws IOException {
        EnvelopeHeader header = isStandard(source)
                ? fromStandardInput(watched, target, context)
                : betweenFiles(watched, source, target, context);
        bytesOut += Files.size(target);
        return header;
    }

    private EnvelopeHeader fromStandardInput(EnvelopeCipher watched, Path target, EncryptionContext context)
            throws IOException {
        return direction == Direction.ENCRYPT
                ? watched.encrypt(host.in(), target, context)
                : watched.decrypt(host.in(), target, context);
    }

    private EnvelopeHeader betweenFiles(EnvelopeCipher watched, Path source, Path target, EncryptionContext context)
            throws IOException {
        return direction == Direction.ENCRYPT
                ? watched.encrypt(source, target, context)
                : watched.decrypt(source, target, context);
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
