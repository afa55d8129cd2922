package io.keywrap.rewrap;

import io.keywrap.Deadline;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.TimeSource;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekReach;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.RewrapPlan.Calls;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Every call of a KMS that a run makes goes through here: at the rate, so many at once, and none any more of a KEK that has
 * refused for good, or does not answer at all. Thread-safe.
 */
final class Gate {
    private static final int DOUBTFUL_ANSWERS = 3;
    private static final int THROTTLED_ANSWERS = 64;

    private final KeyProviders providers;
    private final TimeSource time;
    private final double rate;
    private final Semaphore turns;
    private final Map<KekId, Rate> rates = new ConcurrentHashMap<>();
    private final Map<Asked, Failing> failing = new ConcurrentHashMap<>();
    private final Map<Counted, LongAdder> counts = new ConcurrentHashMap<>();

    Gate(KeyProviders providers, double rate, int callsAtOnce) {
        this.providers = providers;
        this.time = providers.time();
        this.rate = rate;
        this.turns = new Semaphore(callsAtOnce);
    }

    /** What fails together: an operation, of a version of a KEK where wraps name it, or with another KEK. */
    record Asked(KekId kekId, Operation operation, String version) {}

    private record Counted(KekId kekId, Operation operation) {}

    /** Calls in a row that failed, and why; from some number on no more are made. */
    private record Failing(KekException failure, int times) {}

    /** Makes a call when its turn has come. */
    <T> T call(Asked asked, Function<Deadline, T> action) {
        return call(asked, null, action);
    }

    /** Makes a call that counts on a second KEK too. */
    <T> T call(Asked asked, @Nullable KekId second, Function<Deadline, T> action) {
        begin(asked, second);
        try {
            T answer = action.apply(providers.foregroundDeadline());
            worked(asked);
            return answer;
        } catch (KekException e) {
            failed(asked, e);
            throw e;
        } finally {
            end();
        }
    }

    /** Waits for a turn, which is given back by {@link #end}. */
    void begin(Asked asked, @Nullable KekId second) {
        requireNotRefused(asked);
        await(asked.kekId());
        if (second != null && !second.equals(asked.kekId())) {
            await(second);
        }
        turns.acquireUninterruptibly();
        try {
            requireNotRefused(asked); // By those who were before.
        } catch (KekException e) {
            turns.release();
            throw e;
        }
        counts.computeIfAbsent(new Counted(asked.kekId(), asked.operation()), key -> new LongAdder())
                .increment();
    }

    void end() {
        turns.release();
    }

    void worked(Asked asked) {
        failing.remove(asked);
    }

    void failed(Asked asked, KekException failure) {
        if (failure instanceof KekThrottledException) {
            rate(asked.kekId()).slower(time.nanoTime());
        }
        if (failure instanceof InvalidWrappedDekException) { // That is of one wrap, and an answer.
            worked(asked);
        } else {
            failing.merge(
                    asked,
                    new Failing(failure.withoutTrace(), 1),
                    (before, now) -> new Failing(now.failure(), before.times() + 1));
        }
    }

    /** What has refused for good is not asked again in this run: all else under it ends alike. */
    private void requireNotRefused(Asked asked) {
        Failing known = failing.get(asked);
        if (known != null && known.times() >= most(known.failure())) {
            throw known.failure();
        }
    }

    private static int most(KekException failure) {
        if (failure instanceof KekThrottledException) {
            return THROTTLED_ANSWERS;
        }
        boolean doubtful = failure.retryable()
                || failure instanceof KekConfigurationException
                || (failure instanceof KekRevokedException revoked && revoked.reason() == Reason.DENIED);
        return doubtful ? DOUBTFUL_ANSWERS : 1;
    }

    private void await(KekId kekId) {
        Rate turn = rate(kekId);
        boolean throttled = providers
                .states()
                .worst(kekId)
                .filter(standing -> standing.reach() == KekReach.THROTTLED)
                .isPresent();
        if (throttled) { // And is being asked again by another thread.
            turn.slower(time.nanoTime());
        }
        long wait = turn.waitNanos(time.nanoTime());
        if (wait > 0) {
            sleep(time, Duration.ofNanos(wait));
        }
    }

    /** Threads of a run are not interrupted by anybody; where one is, it does not wait. */
    static void sleep(TimeSource time, Duration duration) {
        try {
            time.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Rate rate(KekId kekId) {
        return rates.computeIfAbsent(kekId, id -> new Rate(rate, time.nanoTime()));
    }

    /** What was asked so far. */
    List<Calls> calls() {
        return sorted(counts.entrySet().stream()
                .map(pair -> new Calls(
                        pair.getKey().kekId(),
                        pair.getKey().operation(),
                        pair.getValue().sum()))
                .toList());
    }

    static List<Calls> sorted(List<Calls> calls) {
        return calls.stream()
                .sorted(Comparator.comparing((Calls one) -> one.kekId().uri()).thenComparing(Calls::operation))
                .toList();
    }
}
