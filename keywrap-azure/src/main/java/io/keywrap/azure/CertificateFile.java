package io.keywrap.azure;

import io.keywrap.DataException;
import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.envelope.EnvelopeHeader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A file of application certificates. Only what a change was made from is replaced, under a lock between processes, a
 * hidden file beside it that stays: a certificate that a second writer overwrote would be lost with its key.
 */
final class CertificateFile {
    /** Header, two private keys, and room; an envelope has at most 64 KiB of header. */
    static final int MOST_BYTES = 128 * 1024;

    private static final Object ONE_WRITER = new Object();

    private CertificateFile() {}

    static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] sealed = in.readNBytes(MOST_BYTES + 1);
            if (sealed.length > MOST_BYTES) {
                throw new MalformedEnvelopeException(file + " is too long for application certificates");
            }
            return sealed;
        }
    }

    /**
     * Writes a file.
     *
     * @param file the file
     * @param next what it will have
     * @param origin what it may have until then
     * @param writing writes it whole or not at all
     */
    static void write(Path file, EncryptionContext next, Origin origin, Writing writing) throws IOException {
        synchronized (ONE_WRITER) { // A lock on a file is the whole process's.
            try (FileChannel channel =
                            FileChannel.open(lockOf(file), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (lock.isValid() && isToBeWritten(file, next, origin)) {
                    writing.run();
                }
            }
        }
    }

    /** False if it was written already. */
    private static boolean isToBeWritten(Path file, EncryptionContext next, Origin origin) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            if (origin.mayBeMissing()) {
                return true;
            }
            throw new FileSystemException(
                    file.toString(), null, "is gone; to do: restore it, or save to the right file");
        }
        Optional<EncryptionContext> found = contextOf(file);
        if (found.filter(next::equals).isPresent()) {
            return false;
        }
        if (found.filter(origin.contexts()::contains).isPresent()) {
            return true;
        }
        if (origin.mayBeMissing()) {
            throw new FileAlreadyExistsException(file.toString());
        }
        throw new FileSystemException(
                file.toString(), null, "was changed by others since it was opened; to do: open it again");
    }

    private static Optional<EncryptionContext> contextOf(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Optional.of(EnvelopeHeader.read(in).objectContext());
        } catch (DataException e) {
            return Optional.empty(); // Something else, which is not replaced.
        }
    }

    private static Path lockOf(Path file) throws IOException {
        Path name = file.getFileName();
        if (name == null) {
            throw new IOException(file + " does not name a file");
        }
        Path real = Files.exists(file) ? file.toRealPath() : file;
        return real.resolveSibling("." + real.getFileName() + ".lock");
    }

    /**
     * What certificates were made from.
     *
     * @param mayBeMissing whether that began with new ones
     * @param contexts the public parts of all before
     */
    record Origin(boolean mayBeMissing, Set<EncryptionContext> contexts) {
        static final Origin NONE = new Origin(true, Set.of());

        static Origin of(EncryptionContext opened) {
            return new Origin(false, Set.of(opened));
        }

        Origin and(EncryptionContext context) {
            return new Origin(
                    mayBeMissing,
                    Stream.concat(contexts.stream(), Stream.of(context)).collect(Collectors.toSet()));
        }
    }

    /** What is done under the lock. */
    interface Writing {
        void run() throws IOException;
    }
}
