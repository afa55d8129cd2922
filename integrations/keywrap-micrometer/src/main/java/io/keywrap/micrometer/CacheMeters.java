package io.keywrap.micrometer;

import io.keywrap.provider.CacheStatistics;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProviders;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** The statistics of some providers as meters. Micrometer holds what a meter reads from weakly. */
final class CacheMeters implements AutoCloseable {
    private final MeterRegistry registry;
    private final Tags common;
    private final List<Meter> before;
    private final List<Meter> added = new ArrayList<>();

    private CacheMeters(MeterRegistry registry, Tags common) {
        this.registry = registry;
        this.common = common;
        this.before = List.copyOf(registry.getMeters());
    }

    /** Adds all of them, or none. */
    static CacheMeters add(MeterRegistry registry, Tags common, KeyProviders providers) {
        CacheMeters meters = new CacheMeters(registry, common);
        try {
            meters.addAll(providers);
            return meters;
        } catch (RuntimeException e) {
            meters.close();
            throw e;
        }
    }

    private void addAll(KeyProviders of) {
        gauge(of, "keywrap.cache.entries", "DEKs that are kept", CacheStatistics::entries);
        gauge(of, "keywrap.leases.open", "leases that are open", CacheStatistics::openLeases);
        counter(of, "keywrap.cache.gets", result("hit"), CacheStatistics::hits);
        counter(of, "keywrap.cache.gets", result("miss"), CacheStatistics::misses);
        counter(of, "keywrap.cache.gets", result("refused"), CacheStatistics::refusalsRepeated);
        counter(
                of,
                "keywrap.cache.unwraps",
                result("success"),
                now -> now.unwraps().succeeded());
        counter(
                of,
                "keywrap.cache.unwraps",
                result("failure"),
                now -> now.unwraps().failed());
        counter(
                of,
                "keywrap.cache.refreshes",
                result("success"),
                now -> now.refreshes().succeeded());
        counter(
                of,
                "keywrap.cache.refreshes",
                result("failure"),
                now -> now.refreshes().failed());
        counter(of, "keywrap.cache.evictions", Tags.empty(), CacheStatistics::evictions);
        for (KekState state : KekState.values()) {
            versions(of, state);
        }
    }

    /** By their number: one meter for each KEK would be too many. */
    private void versions(KeyProviders of, KekState state) {
        added(Gauge.builder("keywrap.kek.versions", of, providers -> count(providers, state))
                .description("versions of KEKs that are in a state, to unwrap")
                .tags(common.and("state", state.name().toLowerCase(Locale.ROOT)))
                .register(registry));
    }

    private static long count(KeyProviders providers, KekState state) {
        return providers.states().all().stream()
                .filter(standing -> standing.operation() == Operation.UNWRAP && standing.state() == state)
                .count();
    }

    private void gauge(KeyProviders of, String name, String description, ToLongFunction<CacheStatistics> number) {
        added(Gauge.builder(name, of, providers -> number.applyAsLong(providers.statistics()))
                .description(description)
                .tags(common)
                .register(registry));
    }

    private void counter(KeyProviders of, String name, Tags tags, ToLongFunction<CacheStatistics> number) {
        added(FunctionCounter.builder(name, of, providers -> number.applyAsLong(providers.statistics()))
                .tags(common.and(tags))
                .register(registry));
    }

    /** A registry gives the meter that it has already, which reads from other providers. */
    @SuppressWarnings("ReferenceEquality") // Meters of one id are equal, also where they read from others.
    private void added(Meter meter) {
        if (before.stream().anyMatch(earlier -> earlier == meter)) {
            throw new IllegalStateException(
                    "the registry has the meter " + meter.getId().getName()
                            + " already; close what has added it, or give each providers tags of their own");
        }
        added.add(meter);
    }

    private static Tags result(String result) {
        return Tags.of("result", result);
    }

    /** Removes them. */
    @Override
    public void close() {
        added.forEach(registry::remove);
    }
}
