package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekUnreachableException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Of many callers who want the same unwrapped, one calls the KMS and the others wait for its answer. A verdict holds for
 * all of them. A failure that may pass holds for the one whose time was up; who has time left tries again.
 */
final class SingleFlight {
    private final ConcurrentMap<UnwrapKey, CompletableFuture<CachedDek>> underWay = new ConcurrentHashMap<>();

    /** Makes the call, or waits for the one that is under way. */
    CachedDek join(UnwrapKey key, Deadline deadline, Supplier<CachedDek> call) {
        while (true) {
            CompletableFuture<CachedDek> mine = new CompletableFuture<>();
            CompletableFuture<CachedDek> others = underWay.putIfAbsent(key, mine);
            if (others == null) {
                return lead(key, mine, call);
            }
            try {
                return others.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                Throwable cause = Objects.requireNonNull(e.getCause());
                if (!(cause instanceof KekException failure) || !failure.retryable()) {
                    throw rethrown(cause);
                }
                if (deadline.expired()) {
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

    private CachedDek lead(UnwrapKey key, CompletableFuture<CachedDek> mine, Supplier<CachedDek> call) {
        try {
            CachedDek answer = call.get();
            mine.complete(answer);
            return answer;
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            underWay.remove(key, mine);
        }
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
