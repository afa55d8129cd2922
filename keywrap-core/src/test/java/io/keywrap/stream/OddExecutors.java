package io.keywrap.stream;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/** Executors of every kind that a caller may have, each over a pool that works. */
enum OddExecutors {
    WORKS {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            return pool;
        }
    },
    REFUSES {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            return task -> {
                throw new RejectedExecutionException("full");
            };
        }
    },
    REFUSES_EVERY_OTHER {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            int[] count = new int[1];
            return task -> {
                if (count[0]++ % 2 == 0) {
                    throw new RejectedExecutionException("full");
                }
                pool.execute(task);
            };
        }
    },
    KEEPS_AND_NEVER_RUNS {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            return kept::add;
        }
    },
    DROPS {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            return task -> {};
        }
    },
    RUNS_IN_THE_CALLERS_THREAD {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            return Runnable::run;
        }
    },
    RUNS_THE_ONE_BEFORE {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            Queue<Runnable> late = new ArrayDeque<>();
            return task -> {
                late.add(task);
                if (late.size() > 1) {
                    pool.execute(late.remove());
                }
            };
        }
    },
    RUNS_TWICE {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            return task -> {
                pool.execute(task);
                pool.execute(task);
            };
        }
    },
    LEAVES_INTERRUPTS_BEHIND {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            return task -> pool.execute(() -> {
                Thread.currentThread().interrupt();
                task.run();
            });
        }
    },
    /** As frameworks do with the tasks that wait when they are shut down. */
    CANCELS_FUTURES {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            return task -> {
                if (task instanceof Future<?> future) {
                    future.cancel(true);
                }
            };
        }
    },
    /** As one does that waits for room, of which there never is any. */
    BLOCKS_FOR_EVER {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            return task -> {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            };
        }
    },
    FAILS {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            return task -> {
                throw new IllegalStateException("a mistake");
            };
        }
    },
    HAS_NO_ROOM_FOR_THREADS {
        @Override
        Executor over(ExecutorService pool, Queue<Runnable> kept) {
            return task -> {
                throw new OutOfMemoryError("unable to create native thread (said by the test)");
            };
        }
    };

    /**
     * An executor of this kind.
     *
     * @param pool what works
     * @param kept where tasks may end up that are never run
     */
    abstract Executor over(ExecutorService pool, Queue<Runnable> kept);
}
