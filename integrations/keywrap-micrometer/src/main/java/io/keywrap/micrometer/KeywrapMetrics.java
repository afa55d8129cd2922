package io.keywrap.micrometer;

import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.CallBegun;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.RenewalFailed;
import io.keywrap.provider.KekListener;
import io.keywrap.provider.KeyProviders;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Tells Micrometer what happens with KEKs and with the cache of DEKs.
 *
 * <pre>{@code
 * KeywrapMetrics metrics = KeywrapMetrics.of(registry);
 * KeyProviders providers = KeyProviders.builder().register(factory).listener(metrics).build();
 * metrics.bindTo(providers);
 * }</pre>
 *
 * <p>Names and tags are those of {@code docs/guides/metrics.md}. Failures carry whose doing they are, so that a customer
 * who withdraws a KEK does not look like an outage.
 *
 * <p><b>Security:</b> no key, context value or DEK id is told. The id of the KEK, which names a customer, is no tag unless
 * {@link Builder#tagKekId()} asks for it; but it stands in the message of the failure that an observation carries.
 *
 * <p><b>Errors:</b> a registry or a handler that throws does not disturb the calls; {@code KeyProviders} logs it.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class KeywrapMetrics implements KekListener, AutoCloseable {
    private static final String CALLS = "keywrap.kek.calls";
    private static final String RENEWALS_FAILED = "keywrap.renewals.failed";

    private final @Nullable MeterRegistry meters;
    private final CallTags tags;
    private final CallObservations observations;
    private @Nullable CacheMeters cache;

    private KeywrapMetrics(Builder builder) {
        this.meters = builder.meters;
        this.tags = new CallTags(builder.tags, builder.tagKekId);
        this.observations = new CallObservations(builder.observations, tags);
    }

    /**
     * Meters alone, with the default options.
     *
     * @param registry where the meters are
     * @return a listener for {@code KeyProviders.builder().listener(…)}
     */
    public static KeywrapMetrics of(MeterRegistry registry) {
        return builder().meters(registry).build();
    }

    /**
     * Begins with neither meters nor observations.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public void onEvent(KekEvent event) {
        if (event instanceof CallBegun begun) {
            observations.begin(begun);
        } else if (event instanceof CallEnded ended) {
            try {
                observations.end(ended);
            } finally {
                count(ended);
            }
        } else if (event instanceof RenewalFailed failed) {
            count(failed);
        }
    }

    /**
     * Adds the meters of the cache of DEKs and of leases. The registry does not keep the providers alive.
     *
     * @param providers what to measure; those that this object is the listener of
     * @throws IllegalStateException if this object has no registry of meters, measures other providers already, or if the
     *     registry has these meters from somebody else: close that one, or give each {@link Builder#tags} of its own
     */
    public synchronized void bindTo(KeyProviders providers) {
        if (meters == null) {
            throw new IllegalStateException("there is no registry of meters to add those of the cache to");
        }
        if (cache != null) {
            throw new IllegalStateException("the cache of other providers is measured already; make one for each");
        }
        cache = CacheMeters.add(meters, tags.common(), providers);
    }

    /** Removes the meters that {@link #bindTo} has added. Those of calls stay. Harmless when repeated. */
    @Override
    public synchronized void close() {
        if (cache != null) {
            cache.close();
            cache = null;
        }
    }

    private void count(CallEnded ended) {
        if (meters != null) {
            Timer.builder(CALLS)
                    .description("attempts to call the KMS")
                    .tags(tags.of(ended))
                    .register(meters)
                    .record(ended.latency());
        }
    }

    private void count(RenewalFailed failed) {
        if (meters != null) {
            Counter.builder(RENEWALS_FAILED)
                    .description("DEKs in use that could not be proven again")
                    .tags(tags.of(failed))
                    .register(meters)
                    .increment();
        }
    }

    /** Options of {@link KeywrapMetrics}. Not thread-safe. */
    public static final class Builder {
        private @Nullable MeterRegistry meters;
        private ObservationRegistry observations = ObservationRegistry.NOOP;
        private Tags tags = Tags.empty();
        private boolean tagKekId;

        private Builder() {}

        /**
         * Where the meters are; nowhere by default.
         *
         * @param registry stays the caller's
         * @return this
         */
        public Builder meters(MeterRegistry registry) {
            meters = registry;
            return this;
        }

        /**
         * Who is told of each attempt to call the KMS as an observation; nobody by default. The observation is the current
         * one of its thread while the attempt lasts, so those of the client of the KMS become its children.
         *
         * @param registry stays the caller's
         * @return this
         */
        public Builder observations(ObservationRegistry registry) {
            observations = registry;
            return this;
        }

        /**
         * Tags of every meter and observation; none by default. They tell several {@code KeyProviders} of one registry
         * apart.
         *
         * @param common the tags
         * @return this
         */
        public Builder tags(Tags common) {
            tags = common;
            return this;
        }

        /**
         * Tags calls and renewals with the id of the KEK as {@code kek}; off by default. Each KEK then has time series of
         * its own, which is too many for most registries where each customer has one, and whoever sees the meters sees the
         * customers' identifiers, such as account numbers. Observations have it with high cardinality: in traces, not in
         * meters.
         *
         * @return this
         */
        public Builder tagKekId() {
            tagKekId = true;
            return this;
        }

        /**
         * Makes the listener.
         *
         * @return the listener; close it when its providers are closed
         * @throws IllegalStateException if there is neither a registry of meters nor one of observations
         */
        public KeywrapMetrics build() {
            if (meters == null && observations.equals(ObservationRegistry.NOOP)) {
                throw new IllegalStateException("give it a registry of meters, of observations, or both");
            }
            return new KeywrapMetrics(this);
        }
    }
}
