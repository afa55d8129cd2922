package io.keywrap.provider;

import io.keywrap.CallPurpose;
import io.keywrap.Deadline;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.codec.Limits;
import io.keywrap.crypto.Jca;
import io.keywrap.provider.ObservedKeyProvider.Hearers;
import java.security.Provider;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The KEKs that this JVM may use: the first of the three things a user of keywrap learns.
 *
 * <pre>{@code
 * KeyProviders providers = KeyProviders.builder()
 *     .register(Keystores.builder().pkcs12("main", Path.of("kek.p12"), () -> password()).build())
 *     .build();
 * }</pre>
 *
 * <p>Make one per JVM. Whatever takes keys goes through it, so that everything is treated alike. Thread-safe.
 */
public final class KeyProviders implements AutoCloseable {
    private final TimeSource time;
    private final CacheOptions options;
    private final ProviderStack stack;
    private final CacheCounters counters = new CacheCounters();
    private final DekCache cache;
    private final RefreshThreads threads;
    private final Jca jca;
    private final Leases leases;
    private final KeptDeks deks;
    private final KekStates states;

    private KeyProviders(Builder builder) {
        this.time = builder.time;
        this.options = builder.cache.done();
        Events events = new Events(builder.listener);
        this.jca = Jca.of(builder.cryptoProvider);
        Verdicts verdicts = new Verdicts(options, time);
        this.states = new KekStates(time, events, builder.controlKek);
        Hearers hearers = new Hearers(events, verdicts, states);
        this.stack = new ProviderStack(builder.factories, hearers, time, builder.maxCallsPerKek, jca);
        this.cache = new DekCache(options, time, stack::provider, counters, verdicts, jca);
        states.tell(cache.effects());
        this.threads = new RefreshThreads(builder.executor);
        Renewals renewals = new Renewals(cache, options, time, threads, events);
        Outages outages = new Outages(cache, options, time, threads);
        this.leases = new Leases(cache, renewals, outages, counters, builder.onLease);
        this.deks = new KeptDeks(this, cache, leases, outages, options);
    }

    /**
     * Begins a registry.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The provider of a KEK, made on first use.
     *
     * @param kekId a KEK from configuration or from a sealed record, never from an envelope
     * @return its provider; stays this object's to close
     * @throws KekConfigurationException if no factory is registered for the scheme, or the id makes no sense to it
     * @throws IllegalStateException if this object was closed
     */
    public KeyProvider provider(KekId kekId) {
        return stack.provider(kekId);
    }

    /**
     * Leases a DEK: the one that is kept, or else the KMS unwraps it. Nothing proves that the wrap is of the DEK that it
     * names; see {@link KeptDeks#lease}. It ends when the KEK is revoked.
     *
     * @param wrapped the wrap
     * @param keyContext the key context of the wrap
     * @param deadline when the lease must be given
     * @return the lease, to be closed
     * @throws io.keywrap.KekException if the KEK cannot be used
     */
    public DekLease lease(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        return leases.lease(new UnwrapKey(wrapped, keyContext), deadline);
    }

    /**
     * The DEKs that this JVM has in memory; for those who lease DEKs with several wraps.
     *
     * @return the kept DEKs
     */
    public KeptDeks deks() {
        return deks;
    }

    /**
     * How the KEKs stand, as their answers tell.
     *
     * @return their states
     */
    public KekStates states() {
        return states;
    }

    /**
     * What the cache of DEKs has done so far.
     *
     * @return the numbers
     */
    public CacheStatistics statistics() {
        return counters.snapshot(cache.size());
    }

    /**
     * When a call that somebody waits for must be over.
     *
     * @return a deadline from now on
     */
    public Deadline foregroundDeadline() {
        return deadline(CallPurpose.FOREGROUND);
    }

    /**
     * When a call must be over.
     *
     * @param purpose what it is made for
     * @return a deadline from now on
     */
    public Deadline deadline(CallPurpose purpose) {
        return options.deadlineOf(purpose, time);
    }

    /**
     * The clocks that everything on these providers goes by.
     *
     * @return the time source
     */
    public TimeSource time() {
        return time;
    }

    /**
     * Which provider of cryptography alone is used.
     *
     * @return the provider that was named; empty for those of the JVM
     */
    public Optional<Provider> cryptoProvider() {
        return jca.named();
    }

    /**
     * Wipes the DEKs that are kept, and closes every provider that was made, also where one fails to close. Leases that are
     * open go on until they would have to be proven again. Harmless when repeated.
     */
    @Override
    public void close() {
        threads.close();
        cache.close();
        stack.close();
    }

    /** Options of {@link KeyProviders}. Not thread-safe. */
    public static final class Builder {
        private final Map<String, KeyProvider.Factory> factories = new HashMap<>();
        private TimeSource time = TimeSource.system();
        private int maxCallsPerKek = 32;
        private final CacheOptions.Draft cache = new CacheOptions.Draft();
        private KekListener listener = event -> {};
        private @Nullable Executor executor;
        private Consumer<DekLease> onLease = lease -> {};
        private Optional<Provider> cryptoProvider = Optional.empty();
        private Optional<KekId> controlKek = Optional.empty();

        private Builder() {}

        /**
         * Adds the KEKs of one scheme.
         *
         * @param factory their factory; each scheme has one
         * @return this
         * @throws IllegalArgumentException if the scheme has a factory already
         */
        public Builder register(KeyProvider.Factory factory) {
            KeyProvider.Factory earlier = factories.putIfAbsent(factory.scheme(), factory);
            if (earlier != null) {
                throw new IllegalArgumentException("the scheme '" + factory.scheme() + "' has a factory already: "
                        + earlier.getClass().getName());
            }
            return this;
        }

