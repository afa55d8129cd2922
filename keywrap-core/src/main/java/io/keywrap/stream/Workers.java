package io.keywrap.stream;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The threads that may work beside the caller's.
 *
 * <p>Whatever is offered to them is a {@link FutureTask}, so that it is done once, by whoever comes first: the caller does
 * what no worker has begun. An executor that refuses, never runs, drops, or runs in the caller's thread what it was given
 * thus makes the work slower and nothing else.
 *
 * @param threads how many work at most, the caller's included
 * @param executor where the others come from
 * @param progress is told how many bytes more of the source are done
 */
record Workers(int threads, Executor executor, LongConsumer progress) {
    private static final int MOST_BY_DEFAULT = 4;
    private static final int MOST = 256;

    Workers {
        if (threads < 1 || threads > MOST) {
            throw new IllegalArgumentException("1 to " + MOST + " threads work on one object, not " + threads);
        }
    }

    static Workers ofDefaults() {
        int threads = Math.min(MOST_BY_DEFAULT, Runtime.getRuntime().availableProcessors());
        return new Workers(threads, task -> Shared.THREADS.execute(task), bytes -> {});
    }

    Workers withThreads(int otherThreads) {
        return new Workers(otherThreads, executor, progress);
    }

    Workers withExecutor(Executor other) {
        return new Workers(threads, other, progress);
    }

    Workers withProgress(LongConsumer listener) {
        return new Workers(threads, executor, listener);
    }

    /** How many work at most beside the caller. */
    int helpers() {
        return threads - 1;
    }

    /** Gives a task to the executor, and says whether it took it. */
    boolean offer(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        } catch (OutOfMemoryError e) { // No room for a thread: no reason to fail who can do without.
            return false;
        }
    }

    /** Waits for a task that somebody has begun, and gives its failure. An interrupt is kept for later. */
    static @Nullable Throwable outcome(Future<?> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return null;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    return e.getCause();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The helpers of one caller, who do short tasks in the order in which they were offered. */
    static final class Crew {
        private final Workers workers;
        private final Queue<FutureTask<?>> tasks = new ConcurrentLinkedQueue<>();
        private final AtomicInteger called = new AtomicInteger();

        Crew(Workers workers) {
            this.workers = workers;
        }

        void offer(FutureTask<?> task) {
            tasks.removeIf(FutureTask::isDone); // Those that the caller did itself.
            tasks.add(task);
            if (called.incrementAndGet() > workers.helpers() || !workers.offer(this::help)) {
                called.decrementAndGet();
            }
        }

        private void help() {
            try {
                for (FutureTask<?> task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
            } finally {
                called.decrementAndGet();
            }
        }
    }

    /** Daemon threads that all ciphers share, and that end when they are idle. */
    private static final class Shared {
        static final ThreadPoolExecutor THREADS = pool();

        private static final int IDLE_SECONDS = 10;
        private static final int MOST_WAITING = 1024;

        private static ThreadPoolExecutor pool() {
            int processors = Runtime.getRuntime().availableProcessors();
            AtomicInteger number = new AtomicInteger();
            ThreadPoolExecutor pool = new ThreadPoolExecutor(
                    processors,
                    processors,
                    IDLE_SECONDS,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(MOST_WAITING),
                    task -> {
                        // Without the thread locals and the class loader of whoever happens to come first.
                        Thread thread =
                                new Thread(null, task, "keywrap-segments-" + number.incrementAndGet(), 0, false);
                        thread.setContextClassLoader(null);
                        thread.setDaemon(true);
                        return thread;
                    });
            pool.allowCoreThreadTimeOut(true);
            return pool;
        }
    }
}
