package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The KEKs that this JVM may use: the first of the three things a user of keywrap learns.
 *
 * <pre>{@code
 * KeyProviders providers = KeyProviders.builder()
 *     .register(Keystores.builder().pkcs12("main", Path.of("kek.p12"), () -> password()).build())
 *     .build();
 * }</pre>
 *
 * <p>Make one per JVM. Whatever takes keys goes through it, so that everything is treated alike.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class KeyProviders implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyProviders.class);

    private final Map<String, KeyProvider.Factory> factories;
    private final Map<KekId, KeyProvider> providers = new ConcurrentHashMap<>();
    private final TimeSource time;
    private final Duration foregroundBudget;
    private final int maxCallsPerKek;
    private final Consumer<DekLease> onLease;
    private volatile boolean closed;

    private KeyProviders(Builder builder) {
        this.factories = Map.copyOf(builder.factories);
        this.time = builder.time;
        this.foregroundBudget = builder.foregroundBudget;
        this.maxCallsPerKek = builder.maxCallsPerKek;
        this.onLease = builder.onLease;
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
        requireOpen();
        KeyProvider provider = providers.computeIfAbsent(kekId, this::create);
        if (closed) {
            // It may have been made after close() looked for what was made.
            closeAll();
        }
        requireOpen();
        return provider;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the providers were closed");
        }
    }

    /**
     * Leases out a DEK that was unwrapped under one of these KEKs. Keychains and ciphers do it for you.
     *
     * @param dek the DEK; the lease closes it
     * @return the lease, to be closed
     */
    public DekLease lease(Dek dek) {
        DekLease lease = DekLease.takeOwnershipOf(dek);
        try {
            onLease.accept(lease);
            return lease;
        } catch (RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    /**
     * When a call that somebody waits for must be over.
     *
     * @return a deadline from now on
     */
    public Deadline foregroundDeadline() {
        return Deadline.after(foregroundBudget, time);
    }

    /**
     * The clocks that everything on these providers goes by.
     *
     * @return the time source
     */
    public TimeSource time() {
        return time;
    }

    private KeyProvider create(KekId kekId) {
        KeyProvider.Factory factory = factories.get(kekId.scheme());
        if (factory == null) {
            throw new KekConfigurationException(Failure.of(kekId, "no provider is registered for its scheme")
                    .operatorAction("register one; there are " + new TreeSet<>(factories.keySet())));
        }
        KeyProvider provider = made(factory, kekId);
        if (!provider.kekId().equals(kekId)) {
            provider.close();
            throw new KekConfigurationException(
                    Failure.of(kekId, "its factory made a provider of another KEK, " + provider.kekId())
                            .operatorAction("do not use this provider; report it to its maker"));
        }
        return stack(provider);
    }

    private static KeyProvider made(KeyProvider.Factory factory, KekId kekId) {
        try {
            return Objects.requireNonNull(factory.create(kekId), "the provider");
        } catch (KekException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new KekConfigurationException(
                    Failure.of(kekId, "its factory failed with " + e.getClass().getName())
                            .operatorAction("see the cause, and report it to the provider's maker")
                            .cause(e));
        }
    }

    /** What every provider is dressed in, innermost first. */
    private KeyProvider stack(KeyProvider provider) {
        return new BulkheadKeyProvider(new RetryingKeyProvider(new CheckedKeyProvider(provider), time), maxCallsPerKek);
    }

    /** Closes every provider that was made, also where one fails to close. Harmless when repeated. */
    @Override
    public void close() {
        closed = true;
        closeAll();
    }

    private void closeAll() {
        for (KekId kekId : List.copyOf(providers.keySet())) {
            KeyProvider provider = providers.remove(kekId);
            if (provider != null) {
                closeQuietly(provider);
            }
        }
    }

    private static void closeQuietly(KeyProvider provider) {
        try {
            provider.close();
        } catch (RuntimeException e) {
            LOG.warn("the provider of {} failed to close", provider.kekId(), e);
        }
    }

    /** Options of {@link KeyProviders}. Not thread-safe. */
    public static final class Builder {
        private static final Duration MAX_BUDGET = Duration.ofMinutes(10);
        private static final int MAX_CALLS = 10_000;

        private final Map<String, KeyProvider.Factory> factories = new HashMap<>();
        private TimeSource time = TimeSource.system();
        private Duration foregroundBudget = Duration.ofSeconds(10);
        private int maxCallsPerKek = 32;
        private Consumer<DekLease> onLease = lease -> {};

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
         * How long a call may take that somebody waits for, retries included; 10 seconds by default.
         *
         * @param budget more than zero, at most 10 minutes
         * @return this
         */
        public Builder foregroundBudget(Duration budget) {
            if (budget.isNegative() || budget.isZero() || budget.compareTo(MAX_BUDGET) > 0) {
                throw new IllegalArgumentException("a budget is more than zero and at most " + MAX_BUDGET);
            }
            foregroundBudget = budget;
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
            if (most < 1 || most > MAX_CALLS) {
                throw new IllegalArgumentException("calls of a KEK at once are 1 to " + MAX_CALLS);
            }
            maxCallsPerKek = most;
            return this;
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
