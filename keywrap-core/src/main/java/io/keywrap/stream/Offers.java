package io.keywrap.stream;

import io.keywrap.stream.Workers.Offer;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An executor of a caller's, which gets its tasks from a thread of ours. Its {@code execute} may block for ever, as that of a
 * pool does that waits for room and whose threads are all callers; it may fail, or do the task itself. None of this is to stop,
 * or to occupy, whoever has something to offer.
 *
 * <p>The thread is there only while there is something to offer. While it is stuck, a few offers wait, and others are
 * refused.
 */
final class Offers implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(Offers.class);
    private static final int MOST_WAITING = 256;

    /** Short, since some make a cipher with their executor for each object. */
    private static final Duration IDLE = Duration.ofMillis(100);

    private final Executor executor;
    private final ThreadPoolExecutor thread = Daemons.pool(1, IDLE, MOST_WAITING, "keywrap-offers-");

    Offers(Executor executor) {
        this.executor = executor;
    }

    /** Never blocks. */
    @Override
    public void execute(Runnable task) {
        thread.execute(() -> give((Offer) task));
    }

    private void give(Offer task) {
        Thread here = Thread.currentThread();
        try {
            executor.execute(() -> {
                if (here.equals(Thread.currentThread())) { // Work for the executor's threads, or else for the caller.
                    task.refused();
                } else {
                    task.run();
                }
            });
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            task.refused();
        } catch (Throwable e) { // Other languages throw checked exceptions that no method declares.
            task.refused();
            LOG.warn("an executor failed to take a task, which is done without it", e);
        }
    }
}
