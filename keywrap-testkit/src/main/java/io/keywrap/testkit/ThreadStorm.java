package io.keywrap.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads that begin at the same time, and are not waited for without end. */
final class ThreadStorm {
    static final int THREADS = 8;
    static final int ROUNDS = 25;

    /** Much more than anything takes that ends. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private ThreadStorm() {}

    /** Does one thing many times over in many threads; the first failure is this call's. */
    static void run(Round round) {
        List<Callable<Object>> tasks = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            tasks.add(() -> {
                for (int j = 0; j < ROUNDS; j++) {
                    round.run(thread, j);
                }
                return thread;
            });
        }
        together(tasks, PATIENCE);
    }

    /** Does each thing in a thread of its own; what came of each, in their order. */
    static <T> List<T> together(List<Callable<T>> tasks) {
        return together(tasks, PATIENCE);
    }

    static <T> List<T> together(List<Callable<T>> tasks, Duration patience) {
        List<Thread> made = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size(), intoAList(made));
        long end = System.nanoTime() + patience.toNanos();
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> one : begun(tasks, threads)) {
                results.add(one.get(end - System.nanoTime(), TimeUnit.NANOSECONDS));
            }
            return results;
        } catch (ExecutionException e) {
            throw new AssertionError("one of " + tasks.size() + " threads failed", e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("the threads have not ended after " + patience + dump(made), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static <T> List<Future<T>> begun(List<Callable<T>> tasks, ExecutorService threads) {
        CyclicBarrier start = new CyclicBarrier(tasks.size());
        List<Future<T>> running = new ArrayList<>();
        for (Callable<T> task : tasks) {
            running.add(threads.submit(() -> {
                start.await();
                return task.call();
            }));
        }
        return running;
    }

    /** Daemons, so that one that never ends does not keep the JVM. */
    private static ThreadFactory intoAList(List<Thread> made) {
        return task -> {
            Thread thread = new Thread(task, "keywrap-storm-" + made.size());
            thread.setDaemon(true);
            made.add(thread);
            return thread;
        };
    }

    private static String dump(List<Thread> threads) {
        StringBuilder text = new StringBuilder();
        Map<Thread, StackTraceElement[]> stacks = Thread.getAllStackTraces();
        for (Thread thread : threads) {
            text.append("\n").append(thread.getName()).append(" ").append(thread.getState());
            for (StackTraceElement frame : stacks.getOrDefault(thread, new StackTraceElement[0])) {
                text.append("\n    at ").append(frame);
            }
        }
        return text.toString();
    }

    /** What a thread does each time. */
    interface Round {
        void run(int thread, int round);
    }
}
