package io.keywrap.rewrap;

import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.Goal.Pass;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Gives the keychains of a store new primary DEKs by age, those too that nobody writes to any more and that would never rotate by
 * themselves. Older DEKs go on decrypting; data is neither read nor written.
 *
 * <pre>{@code
 * RewrapReport report = DekRotation.builder(store, providers)
 *         .seal(KeychainSeal.wrappedBy(vendorKek))
 *         .olderThan(Duration.ofDays(90))
 *         .build()
 *         .run();
 * }</pre>
 *
 * <p>A use of a keychain whose primary is older gets a new one, wrapped to every CONTROL and REPLICA recipient whatever the write
 * quorum, by one compare-and-set for each keychain. The store tells what is left, so it is run again after whatever end, and can
 * run in several JVMs at once: where another one was faster, nothing is made twice. Destroyed keychains, and uses without a
 * primary, get none.
 *
 * <p><b>Errors:</b> what fails for a keychain is in the report, and leaves it as it was; the rest is done all the same.
 *
 * <p><b>Thread safety:</b> thread-safe; one run at a time.
 */
public final class DekRotation {
    private final Settings settings;
    private final Duration age;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile boolean cancelled;

    private DekRotation(Settings settings, Duration age) {
        this.settings = settings;
        this.age = age;
    }

    /**
     * Begins a job.
     *
     * @param store the keychains; stays the caller's
     * @param providers the KEKs; stay the caller's
     * @return a builder
     */
    public static Builder builder(KeychainStore store, KeyProviders providers) {
        return new Builder(store, providers);
    }

    /**
     * Tells what the job would do, and changes nothing. Checks the seals of the keychains that have an old primary; no customer's
     * KEK is asked.
     *
     * @return the plan: its DEKs are the primaries to be made
     * @throws CancellationException if the job was cancelled, or the thread was interrupted; it stays so
     */
    public RewrapPlan plan() {
        Instant before = before();
        Engine engine = engine(settings.withoutListener(), before);
        RotationPlan work = new RotationPlan(settings, before, engine);
        engine.run(work);
        if (engine.isStopped()) {
            throw new CancellationException("the plan was not made to the end");
        }
        return work.plan();
    }

    /**
     * Does it, and waits for the end. An interrupt ends it as {@link #cancel} does, and the thread stays interrupted.
     *
     * @return what was done, and what was not
     * @throws IllegalStateException if a run of this job is under way
     */
    public RewrapReport run() {
        if (!running.compareAndSet(false, true)) {
            throw new IllegalStateException("this job is being run already");
        }
        try {
            Instant before = before();
            Engine engine = engine(settings, before);
            engine.run(new RotationWork(settings, before, engine));
            return new RewrapReport(
                    engine.tally.outcomes(),
                    engine.tally.items(),
                    engine.tally.moreItems(),
                    engine.tally.keychains(),
                    engine.gate.calls(),
                    engine.teller.elapsed(),
                    engine.isStopped());
        } finally {
            running.set(false);
        }
    }

    /**
     * Ends the run that is under way, from any thread: keychains that were begun are finished. A job that was cancelled stays so;
     * build another to go on.
     */
    public void cancel() {
        cancelled = true;
    }

    /** Told once for a run, so that no primary that it made is old. */
    private Instant before() {
        return settings.time().now().minus(age);
    }

    private Engine engine(Settings with, Instant before) {
        KeychainFilter filter = with.filter();
        boolean free = filter.dekState().isEmpty() && filter.dekMadeBefore().isEmpty();
        Pass pass = new Pass(free ? filter.withDekState(State.PRIMARY).withDekMadeBefore(before) : filter, false);
        return new Engine(with, List.of(pass), "", () -> cancelled);
    }

    /** Options of {@link DekRotation}. Not thread-safe. */
    public static final class Builder {
        private static final Duration LONGEST = Duration.ofDays(3_653);

        private final KeychainStore store;
        private final KeyProviders providers;
        private Optional<KeychainSeal> seal = Optional.empty();
        private KeychainFilter filter = KeychainFilter.all();
        private Duration age = Duration.ofDays(90);
        private double rate = 50;
        private int concurrency = 16;
        private Optional<Consumer<RewrapProgress>> listener = Optional.empty();

        private Builder(KeychainStore store, KeyProviders providers) {
            this.store = store;
            this.providers = providers;
        }

        /**
         * Who vouches for the records. Must be given.
         *
         * @param whose the seal
         * @return this
         */
        public Builder seal(KeychainSeal whose) {
            seal = Optional.of(whose);
            return this;
        }

        /**
         * Which keychains; all of the store by default.
         *
         * @param keychains which
         * @return this
         */
        public Builder filter(KeychainFilter keychains) {
            filter = keychains;
            return this;
        }

        /**
         * How old a primary must be to be replaced; 90 days by default.
         *
         * @param least zero, for all that were made before the run, to 10 years, by the wall clock
         * @return this
         */
        public Builder olderThan(Duration least) {
            if (least.isNegative() || least.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("the age of a primary DEK is zero to 10 years, not " + least);
            }
            age = least;
            return this;
        }

        /**
         * How often each KEK is asked, that of the seals too; 50 times a second by default.
         *
         * @param callsPerSecond 0.01 to 10,000
         * @return this
         */
        public Builder rate(double callsPerSecond) {
            rate = Settings.requireRate(callsPerSecond);
            return this;
        }

        /**
         * How many keychains are worked on at once; 16 by default.
         *
         * @param keychains 1 to 256
         * @return this
         */
        public Builder concurrency(int keychains) {
            concurrency = Settings.requireConcurrency(keychains);
            return this;
        }

        /**
         * Who is told how far a run is; nobody by default.
         *
         * @param told is called at most once a second and at the end, by one thread at a time, and must not block
         * @return this
         */
        public Builder listener(Consumer<RewrapProgress> told) {
            listener = Optional.of(told);
            return this;
        }

        /**
         * Makes the job.
         *
         * @return the job
         * @throws IllegalStateException if the seal is missing
         */
        public DekRotation build() {
            KeychainSeal whose =
                    seal.orElseThrow(() -> new IllegalStateException("say who vouches for the records: seal(…)"));
            return new DekRotation(
                    new Settings(store, providers, whose.kekId(), filter, rate, concurrency, listener, false), age);
        }
    }
}
