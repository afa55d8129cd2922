package io.keywrap.azure;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where the SDK does its work: it has no limit for a call as a whole, sleeps as long as a server asks, and waits for credentials
 * without looking at any clock. So it works on threads of its own, which are interrupted when nobody waits any more.
 */
final class Threads {
    private static final Executor THREADS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), Threads::thread);

    private Threads() {}

    /** Begins a task. */
    static void begin(Runnable task) {
        THREADS.execute(task);
    }

    /**
     * Does something in time or not at all.
     *
     * @throws TimeoutException if it was not done in time; it was interrupted then
     */
    static <T> T within(Duration limit, Callable<T> work)
            throws TimeoutException, InterruptedException, ExecutionException {
        FutureTask<T> task = new FutureTask<>(work);
        begin(task);
        try {
            return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } finally {
            task.cancel(true);
        }
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "keywrap-azure");
        thread.setDaemon(true);
        thread.setContextClassLoader(Threads.class.getClassLoader());
        return thread;
    }
}
