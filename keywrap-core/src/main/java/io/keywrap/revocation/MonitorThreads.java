package io.keywrap.revocation;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that keeps the time, and a few that make calls. Thread-safe. */
final class MonitorThreads {
    private static final Logger LOG = LoggerFactory.getLogger(MonitorThreads.class);
    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int IDLE_SECONDS = 10;
    private static final int LONGEST_CLOSE_SECONDS = 5;

    private final int concurrency;
    private final LongSupplier launch;
    private final ThreadFactory factory;
    private final ThreadPoolExecutor pool;
    private boolean started;
    private boolean closed;
    private boolean wake;
    private int calls;
    private boolean onStore;
    private int ended;

    MonitorThreads(int concurrency, LongSupplier launch, ThreadFactory factory) {
        this.concurrency = concurrency;
        this.launch = launch;
        this.factory = factory;
        AtomicInteger number = new AtomicInteger();
        pool = new ThreadPoolExecutor(
                concurrency + 1,
                concurrency + 1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> daemon(task, "keywrap-monitor-" + number.incrementAndGet()));
        pool.allowCoreThreadTimeOut(true);
    }

    private Thread daemon(Runnable task, String name) {
        Thread thread = factory.newThread(task);
        thread.setName(name);
        thread.setDaemon(true);
        return thread;
    }

    synchronized void start() {
        requireOpen();
        if (!started) {
            started = true;
            daemon(this::loop, "keywrap-monitor").start();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the monitor was closed");
        }
    }

    private void loop() {
        while (true) {
            long wait = LONGEST_WAIT_NANOS;
            try {
                wait = launch.getAsLong();
            } catch (RuntimeException | Error e) { // Such as providers that were closed before.
                warn(e);
            }
            synchronized (this) {
                if (closed || !waited(wait)) {
                    return;
                }
            }
        }
    }

    /** Who closes the monitor may close the providers too before it has seen that. */
    private synchronized void warn(Throwable failure) {
        if (!closed) {
            LOG.warn("the monitor failed; it tries again", failure);
        }
    }

    /** Waits for the time to pass or a call to end; a clock that is not of this machine is looked at now and then. */
    private boolean waited(long nanos) {
        long until =
                System.nanoTime() + Math.max(TimeUnit.MILLISECONDS.toNanos(1), Math.min(nanos, LONGEST_WAIT_NANOS));
        try {
            while (!wake && !closed && until - System.nanoTime() > 0) {
                wait(1 + TimeUnit.NANOSECONDS.toMillis(Math.max(0, until - System.nanoTime())));
            }
            wake = false;
            return !closed;
        } catch (InterruptedException e) {
            return false; // Nobody but whoever ends this JVM.
        }
    }

    synchronized boolean hasRoom() {
        return !closed && calls < concurrency;
    }

    /** Makes a call, of which {@link #hasRoom} has said that it may be. */
    synchronized void run(Runnable call) {
        calls++;
        submit(call, () -> calls--);
    }

    /** Does a piece of work with the store, unless the one before is still under way. */
    synchronized void runOnStore(Runnable work) {
        if (!onStore && !closed) {
            onStore = true;
            submit(work, () -> onStore = false);
        }
    }

    private void submit(Runnable task, Runnable after) {
        try {
            begin(task, after);
        } catch (RuntimeException | Error e) { // Such as no room for a thread: it is tried again.
            after.run();
            throw e;
        }
    }

    private void begin(Runnable task, Runnable after) {
        pool.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.warn("the monitor failed at one of its tasks", e);
            } finally {
                synchronized (this) {
                    after.run();
                    ended++;
                    wake = true;
                    notifyAll();
                }
            }
        });
    }

    /** Waits until nothing is under way, and tells how many tasks have ended since it was called last. */
    synchronized int awaitAll() {
        requireOpen();
        try {
            while (calls > 0 || onStore) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
        int count = ended;
        ended = 0;
        return count;
    }

    /** Ends what is under way, and tells whether it was open until now. */
    boolean close() {
        synchronized (this) {
            if (closed) {
                return false;
            }
            closed = true;
            notifyAll();
        }
        pool.shutdownNow();
        try {
            if (!pool.awaitTermination(LONGEST_CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a call of the monitor goes on after its end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }
}
