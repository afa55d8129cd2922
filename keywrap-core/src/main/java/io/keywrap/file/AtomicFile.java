package io.keywrap.file;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file being written: it takes its name only at {@link #commit()}, complete and on disk.
 *
 * <p>The bytes go to a hidden file beside the target, named {@code .<target>.<random>.tmp}, which {@link #close()}
 * removes when there was no commit. A crash may leave that hidden file; it never leaves a partial target. A target that
 * is a symbolic link is written where it leads; one that is neither missing nor a regular file is refused. A target that
 * is replaced keeps its permissions.
 *
 * <p><b>Thread safety:</b> for one thread at a time.
 */
public final class AtomicFile implements AutoCloseable {
    /** How the names of files that are not committed yet end. */
    public static final String TEMPORARY_SUFFIX = ".tmp";

    private static final Logger LOG = LoggerFactory.getLogger(AtomicFile.class);
    private static final Set<PosixFilePermission> OWNER_ALONE = PosixFilePermissions.fromString("rw-------");
    private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");
    private static final int MAX_NAME_IN_TEMPORARY = 40;

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private volatile long expected;
    private boolean committed;

    private AtomicFile(Path target, Path temporary, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
    }

    /**
     * Begins a file that whoever the platform lets may read.
     *
     * @param target its name to be; a file of that name is replaced at the commit
     * @return the file, to be closed
     * @throws IOException if the folder is missing or cannot be written, or the target is no regular file
     */
    public static AtomicFile replacing(Path target) throws IOException {
        return begin(target);
    }

    /**
     * Begins a file that its owner alone may read, from its first byte on; unless a file of its name exists, whose
     * permissions it takes at the commit.
     *
     * @param target its name to be; a file of that name is replaced at the commit
     * @return the file, to be closed
     * @throws IOException if the folder is missing or cannot be written, or the target is no regular file
     */
    public static AtomicFile replacingInPrivate(Path target) throws IOException {
        return isPosix(presentFolderOf(target))
                ? begin(target, PosixFilePermissions.asFileAttribute(OWNER_ALONE))
                : begin(target);
    }

    private static AtomicFile begin(Path named, FileAttribute<?>... attributes) throws IOException {
        presentFolderOf(named);
        Path target = isThere(named) ? named.toRealPath() : named;
        if (isThere(target) && !Files.isRegularFile(target)) {
            throw new FileAlreadyExistsException(
                    target.toString(), null, Files.isDirectory(target) ? "is a folder" : "is no regular file");
        }
        Path temporary = folderOf(target)
                .resolve("." + shortened(target.getFileName().toString()) + "." + UUID.randomUUID() + TEMPORARY_SUFFIX);
        FileChannel channel = FileChannel.open(
                temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
        return new AtomicFile(target, temporary, channel);
    }

    /** Never half of a surrogate pair, which no file name may have. */
    private static String shortened(String name) {
        if (name.length() <= MAX_NAME_IN_TEMPORARY) {
            return name;
        }
        boolean inPair = Character.isHighSurrogate(name.charAt(MAX_NAME_IN_TEMPORARY - 1));
        return name.substring(0, inPair ? MAX_NAME_IN_TEMPORARY - 1 : MAX_NAME_IN_TEMPORARY);
    }

    /**
     * Whether there is anything of that name, a link that leads nowhere included.
     *
     * @param file the name
     * @return false only if it is known to be missing
     * @throws IOException if that cannot be told
     */
    public static boolean isThere(Path file) throws IOException {
        try {
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Whether a file is one that was not committed, by its name.
     *
     * @param file the file
     * @return true for a hidden file named as this class names them
     */
    public static boolean isTemporary(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith(".") && name.endsWith(TEMPORARY_SUFFIX);
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
     * Says how long the file is to become, so that a failure can tell. Nothing is reserved.
     *
     * @param bytes its length at the commit
     */
    public void expect(long bytes) {
        expected = bytes;
    }

    /**
     * What to throw if the channel could not be written: says which file it is, how much it is to have and has, and how much
     * room its file store says there is. May be called by any thread.
     *
     * @param cause what the channel threw
     * @return an exception with that cause; the cause itself if the channel was closed, by an interrupt or otherwise
     */
    public IOException failed(IOException cause) {
        if (cause instanceof ClosedChannelException) {
            return cause;
        }
        String reason = Objects.requireNonNullElse(cause.getMessage(), cause.toString()) + "; "
                + (expected > 0 ? "it is to have " + expected + " bytes, and has " : "it has ")
                + told(() -> Files.size(temporary)) + "; its file store says that "
                + told(() -> Files.getFileStore(temporary).getUsableSpace())
                + " more are usable; to do: make room, or name another target";
        FileSystemException failure = new FileSystemException(target.toString(), null, reason);
        failure.initCause(cause);
        return failure;
    }

    /**
     * Makes the file like another one; called when everything is written, since writing changes the time. Permissions give way
     * at the commit to those of a file that is replaced.
     *
     * @param model the other file; a link is followed
     * @param traits what to take from it
     * @throws IOException if it cannot be taken, as the owner of others' files cannot
     */
    public void take(Path model, Set<FileTrait> traits) throws IOException {
        FileTrait.copy(traits, model, temporary, target);
    }

    private static String told(Length length) {
        try {
            return String.valueOf(length.bytes());
        } catch (IOException
                | RuntimeException e) { // Such as a file system without stores: no reason to hide the failure.
            return "an unknown number of";
        }
    }

    private interface Length {
        long bytes() throws IOException;
    }

    /**
     * Forces the bytes to disk, gives the file its name in one step, and forces the folder.
     *
     * @throws IOException if a step failed; the target is then as it was before, or, if only forcing the folder failed,
     *     complete
     */
    public void commit() throws IOException {
        if (isThere(target) && isPosix(temporary)) {
            Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(target));
        }
        try { // Some file systems look for room only now.
            channel.force(true);
            channel.close();
        } catch (IOException e) {
            throw failed(e);
        }
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the file system of " + target + " cannot rename in one step", e);
        }
        committed = true;
        forceFolder(folderOf(target));
    }

    /**
     * Forces the entries of a folder to disk; does nothing on Windows, which cannot.
     *
     * @param folder the folder
     * @throws IOException if forcing failed
     */
    public static void forceFolder(Path folder) throws IOException {
        if (WINDOWS) {
            return;
        }
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            entries.force(true);
        } catch (AccessDeniedException e) {
            LOG.warn("may write but not read the folder {}, so it cannot be forced to disk", folder);
        }
    }

    /**
     * Makes a folder with all that are missing above it, and forces each of them to disk.
     *
     * @param folder the folder
     * @throws IOException if a folder could not be made or forced
     */
    public static void makeFolders(Path folder) throws IOException {
        Path absolute = folder.toAbsolutePath();
        Path parent = absolute.getParent();
        if (parent != null && !Files.isDirectory(absolute)) {
            makeFolders(parent);
            Files.createDirectories(absolute);
            forceFolder(parent);
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
        } catch (IOException e) { // Such as a full disk, said only now.
            LOG.debug("closing the unfinished file {} failed", temporary, e);
        }
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot remove the unfinished file {}", temporary, e);
        }
    }

    static boolean isPosix(Path file) throws IOException {
        return Files.getFileStore(file).supportsFileAttributeView("posix");
    }

    /** Else the failure would name the hidden file. */
    private static Path presentFolderOf(Path target) throws IOException {
        Path folder = folderOf(target);
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(target.toString(), null, "its folder is missing, or is no folder");
        }
        return folder;
    }

    private static Path folderOf(Path target) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || target.getFileName() == null) {
            throw new IOException(target + " does not name a file");
        }
        return folder;
    }

    /**
     * A lock that one thread of one process holds, for whoever reads a file and then replaces it.
     *
     * <p>A lock on a file is the whole process's: a second thread would get an error, not a turn, and closing the file
     * anywhere in the process gives the lock up. So threads queue on a lock in memory first. It is kept where all class
     * loaders of the JVM find it, since several may have loaded this class.
     *
     * <p><b>Thread safety:</b> thread-safe, until it is held; then for the thread that holds it.
     */
    public static final class Lock implements AutoCloseable {
        private final ReentrantLock threads;
        private final FileLock processes;

        private Lock(ReentrantLock threads, FileLock processes) {
            this.threads = threads;
            this.processes = processes;
        }

        /**
         * Waits for the lock.
         *
         * @param file what is locked; made if it is missing, and never removed
         * @return the lock while it is held, to be closed
         * @throws IOException if the file cannot be locked
         */
        public static Lock acquire(Path file) throws IOException {
            Path real = folderOf(file).toRealPath().resolve(file.getFileName());
            ReentrantLock threads = (ReentrantLock)
                    System.getProperties().computeIfAbsent("io.keywrap.lock:" + real, key -> new ReentrantLock(true));
            threads.lock();
            try {
                return new Lock(threads, locked(real));
            } catch (IOException | RuntimeException | Error e) {
                threads.unlock();
                throw e;
            }
        }

        private static FileLock locked(Path file) throws IOException {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                return channel.lock();
            } catch (OverlappingFileLockException e) {
                // Left open: closing it would give up the lock of whoever holds it in this process.
                throw new IOException(file + " is locked by something else in this process", e);
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                throw e;
            }
        }

        /**
         * Checks that nobody has closed the file meanwhile.
         *
         * @throws IOException if the lock was lost
         */
        public void ensureHeld() throws IOException {
            if (!processes.isValid()) {
                throw new IOException("the lock was lost");
            }
        }

        /** Gives the lock up. */
        @Override
        public void close() throws IOException {
            try {
                processes.acquiredBy().close();
            } finally {
                threads.unlock();
            }
        }
    }
}
