package io.keywrap.provider;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where those are told who want to hear that their lease has ended: daemon threads that are there only while needed, so that
 * whoever finds out that a KEK was revoked is not kept from his work, and nobody from hearing it by another who is slow.
 */
final class Tellers implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(Tellers.class);
    private static final int MOST = 64;
    private static final int IDLE_SECONDS = 1;

    /** All registries of this JVM share them. */
    static final Tellers SHARED = new Tellers("keywrap-ends-");

    /** Where a KMS may have to be asked whether a lease has ended, which nobody else is to wait for. */
    static final Tellers ASKING = new Tellers("keywrap-asks-");

    private final ThreadPoolExecutor threads;

    private Tellers(String name) {
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                MOST, MOST, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    // Without the thread locals and the class loader of whoever happens to come first.
                    Thread thread = new Thread(null, task, name + number.incrementAndGet(), 0, false);
                    thread.setContextClassLoader(null);
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** Never waits, and throws nothing: what is not told ends at its next use all the same. */
    @Override
    public void execute(Runnable action) {
        try {
            threads.execute(() -> run(action));
        } catch (RuntimeException | Error e) { // Such as no room for a thread.
            LOG.warn("nobody could be told that a lease has ended", e);
        }
    }

    private static void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("what was to be done at the end of a lease failed", e);
        }
    }
}
