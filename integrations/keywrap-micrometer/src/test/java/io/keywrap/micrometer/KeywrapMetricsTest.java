package io.keywrap.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.CallPurpose;
import io.keywrap.DekLease;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.testkit.FaultPlan;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the meters tell of real providers over a KMS in memory. */
class KeywrapMetricsTest {
    private static final KekId KEK = KekId.of("memory:customer");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final KeywrapMetrics metrics = KeywrapMetrics.of(registry);
    private final Product product = new Product(metrics);

    @AfterEach
    void close() {
        product.close();
    }

    private long calls(String... tags) {
        return registry.find("keywrap.kek.calls").tags(tags).timers().stream()
                .mapToLong(Timer::count)
                .sum();
    }

    private static Throwable failureOf(Runnable action) {
        return catchThrowable(action::run);
    }

    @Nested
    class Calls {
        @Test
        void aCallThatGoesWellIsTimedWithFiveTags() {
            product.kek.faults(FaultPlan.ofUnwraps().slow(Duration.ofMillis(250), 1));
            product.use(product.wrapped());
            Timer timer =
                    registry.get("keywrap.kek.calls").tag("operation", "unwrap").timer();
            assertThat(timer.count()).isEqualTo(1);
            assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(250);
            assertThat(timer.getId().getTags())
                    .containsExactlyInAnyOrder(
                            Tag.of("scheme", "memory"),
                            Tag.of("operation", "unwrap"),
                            Tag.of("purpose", "foreground"),
                            Tag.of("outcome", "success"),
                            Tag.of("cause", "none"));
            assertThat(calls("operation", "wrap")).isEqualTo(1);
        }

        @Test
        void aRevokedKekIsTheCustomersDoing() {
            WrappedDek wrapped = product.wrapped();
            product.kek.disable();
            assertThat(failureOf(() -> product.use(wrapped))).isInstanceOf(KekRevokedException.class);
            assertThat(calls("outcome", "revoked", "cause", "customer")).isEqualTo(1);
            assertThat(calls("cause", "provider")).isZero();
        }

        @Test
        void anOutageIsTheProvidersDoingAtEachAttempt() {
            WrappedDek wrapped = product.wrapped();
            int before = product.kek.unwraps();
            product.kek.unreachable();
            assertThat(failureOf(() -> product.use(wrapped))).isInstanceOf(KekUnreachableException.class);
            assertThat(calls("outcome", "unreachable", "cause", "provider"))
                    .isGreaterThan(1)
                    .isEqualTo(product.kek.unwraps() - before);
            assertThat(calls("cause", "customer")).isZero();
        }

        @Test
        void throttlingIsCountedAtEachAttemptAlsoWhereTheCallSucceedsInTheEnd() {
            WrappedDek wrapped = product.wrapped();
            product.kek.faults(FaultPlan.ofUnwraps().throttle(3));
            product.use(wrapped);
            assertThat(calls("operation", "unwrap", "outcome", "throttled", "cause", "provider"))
                    .isEqualTo(3);
            assertThat(calls("operation", "unwrap", "outcome", "success")).isEqualTo(1);
        }

        @Test
        void aRefreshIsToldFromACallThatSomebodyWaitsFor() {
            WrappedDek wrapped = product.wrapped();
            product.use(wrapped);
            product.pass(Duration.ofSeconds(280)); // Of five minutes: time to refresh.
            product.use(wrapped);
            assertThat(calls("operation", "unwrap", "purpose", "foreground")).isEqualTo(1);
            assertThat(calls("operation", "unwrap", "purpose", "refresh")).isEqualTo(1);
        }

        @Test
        void severalThreadsAreAllCounted() throws Exception {
            List<WrappedDek> deks = Stream.generate(product::wrapped).limit(64).toList();
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                List<Future<?>> all = new ArrayList<>();
                deks.forEach(dek -> all.add(threads.submit(() -> product.use(dek))));
                for (Future<?> one : all) {
                    one.get();
                }
            } finally {
                threads.shutdownNow();
            }
            assertThat(calls("operation", "unwrap", "outcome", "success")).isEqualTo(64);
        }

        static Stream<Arguments> failures() {
            Failure failure = Failure.of(KEK, "it failed");
            return Stream.of(
                    Arguments.of(new KekRevokedException(failure, KekRevokedException.Reason.DENIED), "revoked"),
                    Arguments.of(new KekNotFoundException(failure), "not_found"),
                    Arguments.of(new KekThrottledException(failure), "throttled"),
                    Arguments.of(new KekUnreachableException(failure), "unreachable"),
                    Arguments.of(new KekConfigurationException(failure), "configuration"),
                    Arguments.of(new InvalidWrappedDekException(failure), "invalid"),
                    Arguments.of(new KekException(failure) {}, "other"));
        }