        /**
         * How long a call may take that is made for a purpose, retries and waiting included: by default 10 seconds in the
         * foreground, 5 for a refresh or a canary.
         *
         * @param purpose the purpose
         * @param budget more than zero, at most 10 minutes
         * @return this
         */
        public Builder budget(CallPurpose purpose, Duration budget) {
            cache.budgets.put(purpose, Limits.within("a budget", budget, Duration.ofNanos(1), CacheOptions.MAX_BUDGET));
            return this;
        }

        /**
         * How many calls of one KEK may be under way at once; 32 by default. Others wait for their turn until their
         * deadline, and are a {@link io.keywrap.KekThrottledException} after it.
         *
         * @param most 1 to 10,000
         * @return this
         */
        public Builder maxCallsPerKek(int most) {
            maxCallsPerKek = Limits.within("calls of a KEK at once are", most, CacheOptions.MAX_CALLS);
            return this;
        }

        /**
         * How long a DEK may be used after the last successful unwrap of it was sent; 5 minutes by default. Zero keeps
         * none: every lease asks the KMS, and an open one asks again every minute.
         *
         * @param deadline zero to 24 hours
         * @return this
         */
        public Builder cacheDeadline(Duration deadline) {
            cache.deadline =
                    Limits.within("the deadline of kept DEKs", deadline, Duration.ZERO, CacheOptions.MAX_DEADLINE);
            return this;
        }

        /**
         * How many DEKs are kept; 10,000 by default, of which one keychain has 1,000 at most under each KEK.
         *
         * @param entries 1 to 1,000,000
         * @param ofOneKeychain 1 to the number of entries
         * @return this
         */
        public Builder cacheEntries(int entries, int ofOneKeychain) {
            Limits.within("DEKs that are kept are", entries, CacheOptions.MAX_ENTRIES);
            cache.entriesPerKeychain = Limits.within("DEKs of one keychain are", ofOneKeychain, entries);
            cache.entries = entries;
            return this;
        }

        /**
         * Whether DEKs that nobody uses are sealed in memory under a key outside of the heap, against dumps of the heap;
         * true by default.
         *
         * @param seal false to spare about three microseconds a lease
         * @return this
         */
        public Builder sealIdleDeks(boolean seal) {
            cache.sealed = seal;
            return this;
        }

        /**
         * How long a refusal is repeated without asking the KMS again; 5 seconds by default. It spares the customer's quota,
         * and is how long an enabled KEK may take to be noticed.
         *
         * @param duration zero to 1 minute
         * @return this
         */
        public Builder refusalsFor(Duration duration) {
            cache.refusalsFor = Limits.within("the time of refusals", duration, Duration.ZERO, Duration.ofMinutes(1));
            return this;
        }

        /**
         * How long a lease goes on when its KEK cannot be asked, or was revoked and work in flight may finish, counted from
         * its last proof; 24 hours by default. A refusal ends it before, unless {@link InFlight#FINISH} was chosen.
         *
         * @param duration 1 minute to 7 days
         * @return this
         */
        public Builder maxInFlight(Duration duration) {
            cache.maxInFlight =
                    Limits.within("the time in flight", duration, Duration.ofMinutes(1), Duration.ofDays(7));
            return this;
        }

        /**
         * The vendor's own KEK, used as the same principal as the customers'; none by default. While it is denied, denials of
         * others are taken for a mistake of our own.
         *
         * @param kekId such as the one that seals keychains
         * @return this
         */
        public Builder controlKek(KekId kekId) {
            controlKek = Optional.of(kekId);
            return this;
        }

        /**
         * Who is told what happens with KEKs; nobody by default.
         *
         * @param listener the listener
         * @return this
         */
        public Builder listener(KekListener listener) {
            this.listener = listener;
            return this;
        }

        /**
         * Where DEKs in use are refreshed; on up to 16 daemon threads of its own by default.
         *
         * @param executor stays the caller's; a task takes as long as a call of a KMS, and may be rejected
         * @return this
         */
        public Builder executor(Executor executor) {
            this.executor = executor;
            return this;
        }

        /**
         * The only provider to do keywrap's own cryptography; those of the JVM by default.
         *
         * @param provider the provider, which makes the IVs of AES-GCM too; need not be installed
         * @return this
         * @throws java.security.ProviderException if it does not offer everything, or fails its self-test
         */
        public Builder cryptoProvider(Provider provider) {
            cryptoProvider = Jca.of(Optional.of(provider)).named();
            return this;
        }

        /**
         * As {@link #cryptoProvider(Provider)}, for one that is installed in this JVM.
         *
         * @param name its name, such as {@code BCFIPS}
         * @return this
         * @throws java.security.ProviderException also if it is not installed
         */
        public Builder cryptoProvider(String name) {
            return cryptoProvider(Jca.installed(name));
        }

        /**
         * The clocks to go by; this machine's by default.
         *
         * @param source the time source
         * @return this
         */
        public Builder time(TimeSource source) {
            time = source;
            return this;
        }

        /**
         * Who sees every lease that is given out, before its user does; nobody by default. For leak checks in tests.
         *
         * @param observer is called by the thread that leases; must neither close the lease nor wait
         * @return this
         */
        public Builder onLease(Consumer<DekLease> observer) {
            onLease = observer;
            return this;
        }

        /**
         * Makes the registry, without calling any KMS.
         *
         * @return the registry, to be closed at the end of the JVM's work
         */
        public KeyProviders build() {
            return new KeyProviders(this);
        }
    }
}
