package io.keywrap.revocation;

import io.keywrap.CallPurpose;
import io.keywrap.codec.Limits;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.KekInventory.Unsealed;
import io.keywrap.revocation.KekInventory.Use;
import io.keywrap.store.KeychainStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the KEKs that the keychains of a store depend on, so that a revocation is noticed within a stated time even where
 * nobody uses the KEK just then.
 *
 * <pre>{@code
 * KekMonitor monitor = KekMonitor.builder(store, providers).seal(KeychainSeal.wrappedBy(vendorKek)).build();
 * monitor.start();
 * Duration longest = monitor.bound(); // from the customer's click to the end of all leases in this JVM
 * }</pre>
 *
 * <p>It asks by canaries: unwraps of wraps that the store has anyway, one for each version of a KEK that is CONTROL or REPLICA.
 * It never wraps and never makes a key. What a canary unwraps is wiped at once. Every answer goes where those of other calls
 * go, to {@link KeyProviders#states()}, and what follows from it follows there. Of the JVMs that share a store with
 * {@link io.keywrap.store.StoreNotes} one monitors; the others hear from it and ask by themselves before they believe it, and
 * ask more seldom for what they use themselves, whoever says that it monitors.
 *
 * <p><b>Security:</b> a wrap becomes a canary only after the seal of its record was checked; keychains whose seals do not hold
 * are {@link #unsealed}. Counts are of all records, sealed or not.
 *
 * <p><b>Thread safety:</b> thread-safe. Only {@link #step} blocks on a KMS or the store.
 *
 * <p><b>Source:</b> docs/guides/revocation.md.
 */
public final class KekMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KekMonitor.class);
    private static final Duration SURVEY = Duration.ofSeconds(1);

    private final KeyProviders providers;
    private final MonitorOptions options;
    private final Canaries canaries;
    private final Probes probes;
    private final Watches watches;
    private final StoreRounds rounds;
    private final Statuses statuses;
    private final Deadlines deadlines;
    private final Lacks lacks = new Lacks();
    private final Unvouched unsealed = new Unvouched();
    private final MonitorThreads threads;
    private final long origin;
    private long nextSurvey;

    private KekMonitor(Builder builder, KeychainSeal seal) {
        this.providers = builder.providers;
        this.options = builder.options();
        this.origin = providers.time().nanoTime();
        this.canaries = new Canaries(builder.store, providers, seal);
        this.watches = new Watches(options, builder.random, providers.states());
        this.probes = new Probes(providers, canaries, watches, unsealed);
        this.rounds = new StoreRounds(builder.store, providers, options, canaries, watches, unsealed, this::now);
        this.statuses = new Statuses(providers, builder.random);
        this.deadlines = new Deadlines(providers.states());
        this.threads = new MonitorThreads(options.concurrency(), this::launch, builder.threads);
    }

    /**
     * Begins a monitor.
     *
     * @param store whose KEKs are watched; stays the caller's
     * @param providers the KEKs, which must be those that the keychains use; stay the caller's
     * @return a builder
     */
    public static Builder builder(KeychainStore store, KeyProviders providers) {
        return new Builder(store, providers);
    }

    /** Counted from the making of the monitor, so that it never overflows. */
    private long now() {
        return providers.time().nanoTime() - origin;
    }

    /**
     * Begins to watch in the background: on one thread that keeps the time, and up to {@link Builder#concurrency} and one
     * others, all daemons. Harmless when repeated.
     *
     * @throws IllegalStateException if the monitor was closed
     */
    public void start() {
        if (options.canaries()) {
            threads.start();
        } else {
            LOG.info("this host may not unwrap: it monitors no KEK");
        }
    }

    /**
     * Does everything that is due by now and waits until it is done; for tests, and for those who have a scheduler of their
     * own.
     *
     * @return how long there is nothing to do
     * @throws IllegalStateException if the monitor was closed
     */
    public Duration step() {
        if (!options.canaries()) {
            return options.scan();
        }
        long wait;
        do {
            wait = launch();
        } while (threads.awaitAll() > 0);
        return Duration.ofNanos(wait);
    }

    /** Begins all that is due and possible, and tells how long there is nothing more to begin. */
    private synchronized long launch() {
        long now = now();
        if (now >= nextSurvey) {
            nextSurvey = now + SURVEY.toNanos();
            survey(now);
        }
        boolean storeIsDue = rounds.nextAt() <= now;
        if (storeIsDue) {
            threads.runOnStore(rounds::run);
        }
        launchCanaries(now);
        launchStatus(now);
        long next = Math.min(nextSurvey, Math.min(rounds.nextAt(), watches.nextAt(now)));
        return Math.max(0, next - now);
    }

    private void launchCanaries(long now) {
        String sealService = canaries.sealService();
        while (threads.hasRoom()) {
            Optional<Watch> watch = watches.take(sealService, now);
            if (watch.isEmpty()) {
                return;
            }
            boolean begun = false;
            try {
                threads.run(() -> probes.send(watch.get(), this::now));
                begun = true;
            } finally {
                if (!begun) { // Or it would never be asked again.
                    watches.landed(watch.get(), false, now);
                }
            }
        }
    }

    private void launchStatus(long now) {
        statuses.due(now).ifPresent(kekId -> {
            if (threads.hasRoom()
                    && watches.takeCall(providers.provider(kekId).place().service(), now)) {
                statuses.begin(kekId, now);
                threads.run(() -> statuses.ask(kekId, now));
            }
        });
    }

    private void survey(long now) {
        List<KekStanding> standings = providers.states().all();
        rounds.suspect(watches.hear(standings, now));
        watches.survey(now);
        List<Watch> all = watches.all();
        lacks.check(all, options.longestInUse(), watches.stretch(), now);
        if (!rounds.isHolder()) {
            watches.retainOwnInUse(now);
            rounds.used(watches.usedAndNotWatched(standings, providers.time().now()));
        } else {
            statuses.keks(all, now);
            deadlines.check(
                    standings,
                    all,
                    statuses.expiries(),
                    rounds.tally(),
                    providers.time().now());
        }
    }

    /**
     * How long it takes at most until this JVM, while it is the one that monitors, notices that a KEK in use was withdrawn in a
     * way that its KMS names, such as a key that is disabled: the interval with its jitter, stretched as far as the budget makes
     * it, one call, and a second for its turn. What the cloud takes to spread the change comes before.
     *
     * <p>Other JVMs notice {@link Builder#lease} / 3 and one call later. A denial takes {@link #boundOfDenials}.
     *
     * @return the time as of now; it grows with the number of KEKs
     */
    public Duration bound() {
        Duration interval = Duration.ofNanos((long) (options.longestInUse().toNanos() * watches.stretch()));
        return interval.plus(oneCall()).plus(SURVEY);
    }

    /**
     * As {@link #bound}, for a KEK that is denied to us, which two further canaries have to confirm.
     *
     * @return the time as of now
     */
    public Duration boundOfDenials() {
        return bound().plus(MonitorOptions.longestConfirmation())
                .plus(oneCall().plus(SURVEY).multipliedBy(2));
    }

    private Duration oneCall() {
        return providers.deadline(CallPurpose.CANARY).remaining();
    }

    /**
     * Whether this JVM is the one that monitors the store now.
     *
     * @return true if it is; always where the store has no notes
     */
    public boolean isHolder() {
        return options.canaries() && rounds.isHolder();
    }

    /**
     * How many versions of KEKs are watched here now.
     *
     * @return the number
     */
    public int watched() {
        return watches.size();
    }

    /**
     * What the store depends on, as of its last complete reading; counted without a look at seals.
     *
     * @return as {@link KekInventory#uses}; empty before the first reading, and in JVMs that do not monitor
     */
    public List<Use> uses() {
        return rounds.tally().uses();
    }

    /**
     * Keychains that could have given a canary, and did not, since their records are not what keywrap wrote.
     *
     * @return at most 10,000 of them
     */
    public List<Unsealed> unsealed() {
        return unsealed.all();
    }

    /**
     * Ends the threads, interrupts what they do and waits for it, 5 seconds at the most, and gives the lease back. Harmless when
     * repeated.
     */
    @Override
    public void close() {
        if (threads.close() && options.canaries()) {
            rounds.close();
        }
    }

    /** Options of {@link KekMonitor}. Not thread-safe. */
    public static final class Builder {
        private final KeychainStore store;
        private final KeyProviders providers;
        private Optional<KeychainSeal> seal = Optional.empty();
        private Duration inUse = Duration.ofSeconds(60);
        private Duration idle = Duration.ofMinutes(5);
        private Duration scan = Duration.ofMinutes(15);
        private Duration lease = Duration.ofSeconds(30);
        private int callsPerSecond = 20;
        private Optional<Integer> callsPerSecondOfService = Optional.empty();
        private int concurrency = 8;
        private boolean canaries = true;
        RandomGenerator random = new Random();
        ThreadFactory threads = Thread::new;

        private Builder(KeychainStore store, KeyProviders providers) {
            this.store = store;
            this.providers = providers;
        }

        /**
         * Who vouches for the records. Must be given, and the same as for the keychains.
         *
         * @param whose the seal
         * @return this
         */
        public Builder seal(KeychainSeal whose) {
            seal = Optional.of(whose);
            return this;
        }

        /**
         * How long after a canary the next is sent, a fifth more or less: by default 60 seconds for a KEK that was used within
         * the last hour, and 5 minutes for another.
         *
         * @param used for one that is used, 5 seconds to 1 hour
         * @param unused for others, not less, at most 24 hours
         * @return this
         */
        public Builder interval(Duration used, Duration unused) {
            inUse = Limits.within("an interval", used, Duration.ofSeconds(5), Duration.ofHours(1));
            idle = Limits.within("the interval of KEKs that are not used", unused, used, Duration.ofHours(24));
            return this;
        }

        /**
         * How often the whole store is read to find out which KEKs it depends on; every 15 minutes by default. The reading is
         * spread over half of that.
         *
         * @param interval 1 minute to 24 hours
         * @return this
         */
        public Builder scan(Duration interval) {
            scan = Limits.within("an interval of readings", interval, Duration.ofMinutes(1), Duration.ofHours(24));
            return this;
        }

        /**
         * How long the JVM that monitors may say nothing before another takes over; 30 seconds by default. It says so three times
         * in that time, and the others look as often.
         *
         * @param duration 3 seconds to 10 minutes
         * @return this
         */
        public Builder lease(Duration duration) {
            lease = Limits.within("a lease", duration, Duration.ofSeconds(3), Duration.ofMinutes(10));
            return this;
        }

        /**
         * How many calls are made in any second, of all KMS together and of one service; 20 by default, of one service as of all.
         * If there are more KEKs than that is enough for, all intervals become longer alike.
         *
         * @param ofAll 1 to 10,000
         * @param ofService 1 to {@code ofAll}
         * @return this
         */
        public Builder callsPerSecond(int ofAll, int ofService) {
            callsPerSecond = Limits.within("calls a second are", ofAll, 10_000);
            callsPerSecondOfService = Optional.of(Limits.within("calls a second of one service are", ofService, ofAll));
            return this;
        }

        /**
         * How many calls are under way at once, and how many threads there are for them; 8 by default.
         *
         * @param calls 1 to 256
         * @return this
         */
        public Builder concurrency(int calls) {
            concurrency = Limits.within("calls at once are", calls, 256);
            return this;
        }

        /**
         * Makes a monitor that does nothing, for hosts that may wrap and not unwrap: a canary would be denied to them.
         *
         * @return this
         */
        public Builder wrapOnly() {
            canaries = false;
            return this;
        }

        /** Where the jitter comes from, in tests. */
        Builder random(RandomGenerator generator) {
            random = generator;
            return this;
        }

        private MonitorOptions options() {
            return new MonitorOptions(
                    inUse,
                    idle,
                    scan,
                    lease,
                    callsPerSecond,
                    callsPerSecondOfService.orElse(callsPerSecond),
                    concurrency,
                    canaries);
        }

        /**
         * Makes the monitor; it does nothing until it is started.
         *
         * @return the monitor
         * @throws IllegalStateException if the seal is missing
         */
        public KekMonitor build() {
            return new KekMonitor(
                    this,
                    seal.orElseThrow(() -> new IllegalStateException("say who vouches for the records: seal(…)")));
        }
    }
}
