package io.keywrap.stream;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Daemon threads that end when they are idle, and that have nothing of whoever happens to need them first. */
final class Daemons {
    private Daemons() {}

    /** So many threads at most, which end when they are idle for so long, and so many tasks that wait for one, and no more. */
    static ThreadPoolExecutor pool(int threads, Duration idle, int mostWaiting, String name) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                idle.toMillis(),
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(mostWaiting),
                task -> {
                    // Without the thread locals and the class loader of whoever happens to come first.
                    Thread thread = new Thread(null, task, name + number.incrementAndGet(), 0, false);
                    thread.setContextClassLoader(null);
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