        @ParameterizedTest
        @MethodSource("failures")
        void everyKindOfFailureHasAnOutcomeOfItsOwn(KekException failure, String outcome) {
            metrics.onEvent(new CallEnded(
                    KEK, Operation.GENERATE, CallPurpose.CANARY, Duration.ofMillis(1), Optional.of(failure)));
            assertThat(calls("outcome", outcome, "operation", "generate", "purpose", "canary"))
                    .isEqualTo(1);
            assertThat(calls("cause", "none")).isZero();
        }

        @Test
        void anEventThatThisReleaseDoesNotKnowPasses() {
            metrics.onEvent(new Unknown(KEK));
            assertThat(registry.getMeters()).isEmpty();
        }

        record Unknown(KekId kekId) implements KekEvent {}
    }

    @Nested
    class RenewalsOfOpenLeases {
        private final WrappedDek wrapped = product.wrapped();

        private double failed(String... tags) {
            return registry.find("keywrap.renewals.failed").tags(tags).counters().stream()
                    .mapToDouble(counter -> counter.count())
                    .sum();
        }

        @Test
        void anOutageEndsNoLease() {
            try (DekLease lease = product.lease(wrapped)) {
                product.kek.unreachable();
                product.pass(Duration.ofMinutes(6));
                lease.ensureUsable();
            }
            assertThat(failed("ended", "false", "outcome", "unreachable", "cause", "provider"))
                    .isEqualTo(1);
            assertThat(failed("ended", "true")).isZero();
        }

        @Test
        void aRevokedKekEndsThem() {
            try (DekLease lease = product.lease(wrapped)) {
                product.kek.disable();
                product.pass(Duration.ofMinutes(6));
                assertThat(failureOf(lease::ensureUsable)).isInstanceOf(KekRevokedException.class);
            }
            assertThat(failed("scheme", "memory", "ended", "true", "outcome", "revoked", "cause", "customer"))
                    .isEqualTo(1);
        }
    }

    @Nested
    class Identifiers {
        private List<String> everyTag() {
            return registry.getMeters().stream()
                    .flatMap(meter -> meter.getId().getTags().stream())
                    .map(Tag::getValue)
                    .toList();
        }

        @Test
        void noContextValueKeyIdOrByteIsInATag() {
            metrics.bindTo(product.providers);
            WrappedDek wrapped = product.wrapped();
            List<String> secrets = new ArrayList<>(
                    List.of("context-value-of-acme", "customer", wrapped.dekId().hex(), "tenant"));
            try (DekLease lease = product.lease(wrapped)) {
                secrets.add(lease.withBytes(HexFormat.of()::formatHex));
                product.kek.unreachable();
                product.pass(Duration.ofMinutes(6));
                lease.ensureUsable();
            }
            product.kek.recover();
            assertThat(everyTag())
                    .isNotEmpty()
                    .noneMatch(value -> secrets.stream().anyMatch(value::contains));
        }

        @Test
        void theKekIsATagWhereItIsAskedFor() {
            KeywrapMetrics named =
                    KeywrapMetrics.builder().meters(registry).tagKekId().build();
            try (Product other = new Product(named)) {
                WrappedDek wrapped = other.wrapped();
                try (DekLease lease = other.lease(wrapped)) {
                    other.kek.disable();
                    other.pass(Duration.ofMinutes(6));
                    failureOf(lease::ensureUsable);
                }
            }
            assertThat(calls("kek", "memory:customer", "operation", "wrap")).isEqualTo(1);
            assertThat(registry.get("keywrap.renewals.failed")
                            .tag("kek", "memory:customer")
                            .counter()
                            .count())
                    .isEqualTo(1);
        }
    }

    @Nested
    class ARegistryThatThrows {
        @Test
        void disturbsNoCall() {
            registry.config().meterFilter(new MeterFilter() {
                @Override
                public Meter.Id map(Meter.Id id) {
                    throw new IllegalStateException("no meters today");
                }
            });
            WrappedDek wrapped = product.wrapped();
            product.use(wrapped);
            product.pass(Duration.ofMinutes(6));
            product.kek.disable();
            assertThat(failureOf(() -> product.use(wrapped))).isInstanceOf(KekRevokedException.class);
            assertThat(registry.getMeters()).isEmpty();
        }

        @Test
        void leavesNoMeterOfTheCacheHalfWay() {
            registry.config().meterFilter(new MeterFilter() {
                @Override
                public Meter.Id map(Meter.Id id) {
                    if (id.getName().equals("keywrap.cache.evictions")) {
                        throw new IllegalStateException("no such meter");
                    }
                    return id;
                }
            });
            assertThat(failureOf(() -> metrics.bindTo(product.providers))).isInstanceOf(IllegalStateException.class);
            assertThat(registry.getMeters()).isEmpty();
        }
    }

    @Nested
    class WithoutARegistry {
        @Test
        void nothingIsBuilt() {
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> KeywrapMetrics.builder().build());
        }
    }
}
