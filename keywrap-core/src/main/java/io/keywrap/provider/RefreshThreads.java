package io.keywrap.provider;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Where DEKs are refreshed: on the caller's executor, or on a few daemon threads that are there only while needed. */
final class RefreshThreads implements Executor, AutoCloseable {
    private static final int MOST = 16;
    private static final int IDLE_SECONDS = 10;

    private final Executor executor;
    private final @Nullable ThreadPoolExecutor own;

    RefreshThreads(@Nullable Executor callers) {
        if (callers == null) {
            ThreadPoolExecutor pool = pool();
            own = pool;
            executor = pool;
        } else {
            own = null;
            executor = callers;
        }
    }

    private static ThreadPoolExecutor pool() {
        AtomicInteger number = new AtomicInteger();
        // Without a queue: a refresh that finds no thread is tried again at the next use.
        return new ThreadPoolExecutor(0, MOST, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "keywrap-refresh-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }

    /** Ends the threads of its own; what they do is interrupted. */
    @Override
    public void close() {
        if (own != null) {
            own.shutdownNow();
        }
    }
}
