package io.keywrap.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file being written: it takes its name only at {@link #commit()}, complete and on disk.
 *
 * <p>The bytes go to a hidden file beside the target, named {@code .<target>.<random>.tmp}, which {@link #close()}
 * removes when there was no commit. A crash may leave that hidden file; it never leaves a partial target.
 *
 * <p><b>Thread safety:</b> for one thread at a time.
 */
public final class AtomicFile implements AutoCloseable {
    /** How the names of files that are not committed yet end. */
    public static final String TEMPORARY_SUFFIX = ".tmp";

    private static final Logger LOG = LoggerFactory.getLogger(AtomicFile.class);
    private static final int MAX_NAME_IN_TEMPORARY = 40;

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private boolean committed;

    private AtomicFile(Path target, Path temporary, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
    }

    /**
     * Begins a file.
     *
     * @param target its name to be; a file of that name is replaced at the commit
     * @return the file, to be closed
     * @throws IOException if the folder is missing or cannot be written
     */
    public static AtomicFile replacing(Path target) throws IOException {
        Path folder = folderOf(target);
        if (Files.isDirectory(target)) {
            throw new FileAlreadyExistsException(target.toString(), null, "is a folder");
        }
        String name = target.getFileName().toString();
        String shortName = name.substring(0, Math.min(name.length(), MAX_NAME_IN_TEMPORARY));
        Path temporary = folder.resolve("." + shortName + "." + UUID.randomUUID() + TEMPORARY_SUFFIX);
        FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new AtomicFile(target, temporary, channel);
    }

    /**
     * Where to write.
     *
     * @return the channel of the hidden file; stays this object's to close
     */
    public FileChannel channel() {
        return channel;
    }

    /**
     * Restricts who may open the file.
     *
     * @param permissions the permissions, on a file system that has them
     * @throws IOException if they cannot be set
     */
    public void restrictTo(Set<PosixFilePermission> permissions) throws IOException {
        Files.setPosixFilePermissions(temporary, permissions);
    }

    /**
     * Forces the bytes to disk, gives the file its name in one step, and forces the folder.
     *
     * @throws IOException if a step failed; the target is then as it was before, or, if only forcing the folder failed,
     *     complete
     */
    public void commit() throws IOException {
        channel.force(true);
        channel.close();
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the file system of " + target + " cannot rename in one step", e);
        }
        committed = true;
        forceFolder(folderOf(target));
    }

    /**
     * Forces the entries of a folder to disk, where the platform allows it.
     *
     * @param folder the folder
     * @throws IOException if forcing failed
     */
    public static void forceFolder(Path folder) throws IOException {
        FileChannel entries;
        try {
            entries = FileChannel.open(folder, StandardOpenOption.READ);
        } catch (IOException e) {
            LOG.debug("this platform cannot open folders to force them: {}", folder, e);
            return;
        }
        try (entries) {
            entries.force(true);
        }
    }

    /** Removes the hidden file unless it was committed. Harmless when repeated; never throws. */
    @Override
    public void close() {
        if (committed) {
            return;
        }
        try {
            channel.close();
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            LOG.warn("cannot remove the unfinished file {}", temporary, e);
        }
    }

    private static Path folderOf(Path target) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || target.getFileName() == null) {
            throw new IOException(target + " does not name a file");
        }
        return folder;
    }
}
