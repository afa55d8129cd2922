package io.keywrap.cli;

import io.keywrap.EncryptionContext;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.file.AtomicFile;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
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
            InputStream watched = progress.watch(isStandard(source) ? host.in() : in);
            if (isStandard(target)) {
                return pass(watched, host.out(), context);
            }
            try (AtomicFile file = AtomicFile.replacing(target)) {
                EnvelopeHeader header = pass(watched, Channels.newOutputStream(file.channel()), context);
                file.commit();
                return header;
            }
        }
    }

    private EnvelopeHeader pass(InputStream source, OutputStream target, EncryptionContext context) throws IOException {
        long[] counts = new long[2];
        InputStream in = Counted.input(source, n -> counts[0] += n);
        OutputStream out = Counted.output(target, n -> counts[1] += n);
        EnvelopeHeader header =
                direction == Direction.ENCRYPT ? cipher.encrypt(in, out, context) : cipher.decrypt(in, out, context);
        files++;
        bytesIn += counts[0];
        bytesOut += counts[1];
        return header;
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
