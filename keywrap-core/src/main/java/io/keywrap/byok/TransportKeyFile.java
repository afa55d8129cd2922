package io.keywrap.byok;

import io.keywrap.MalformedEnvelopeException;
import io.keywrap.crypto.Jca;
import io.keywrap.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * A file of transport keys. Only what a change was made from is replaced, under a lock between processes, a hidden file beside
 * it that stays: keys that a second writer overwrote would be lost.
 */
final class TransportKeyFile {
    /** Three private keys, a header and room. */
    static final int MOST_BYTES = 128 * 1024;

    private TransportKeyFile() {}

    static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return requireLength(in.readNBytes(MOST_BYTES + 1));
        }
    }

    static byte[] requireLength(byte[] sealed) {
        if (sealed.length > MOST_BYTES) {
            throw new MalformedEnvelopeException("this is too long for transport keys");
        }
        return sealed;
    }

    static void write(Path file, byte[] sealed, Origin origin) throws IOException {
        Path name = file.getFileName();
        if (name == null) {
            throw new IOException(file + " does not name a file");
        }
        Path real = Files.exists(file) ? file.toRealPath() : file;
        try (AtomicFile.Lock lock = AtomicFile.Lock.acquire(real.resolveSibling("." + real.getFileName() + ".lock"))) {
            if (isToBeWritten(file, sealed, origin)) {
                try (AtomicFile written = AtomicFile.replacingInPrivate(file)) {
                    ByteBuffer bytes = ByteBuffer.wrap(sealed);
                    while (bytes.hasRemaining()) {
                        written.channel().write(bytes);
                    }
                    lock.ensureHeld();
                    written.commit();
                }
            }
        }
    }

    /** False if it was written already. */
    private static boolean isToBeWritten(Path file, byte[] sealed, Origin origin) throws IOException {
        if (!AtomicFile.isThere(file)) {
            if (origin.mayBeMissing()) {
                return true;
            }
            throw new FileSystemException(
                    file.toString(), null, "is gone; to do: restore it, or save to the right file");
        }
        String found = Origin.digest(read(file));
        if (found.equals(Origin.digest(sealed))) {
            return false;
        }
        if (origin.digests().contains(found)) {
            return true;
        }
        throw origin.mayBeMissing()
                ? new FileAlreadyExistsException(file.toString())
                : new FileSystemException(
                        file.toString(), null, "was changed by others since it was opened; to do: open it again");
    }

    /**
     * What keys were made from.
     *
     * @param mayBeMissing whether that began with new ones
     * @param digests of all envelopes before
     */
    record Origin(boolean mayBeMissing, Set<String> digests) {
        static final Origin NEW = new Origin(true, Set.of());

        static Origin of(byte[] sealed) {
            return new Origin(false, Set.of(digest(sealed)));
        }

        Origin and(byte[] sealed) {
            Set<String> more = new HashSet<>(digests);
            more.add(digest(sealed));
            return new Origin(mayBeMissing, Set.copyOf(more));
        }

        private static String digest(byte[] sealed) {
            return HexFormat.of().formatHex(Jca.platform().sha256(sealed));
        }
    }
}
