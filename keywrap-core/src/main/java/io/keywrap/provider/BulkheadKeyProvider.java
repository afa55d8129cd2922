package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.KekException.Failure;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets only so many calls of one KEK be under way at once, so that a KEK that hangs holds a bounded number of threads and
 * connections and disturbs no other. The rest wait for their turn, first come first served, until their deadline.
 */
final class BulkheadKeyProvider extends ForwardingKeyProvider {
    private final int most;
    private final Semaphore turns;

    BulkheadKeyProvider(KeyProvider next, int most) {
        super(next);
        this.most = most;
        this.turns = new Semaphore(most, true);
    }

    @Override
    <T> T call(Deadline deadline, Supplier<T> action) {
        takeTurn(deadline);
        try {
            return action.get();
        } finally {
            turns.release();
        }
    }

    private void takeTurn(Deadline deadline) {
        try {
            if (!turns.tryAcquire(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new KekThrottledException(Failure.of(
                                kekId(), "its " + most + " calls under way left no turn in time, so it was not called")
                        .operatorAction("find out why this KEK answers slowly; call it less often at once"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            // An interrupted thread does not wait, but need not fail where nobody else is waiting.
            if (!turns.tryAcquire()) {
                throw new KekUnreachableException(Failure.of(kekId(), "the thread was interrupted before its turn")
                        .operatorAction("try again, unless the work was cancelled")
                        .cause(e));
            }
        }
    }
}
