package io.keywrap.revocation;

import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.codec.Limits;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.util.List;
import java.util.Optional;

/**
 * Finds out whether every recipient of some keychains can unwrap their DEKs now: before a restore has to find it out.
 *
 * <pre>{@code
 * Drill.Report report = Drill.builder(store, providers).seal(KeychainSeal.wrappedBy(vendorKek)).build().run();
 * report.answers().forEach(answer -> print(answer.kekId(), answer.version(), answer.outcome()));
 * }</pre>
 *
 * <p>By default it unwraps one wrap for each version of a KEK, which tells of the KEK; with {@link Builder#eachDek} every wrap of
 * every DEK, which tells of each wrap too. What comes out is held against the check value of the record in constant time, and
 * wiped. Nothing is taken from a cache, and nothing is changed. A failure ends nothing: all are asked, and all are told.
 *
 * <p><b>Security:</b> wraps are taken only from records whose seals hold. What was found does not hold beyond the moment.
 *
 * <p><b>Thread safety:</b> thread-safe; each run has threads of its own.
 *
 * <p><b>Source:</b> docs/guides/revocation.md.
 */
public final class Drill {
    private final Builder options;
    private final KeychainSeal seal;

    private Drill(Builder options, KeychainSeal seal) {
        this.options = options;
        this.seal = seal;
    }

    /**
     * Begins a drill.
     *
     * @param store the keychains; stays the caller's
     * @param providers the KEKs; stay the caller's
     * @return a builder
     */
    public static Builder builder(KeychainStore store, KeyProviders providers) {
        return new Builder(store, providers);
    }

    /**
     * Asks all of them, and waits for the answers. Each call has the time that {@link KeyProviders#foregroundDeadline} gives, and
     * once a service did not answer that of a canary, until it does.
     *
     * @return what was found
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     * @throws KekException if the KEK of the seal cannot be used
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public Report run() {
        KeychainFilter filter = options.only
                .or(() -> options.without)
                .map(options.filter::withKek)
                .orElse(options.filter);
        boolean eachDek = options.eachDek || options.without.isPresent();
        DrillScope scope = new DrillScope(options.only, options.without, eachDek, options.retained);
        try (DrillRun run = new DrillRun(options.providers, scope, options.calls)) {
            KekInventory inventory = KekInventory.read(options.store, options.providers, seal, filter, run::ask);
            return run.report(inventory);
        }
    }

    /** How asking has ended. They are in order: the later one is worse. */
    public enum Outcome {
        /** What was asked for could be unwrapped, and was the right key. */
        OPENS,
        /** The KMS did not answer, or asks for fewer calls: nothing is known. */
        NO_ANSWER,
        /** We could not ask, by a mistake of our own such as credentials: nothing is known. */
        NOT_ASKED,
        /** The KEK does not take the wrap, or gives another key: the DEK cannot be had of it. */
        DAMAGED,
        /** The KEK is revoked, denied or not there. */
        REFUSED
    }

    /**
     * What a version of a KEK has answered.
     *
     * @param kekId the KEK
     * @param version as wraps name it; empty where the KMS names none
     * @param outcome the worst of its answers
     * @param asked how many wraps it was asked to unwrap
     * @param failed how many of these it did not unwrap
     * @param failure why, of the worst of them; empty if all could be unwrapped
     * @param keychains keychains whose DEKs it did not unwrap, at most 10 of them
     */
    public record Answer(
            KekId kekId,
            String version,
            Outcome outcome,
            int asked,
            int failed,
            Optional<KekException> failure,
            List<String> keychains) {}

    /**
     * What a drill has found.
     *
     * @param inventory the keychains that were looked at, and what they depend on
     * @param answers those that were asked, in order of the URIs
     * @param incomplete DEKs that lack a wrap of one of their recipients, which therefore cannot open them; and those that a
     *     KEK {@linkplain Builder#without left out} controls
     * @param incompleteKeychains keychains with such DEKs, at most 10 of them
     */
    public record Report(
            KekInventory inventory, List<Answer> answers, int incomplete, List<String> incompleteKeychains) {
        /**
         * Whether every recipient can unwrap, as far as it was asked, and no record is missing from the answer.
         *
         * @return true if there is nothing to do
         */
        public boolean allOpen() {
            return incomplete == 0
                    && inventory.unsealed().isEmpty()
                    && inventory.unreadable().isEmpty()
                    && answers.stream().allMatch(answer -> answer.outcome() == Outcome.OPENS);
        }
    }

    /** Options of {@link Drill}. Not thread-safe. */
    public static final class Builder {
        private final KeychainStore store;
        private final KeyProviders providers;
        private Optional<KeychainSeal> seal = Optional.empty();
        private KeychainFilter filter = KeychainFilter.all();
        private Optional<KekId> only = Optional.empty();
        private Optional<KekId> without = Optional.empty();
        private boolean eachDek;
        private boolean retained;
        private int calls = 8;

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
         * Asks this KEK alone, in keychains that depend on it; all of them by default.
         *
         * @param kekId the KEK
         * @return this
         */
        public Builder only(KekId kekId) {
            only = Optional.of(kekId);
            return this;
        }

        /**
         * Takes a KEK for gone: finds out whether every DEK opens under the recipients that remain, in keychains that name it or
         * have wraps of it. Every other wrap of every DEK is unwrapped, as by {@link #eachDek}. The KEK itself is not asked, so
         * that it may be disabled already.
         *
         * @param kekId the KEK
         * @return this
         */
        public Builder without(KekId kekId) {
            without = Optional.of(kekId);
            return this;
        }

        /**
         * Unwraps every wrap of every DEK; by default one for each version of a KEK.
         *
         * @return this
         */
        public Builder eachDek() {
            eachDek = true;
            return this;
        }

        /**
         * Asks RETAINED KEKs too, which keywrap never uses by itself; by default not.
         *
         * @return this
         */
        public Builder retained() {
            retained = true;
            return this;
        }

        /**
         * How many calls are under way at once; 8 by default.
         *
         * @param most 1 to 256
         * @return this
         */
        public Builder concurrency(int most) {
            calls = Limits.within("calls at once are", most, 256);
            return this;
        }

        /**
         * Makes the drill.
         *
         * @return the drill
         * @throws IllegalStateException if the seal is missing, or one KEK alone is to be asked and another to be left out
         */
        public Drill build() {
            if (only.isPresent() && without.isPresent()) {
                throw new IllegalStateException("one KEK alone, or all without one: not both");
            }
            return new Drill(
                    this,
                    seal.orElseThrow(() -> new IllegalStateException("say who vouches for the records: seal(…)")));
        }
    }
}
