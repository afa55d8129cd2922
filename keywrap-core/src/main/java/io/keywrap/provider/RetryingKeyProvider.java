package io.keywrap.provider;

import io.keywrap.CallPurpose;
import io.keywrap.Deadline;
import io.keywrap.KekException;
import io.keywrap.TimeSource;
import io.keywrap.provider.KekEvent.Operation;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats calls that failed for a while only: outages and throttling, never a verdict. Everything counts to the deadline
 * of the call; a wait that would reach it is not begun, and the last failure is told.
 *
 * <p>Waits are random between nothing and a bound that doubles, "full jitter" of <i>Exponential Backoff and Jitter</i>,
 * AWS Architecture Blog, 2015: callers that failed together do not come back together. A provider that says how long to
 * wait is believed up to a cap.
 */
final class RetryingKeyProvider extends ForwardingKeyProvider {
    private static final Logger LOG = LoggerFactory.getLogger(RetryingKeyProvider.class);
    private static final Duration FIRST_BOUND = Duration.ofMillis(100);
    private static final Duration LAST_BOUND = Duration.ofSeconds(2);
    private static final Duration LONGEST_WISH = Duration.ofSeconds(30);

    private final TimeSource time;
    private final DoubleSupplier random;

    RetryingKeyProvider(KeyProvider next, TimeSource time) {
        this(next, time, () -> ThreadLocalRandom.current().nextDouble());
    }

    /** With a source of numbers from 0 to 1. */
    RetryingKeyProvider(KeyProvider next, TimeSource time, DoubleSupplier random) {
        super(next);
        this.time = time;
        this.random = random;
    }

    @Override
    <T> T call(Operation operation, Deadline deadline, Supplier<T> action) {
        @Nullable KekException before = null;
        for (Duration bound = FIRST_BOUND; ; bound = doubled(bound)) {
            try {
                return action.get();
            } catch (KekException e) {
                // A canary's next attempt is its monitor's, which counts them.
                boolean again = e.retryable() && deadline.purpose() != CallPurpose.CANARY;
                if (!again || !waited(pause(e, bound), deadline)) {
                    throw telling(before, e, deadline);
                }
                before = e;
                LOG.debug(
                        "a call of KEK {} is tried again after {}",
                        kekId(),
                        e.getClass().getName());
            }
        }
    }

    /** An attempt that the deadline cut short tells less than the one before it. */
    private static KekException telling(@Nullable KekException before, KekException last, Deadline deadline) {
        if (before == null || !last.retryable() || !deadline.expired()) {
            return last;
        }
        // A provider may throw the same one again, in this call or in all: so that it does not grow for ever.
        if (!before.equals(last) && before.getSuppressed().length == 0) {
            before.addSuppressed(last);
        }
        return before;
    }

    /** Waits, and tells whether there is time for another call. */
    private boolean waited(Duration pause, Deadline deadline) {
        if (pause.compareTo(deadline.remaining()) >= 0) {
            return false;
        }
        try {
            time.sleep(pause);
            return !deadline.expired();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Duration pause(KekException e, Duration bound) {
        Duration jittered = Duration.ofNanos((long) (random.getAsDouble() * bound.toNanos()));
        return e.retryAfter()
                .map(wish -> wish.compareTo(LONGEST_WISH) < 0 ? wish : LONGEST_WISH)
                .map(wish -> wish.plus(jittered))
                .orElse(jittered);
    }

    private static Duration doubled(Duration bound) {
        Duration doubled = bound.multipliedBy(2);
        return doubled.compareTo(LAST_BOUND) < 0 ? doubled : LAST_BOUND;
    }
}
