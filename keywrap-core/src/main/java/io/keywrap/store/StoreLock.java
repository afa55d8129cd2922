package io.keywrap.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that one thread of one process holds.
 *
 * <p>A lock on a file is the whole process's: a second thread would get an error, not a turn. So threads queue on a lock
 * in memory first, which all stores of this JVM on the same file share.
 */
final class StoreLock {
    private static final Map<Path, StoreLock> BY_FILE = new ConcurrentHashMap<>();

    private final ReentrantLock threads = new ReentrantLock(true);
    private final Path file;

    private StoreLock(Path file) {
        this.file = file;
    }

    /** The lock on a file, given by its real path. */
    static StoreLock of(Path file) {
        return BY_FILE.computeIfAbsent(file, StoreLock::new);
    }

    /** Waits for the lock. */
    Held acquire() throws IOException {
        threads.lock();
        try {
            return new Held(FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        } catch (IOException | RuntimeException | Error e) {
            threads.unlock();
            throw e;
        }
    }

    /** The lock while it is held. */
    final class Held implements AutoCloseable {
        private final FileChannel channel;
        private final FileLock processes;

        private Held(FileChannel channel) throws IOException {
            this.channel = channel;
            try {
                this.processes = channel.lock();
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                throw e;
            }
        }

        /** Checks that nobody has closed the file meanwhile. */
        void ensureHeld() throws IOException {
            if (!processes.isValid()) {
                throw new IOException("the lock on " + file + " was lost");
            }
        }

        @Override
        public void close() throws IOException {
            try {
                channel.close();
            } finally {
                threads.unlock();
            }
        }
    }
}
