package io.keywrap.provider;

import io.keywrap.CallPurpose;
import io.keywrap.Deadline;
import io.keywrap.TimeSource;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * How unwrapped DEKs are kept; the builder of {@link KeyProviders} says what each means.
 *
 * @param deadline how long a DEK may be used after it was proven; zero keeps none
 * @param entries the most that are kept
 * @param entriesPerKeychain the most that one keychain has of these
 * @param sealed whether they are sealed while nobody uses them
 * @param refusalsFor how long a refusal is repeated without asking
 * @param maxInFlight how long a lease goes on without a proof
 * @param budgets how long calls may take, by their purpose
 */
record CacheOptions(
        Duration deadline,
        int entries,
        int entriesPerKeychain,
        boolean sealed,
        Duration refusalsFor,
        Duration maxInFlight,
        Map<CallPurpose, Duration> budgets) {
    static final Duration MAX_BUDGET = Duration.ofMinutes(10);
    static final Duration MAX_DEADLINE = Duration.ofHours(24);
    static final int MAX_CALLS = 10_000;
    static final int MAX_ENTRIES = 1_000_000;

    /** How long calls may take by default. */
    static final Map<CallPurpose, Duration> BUDGETS = Map.of(
            CallPurpose.FOREGROUND, Duration.ofSeconds(10),
            CallPurpose.REFRESH, Duration.ofSeconds(5),
            CallPurpose.CANARY, Duration.ofSeconds(5));

    /** Leases of DEKs that are not kept are proven again this often. */
    private static final Duration RENEWAL_OF_NOT_KEPT = Duration.ofMinutes(1);

    private static final Duration LEAST_PAUSE = Duration.ofSeconds(1);

    /** What is chosen so far, with the defaults of the rest. Not thread-safe. */
    static final class Draft {
        final Map<CallPurpose, Duration> budgets = new EnumMap<>(BUDGETS);
        Duration deadline = Duration.ofMinutes(5);
        int entries = 10_000;
        int entriesPerKeychain = 1_000;
        boolean sealed = true;
        Duration refusalsFor = Duration.ofSeconds(5);
        Duration maxInFlight = Duration.ofHours(24);

        CacheOptions done() {
            return new CacheOptions(
                    deadline, entries, entriesPerKeychain, sealed, refusalsFor, maxInFlight, Map.copyOf(budgets));
        }
    }

    Deadline deadlineOf(CallPurpose purpose, TimeSource time) {
        return Deadline.of(purpose, Objects.requireNonNull(budgets.get(purpose)), time);
    }

    boolean keepsDeks() {
        return !deadline.isZero();
    }

    /** When a DEK that is leased must be proven again. */
    long renewalNanos() {
        return (keepsDeks() ? deadline : RENEWAL_OF_NOT_KEPT).toNanos();
    }

    /** When a DEK in use is refreshed: at 80 % of its deadline, so that there are 1.25 calls for each deadline at most. */
    long refreshNanos() {
        return renewalNanos() / 10 * 8;
    }

    /** How long after a failure a refresh is not tried again. */
    long pauseNanos() {
        return Math.max(LEAST_PAUSE.toNanos(), renewalNanos() / 50);
    }
}
