package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekUnreachableException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Of many callers who want the same unwrapped, one calls the KMS and the others wait for its answer. A verdict holds for
 * all of them. A failure that may pass holds for whoever has no more time left than the one that gave up; who has more
 * tries again. So the KMS is not asked by each of them when it fails, or asks to be left alone, for longer than they have.
 */
final class SingleFlight {
    /** Callers who came together have the same time, but for what it takes to begin and to wake up. */
    private static final Duration SAME_TIME = Duration.ofSeconds(1);

    private final ConcurrentMap<UnwrapKey, Flight> underWay = new ConcurrentHashMap<>();

    /** Makes the call, or waits for the one that is under way. */
    CachedDek join(UnwrapKey key, Deadline deadline, Supplier<CachedDek> call) {
        while (true) {
            Flight mine = new Flight();
            Flight others = underWay.putIfAbsent(key, mine);
            if (others == null) {
                return lead(key, mine, deadline, call);
            }
            try {
                return others.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                Throwable cause = Objects.requireNonNull(e.getCause());
                if (!(cause instanceof KekException failure) || !failure.retryable()) {
                    throw rethrown(cause);
                }
                if ((deadline.remaining().compareTo(others.timeLeft.plus(SAME_TIME)) <= 0 && !others.interrupted)
                        || deadline.expired()) {
                    throw failure;
                }
            } catch (TimeoutException e) {
                throw unanswered(key, "another call for the same DEK was not answered in time", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw unanswered(key, "the thread was interrupted while it waited for the DEK", e);
            }
        }
    }

    /** Lets nobody wait any longer for what is known by now. Whoever makes the call hears its own answer. */
    void end(Predicate<UnwrapKey> which, KekException failure) {
        underWay.forEach((key, flight) -> {
            if (which.test(key) && underWay.remove(key, flight)) { // Who comes later asks again.
                flight.completeExceptionally(failure);
            }
        });
    }

    private CachedDek lead(UnwrapKey key, Flight mine, Deadline deadline, Supplier<CachedDek> call) {
        try {
            CachedDek answer = call.get();
            mine.complete(answer);
            return answer;
        } catch (RuntimeException | Error e) {
            mine.timeLeft = deadline.remaining();
            mine.interrupted = Thread.currentThread().isInterrupted();
            mine.completeExceptionally(e);
            throw e;
        } finally {
            underWay.remove(key, mine);
        }
    }

    /** A call under way. Why it gave up is told before it is completed. */
    private static final class Flight extends CompletableFuture<CachedDek> {
        private volatile Duration timeLeft = Duration.ZERO;
        private volatile boolean interrupted;
    }

    private static RuntimeException rethrown(Throwable cause) {
        if (cause instanceof RuntimeException runtime) {
            return runtime;
        }
        throw (Error) cause;
    }

    private static KekUnreachableException unanswered(UnwrapKey key, String what, Exception cause) {
        return new KekUnreachableException(Failure.of(key.kekId(), what)
                .operatorAction("check the network and the health of the KMS; it can be tried again")
                .cause(cause));
    }
}
