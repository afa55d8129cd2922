package io.keywrap.rewrap;

import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Moves the DEKs of a store from one KEK to another, or to the current version of their KEK. Data is neither read nor written.
 *
 * <pre>{@code
 * Rewrap job = Rewrap.builder(store, providers)
 *         .seal(KeychainSeal.wrappedBy(vendorKek))
 *         .move(oldKek, newKek)
 *         .build();
 * RewrapPlan plan = job.plan();
 * RewrapReport report = job.run();
 * }</pre>
 *
 * <p>Of each keychain every DEK that is not destroyed is wrapped under the new KEK, inside of the KMS where both KEKs and the
 * credentials allow it ({@link io.keywrap.provider.ServerSideRewrap}), else by an unwrap and a wrap; the new wrap is unwrapped
 * and held against the check value; then the record is changed by one compare-and-set, or by one for each 1,000 DEKs. The new KEK
 * has the role of the old one from then on, and the old one is RETAINED for a time. What could not be done stays as it was and is
 * told, one by one; the rest is done all the same. Primaries are re-wrapped and not rotated.
 *
 * <p>The store tells what is left, so a job that ended in whatever way is run again, and does the rest; it can run in several
 * JVMs at once.
 *
 * <p><b>Security:</b> a CONTROL KEK loses its role only for a DEK that it has opened just then: what its owner has closed stays
 * closed. Wraps are taken only from records whose seals hold. DEKs are in memory in the clear while they are moved between KMSs,
 * each in one task, and wiped. {@link #WARNING} holds.
 *
 * <p><b>Errors:</b> what fails for a DEK or a keychain is in the report.
 *
 * <p><b>Thread safety:</b> thread-safe; one run at a time.
 *
 * <p><b>Source:</b> docs/concepts.md, "Re-wrapping".
 */
public final class Rewrap {
    /** What nobody may expect of a re-wrap. */
    public static final String WARNING =
            "Re-wrapping does not cure a compromised KEK or DEK: whoever could use the old KEK may"
                    + " have unwrapped the DEKs. If that is feared, rotate the DEKs and re-encrypt the data.";

    private final Settings settings;
    private final Goal goal;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile boolean cancelled;

    private Rewrap(Builder options, KeychainSeal seal) {
        this.settings = new Settings(
                options.store,
                options.providers,
                seal.kekId(),
                options.filter,
                options.rate,
                options.concurrency,
                options.listener,
                options.resume);
        this.goal = new Goal(
                Collections.unmodifiableMap(new LinkedHashMap<>(options.moves)),
                Collections.unmodifiableSet(new LinkedHashSet<>(options.renewed)),
                options.keyManagement,
                options.retain,
                options.dropRetained);
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
     * Tells what the job would do, and changes nothing. Reads all its keychains and checks their seals; of the customers' KEKs
     * none is asked, but those to be renewed for their current version.
     *
     * @return the plan; keychains that cannot be read are among its problems
     * @throws KekException if a KEK to be renewed does not tell its version
     * @throws java.util.concurrent.CancellationException if the job was cancelled, or the thread was interrupted; it stays so
     */
    public RewrapPlan plan() {
        return new RewrapJob(settings, goal, () -> cancelled).plan();
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
            return new RewrapJob(settings, goal, () -> cancelled).run();
        } finally {
            running.set(false);
        }
    }

    /**
     * Ends the run that is under way, from any thread: DEKs that were begun are finished, and what is proven is committed. A job
     * that was cancelled stays so; build another to go on.
     */
    public void cancel() {
        cancelled = true;
    }

    /** Options of {@link Rewrap}. Not thread-safe. */
    public static final class Builder {
        private static final Duration LONGEST_RETAINED = Duration.ofDays(3_650);

        private final KeychainStore store;
        private final KeyProviders providers;
        private final Map<KekId, KekId> moves = new LinkedHashMap<>();
        private final Set<KekId> renewed = new LinkedHashSet<>();
        Optional<KeychainSeal> seal = Optional.empty();
        private KeychainFilter filter = KeychainFilter.all();
        Optional<KeyManagement> keyManagement = Optional.empty();
        private Duration retain = Duration.ofDays(90);
        private boolean dropRetained;
        private boolean resume;
        private double rate = 50;
        int concurrency = 16;
        Optional<Consumer<RewrapProgress>> listener = Optional.empty();

        private Builder(KeychainStore store, KeyProviders providers) {
            this.store = store;
            this.providers = providers;
        }

        /**
         * Who vouches for the records. Must be given.
         *
         * @param whose the seal; its own KEK is not moved
         * @return this
         */
        public Builder seal(KeychainSeal whose) {
            seal = Optional.of(whose);
            return this;
        }

        /**
         * Which keychains; all of the store by default. Of these, the job works on those that depend on its KEKs.
         *
         * @param keychains which
         * @return this
         */
        public Builder filter(KeychainFilter keychains) {
            filter = keychains;
            return this;
        }

        /**
         * Moves DEKs from a KEK to another, which gets its role: CONTROL or REPLICA. Can be given several times.
         *
         * @param from the old KEK
         * @param to the new KEK, as your configuration names it
         * @return this
         * @throws IllegalArgumentException if both are the same, or the old KEK is moved or renewed already, or one that others
         *     are moved to, or the new one is moved itself
         */
        public Builder move(KekId from, KekId to) {
            if (from.equals(to)) {
                throw new IllegalArgumentException(from + " would be moved to itself: renew(…) is for its versions");
            }
            if (moves.containsKey(from) || renewed.contains(from)) {
                throw new IllegalArgumentException(from + " is moved or renewed already");
            }
            if (moves.containsKey(to) || moves.containsValue(from)) {
                throw new IllegalArgumentException("a KEK is moved away in one job, and moved to in another: " + from
                        + " to " + to + " would be half of a chain");
            }
            moves.put(from, to);
            return this;
        }

        /**
         * Moves DEKs from older versions of a KEK to its current one. The old wraps are not kept: they would keep the old
         * versions in use. RETAINED wraps are left as they are, and so are those that do not name their version.
         *
         * @param kekId the KEK
         * @return this
         * @throws IllegalArgumentException if DEKs are moved away from it
         */
        public Builder renew(KekId kekId) {
            if (moves.containsKey(kekId)) {
                throw new IllegalArgumentException(kekId + " is moved already");
            }
            renewed.add(kekId);
            return this;
        }

        /**
         * Records in moved keychains that the tenant has chosen otherwise whose KEKs they are. A keychain that would have to
         * change and is not migratable is left as it is, and told.
         *
         * @param choice whose KEKs the new ones are
         * @return this
         */
        public Builder keyManagement(KeyManagement choice) {
            keyManagement = Optional.of(choice);
            return this;
        }

        /**
         * How long the wraps under the old KEKs are kept as RETAINED; 90 days by default. They are dropped by a later run that
         * names the KEK, or {@link #dropRetained()}, or by {@code Keychain.repair}.
         *
         * @param duration zero to 3,650 days. With zero they go at once, where all other recipients have opened the DEK
         * @return this
         */
        public Builder retain(Duration duration) {
            if (duration.isNegative() || duration.compareTo(LONGEST_RETAINED) > 0) {
                throw new IllegalArgumentException("old wraps are kept for zero to 3,650 days, not " + duration);
            }
            retain = duration;
            return this;
        }

        /**
         * Drops RETAINED wraps whose time is over, of all KEKs; by default those of KEKs that are moved, in keychains that the
         * job works on. Before a DEK loses a wrap, the wraps of all CONTROL and REPLICA recipients are unwrapped and proven.
         *
         * @return this
         */
        public Builder dropRetained() {
            dropRetained = true;
            return this;
        }

        /**
         * Goes on where an earlier run of the same job has ended, as a note in the store tells ({@link StoreNotes}; stores without
         * notes have none). The note is a hint: what lies before is gone over at the end.
         *
         * @return this
         */
        public Builder resume() {
            resume = true;
            return this;
        }

        /**
         * How often each KEK is asked, that of the seals too; 50 times a second by default. A re-wrap inside of a KMS counts on
         * both KEKs. While a KMS throttles, a KEK is asked less often.
         *
         * @param callsPerSecond 0.01 to 10,000
         * @return this
         */
        public Builder rate(double callsPerSecond) {
            rate = Settings.requireRate(callsPerSecond);
            return this;
        }

        /**
         * How many calls are under way at once, and how many keychains; 16 by default.
         *
         * @param calls 1 to 256
         * @return this
         */
        public Builder concurrency(int calls) {
            concurrency = Settings.requireConcurrency(calls);
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
         * @throws IllegalStateException if the seal is missing, there is nothing to do, or a choice of key management is given
         *     without a move
         */
        public Rewrap build() {
            KeychainSeal whose =
                    seal.orElseThrow(() -> new IllegalStateException("say who vouches for the records: seal(…)"));
            if (moves.isEmpty() && renewed.isEmpty() && !dropRetained) {
                throw new IllegalStateException("say what to do: move(…), renew(…) or dropRetained()");
            }
            if (keyManagement.isPresent() && moves.isEmpty()) {
                throw new IllegalStateException("key management changes with a move: move(…)");
            }
            return new Rewrap(this, whose);
        }
    }
}
