package io.keywrap.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.DekLease;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProviders;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the meters of the cache tell, and how they come and go. */
class CacheMetersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final KeywrapMetrics metrics = KeywrapMetrics.of(registry);
    private final Product product = new Product(metrics);
    private final WrappedDek wrapped = product.wrapped();

    CacheMetersTest() {
        metrics.bindTo(product.providers);
    }

    @AfterEach
    void close() {
        product.close();
    }

    private double cache(String name, String... tags) {
        Meter meter = registry.get(name).tags(tags).meter();
        return meter.measure().iterator().next().getValue();
    }

    private static Throwable failureOf(Runnable action) {
        return catchThrowable(action::run);
    }

    @Test
    void tellsHitsMissesEntriesAndLeases() {
        product.use(wrapped);
        product.use(wrapped);
        try (DekLease lease = product.lease(wrapped)) {
            assertThat(cache("keywrap.leases.open")).isEqualTo(1);
            assertThat(lease.isClosed()).isFalse();
        }
        assertThat(cache("keywrap.cache.gets", "result", "miss")).isEqualTo(1);
        assertThat(cache("keywrap.cache.gets", "result", "hit")).isEqualTo(2);
        assertThat(cache("keywrap.cache.entries")).isEqualTo(1);
        assertThat(cache("keywrap.leases.open")).isZero();
        assertThat(cache("keywrap.cache.unwraps", "result", "success")).isEqualTo(1);
    }

    @Test
    void tellsHowManyVersionsAreInWhichState() {
        product.use(wrapped);
        assertThat(cache("keywrap.kek.versions", "state", "active")).isEqualTo(1);
        WrappedDek another = product.wrapped();
        product.kek.disable();
        assertThat(failureOf(() -> product.use(another))).isNotNull();
        assertThat(cache("keywrap.kek.versions", "state", "active")).isZero();
        assertThat(cache("keywrap.kek.versions", "state", "revoked")).isEqualTo(1);
        assertThat(cache("keywrap.kek.versions", "state", "suspect")).isZero();
        assertThat(cache("keywrap.kek.versions", "state", "destroyed")).isZero();
    }

    @Test
    void tellsRefusalsThatDidNotReachTheKms() {
        product.kek.disable();
        for (int i = 0; i < 3; i++) {
            failureOf(() -> product.use(wrapped));
        }
        assertThat(cache("keywrap.cache.gets", "result", "refused")).isEqualTo(2);
        assertThat(cache("keywrap.cache.unwraps", "result", "failure")).isEqualTo(1);
        assertThat(product.kek.unwraps()).isEqualTo(1);
    }

    @Test
    void tellsRefreshesThatGoWellAndThoseThatDoNot() {
        product.use(wrapped);
        product.pass(Duration.ofSeconds(280));
        product.use(wrapped);
        assertThat(cache("keywrap.cache.refreshes", "result", "success")).isEqualTo(1);
        product.kek.unreachable();
        product.pass(Duration.ofSeconds(280));
        product.use(wrapped);
        assertThat(cache("keywrap.cache.refreshes", "result", "failure")).isEqualTo(1);
    }

    @Test
    void tellsEvictions() {
        KeywrapMetrics small = KeywrapMetrics.builder()
                .meters(registry)
                .tags(Tags.of("providers", "small"))
                .build();
        try (Product other = new Product(small, options -> options.cacheEntries(1, 1))) {
            small.bindTo(other.providers);
            other.use(other.wrapped());
            other.use(other.wrapped());
            assertThat(cache("keywrap.cache.evictions", "providers", "small"))
                    .isEqualTo(other.providers.statistics().evictions())
                    .isPositive();
        }
    }

    @Test
    void isMeasuredOnceByOneListener() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> metrics.bindTo(product.providers))
                .withMessageContaining("make one for each");
    }

    @Test
    void ofOtherProvidersNeedsTagsOfItsOwnInOneRegistry() {
        int before = registry.getMeters().size();
        try (Product other = new Product(metrics)) {
            KeywrapMetrics second = KeywrapMetrics.of(registry);
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> second.bindTo(other.providers))
                    .withMessageContaining("keywrap.cache.entries");
            second.close();
            assertThat(registry.getMeters()).hasSize(before);
            metrics.close();
            second.bindTo(other.providers);
            other.use(other.wrapped());
            assertThat(cache("keywrap.cache.entries")).isEqualTo(1);
        }
    }

    @Test
    void isNotKeptAliveByTheRegistry() {
        WeakReference<KeyProviders> forgotten = forgotten();
        for (int i = 0; i < 100 && forgotten.get() != null; i++) {
            System.gc();
        }
        assertThat(forgotten.get()).isNull();
        assertThat(cache("keywrap.cache.entries", "providers", "forgotten")).isNaN();
    }

    private WeakReference<KeyProviders> forgotten() {
        KeywrapMetrics other = KeywrapMetrics.builder()
                .meters(registry)
                .tags(Tags.of("providers", "forgotten"))
                .build();
        KeyProviders providers =
                KeyProviders.builder().register(product.kms).listener(other).build();
        other.bindTo(providers);
        return new WeakReference<>(providers);
    }

    @Test
    void leavesTheRegistryWhenTheListenerIsClosed() {
        metrics.close();
        metrics.close();
        assertThat(registry.getMeters())
                .allMatch(meter -> meter.getId().getName().equals("keywrap.kek.calls"));
    }
}
