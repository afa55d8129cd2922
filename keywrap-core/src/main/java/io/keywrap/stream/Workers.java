package io.keywrap.stream;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The threads that may work beside the caller's.
 *
 * <p>Whatever is offered to them is a {@link FutureTask}, so that it is done once, by whoever comes first: the caller does
 * what no worker has begun. An executor that refuses, fails, blocks, never runs, drops, or runs in the thread that gave it
 * what it was given thus makes the work slower and nothing else.
 *
 * @param threads how many work at most, the caller's included
 * @param executor where the others come from; throws or blocks only if that is to stop the call
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

    /** The same with an executor of a caller's, which may be of any kind. */
    Workers withExecutor(Executor callers) {
        return new Workers(threads, new Offers(callers), progress);
    }

    Workers withProgress(LongConsumer listener) {
        return new Workers(threads, executor, listener);
    }

    /** How many work at most beside the caller. */
    int helpers() {
        return threads - 1;
    }

    /** Gives a task to the executor, which takes it unless {@link Offer#refused()} is called, now or later. */
    void offer(Offer task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            task.refused();
        } catch (OutOfMemoryError e) { // No room for a thread: no reason to fail who can do without.
            task.refused();
        }
    }

    /**
     * Waits for a task that somebody has begun, whatever happens, and gives its failure. An interrupt is kept for later. Where
     * there is no room even to wait in, it is tried again: nobody leaves before a helper does.
     */
    @SuppressWarnings(
            "ThreadPriorityCheck") // There is nothing else to do, and the helper may need this one's processor.
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
                } catch (OutOfMemoryError e) {
                    if (task.isDone()) {
                        return e;
                    }
                    Thread.yield();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A task that may be refused, even by an executor that has taken it first. */
    interface Offer extends Runnable {
        /** Is called once at most, and instead of running. */
        void refused();
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
            if (called.incrementAndGet() > workers.helpers()) {
                called.decrementAndGet();
            } else {
                workers.offer(new Help());
            }
        }

        /** One who was called, and who comes once at most. */
        private final class Help implements Offer {
            private final AtomicBoolean over = new AtomicBoolean();

            @Override
            public void run() {
                if (over.compareAndSet(false, true)) {
                    try {
                        for (FutureTask<?> task = tasks.poll(); task != null; task = tasks.poll()) {
                            task.run();
                        }
                    } finally {
                        called.decrementAndGet();
                    }
                }
            }

            @Override
            public void refused() {
                if (over.compareAndSet(false, true)) {
                    called.decrementAndGet();
                }
            }
        }
    }

    /** Daemon threads that all ciphers share, and that end when they are idle. */
    private static final class Shared {
        private static final int MOST_WAITING = 1024;
        private static final Duration IDLE = Duration.ofSeconds(10);

        static final ThreadPoolExecutor THREADS =
                Daemons.pool(Runtime.getRuntime().availableProcessors(), IDLE, MOST_WAITING, "keywrap-segments-");
    }
}
