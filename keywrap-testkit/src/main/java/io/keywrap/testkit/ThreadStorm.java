package io.keywrap.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many threads that do one thing at the same time, many times over. */
final class ThreadStorm {
    static final int THREADS = 8;
    static final int ROUNDS = 25;

    private ThreadStorm() {}

    /** Runs it to the end in every thread; the first failure is this call's. */
    static void run(Round round) {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        CyclicBarrier start = new CyclicBarrier(THREADS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                running.add(threads.submit(() -> {
                    start.await();
                    for (int j = 0; j < ROUNDS; j++) {
                        round.run(thread, j);
                    }
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError("one of " + THREADS + " threads failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** What a thread does each time. */
    interface Round {
        void run(int thread, int round);
    }
}
