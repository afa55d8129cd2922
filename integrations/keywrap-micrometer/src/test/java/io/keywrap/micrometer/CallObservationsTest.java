package io.keywrap.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.CallPurpose;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.CallBegun;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.testkit.FaultPlan;
import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.Observation.Context;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** One observation an attempt, in the thread that makes it, which is left as it was. */
class CallObservationsTest {
    private final ObservationRegistry registry = ObservationRegistry.create();
    private final Handler handler = new Handler();
    private final KeywrapMetrics metrics =
            KeywrapMetrics.builder().observations(registry).build();
    private final Product product = new Product(metrics);

    @BeforeEach
    void handle() {
        registry.observationConfig().observationHandler(handler);
    }

    @AfterEach
    void close() {
        handler.failsAt = "";
        assertThat(registry.getCurrentObservationScope()).isNull();
        product.close();
    }

    private static List<String> keys(Context context) {
        return context.getLowCardinalityKeyValues().stream()
                .map(key -> key.getKey() + "=" + key.getValue())
                .toList();
    }

    @Test
    void aCallIsOneObservationWithTheKeysOfTheMeters() {
        product.use(product.wrapped());
        assertThat(handler.stopped).extracting(Context::getName).containsOnly("keywrap.kek.attempt");
        assertThat(handler.stopped)
                .extracting(Context::getContextualName)
                .containsExactly("wrap memory", "unwrap memory");
        assertThat(keys(handler.stopped.get(1)))
                .containsExactlyInAnyOrder(
                        "scheme=memory", "operation=unwrap", "purpose=foreground", "outcome=success", "cause=none");
        assertThat(handler.stopped).allMatch(context -> context.getError() == null);
        assertThat(handler.stopped)
                .allMatch(context ->
                        !context.getHighCardinalityKeyValues().iterator().hasNext());
    }

    @Test
    void eachAttemptIsOneAndCarriesItsFailure() {
        WrappedDek wrapped = product.wrapped();
        handler.stopped.clear();
        product.kek.faults(FaultPlan.ofUnwraps().throttle(2));
        product.use(wrapped);
        product.kek.disable();
        product.pass(Duration.ofMinutes(6));
        Throwable refused = catchThrowable(() -> product.use(wrapped));
        assertThat(handler.stopped).hasSize(4);
        assertThat(keys(handler.stopped.get(0))).contains("outcome=throttled", "cause=provider");
        assertThat(keys(handler.stopped.get(2))).contains("outcome=success", "cause=none");
        assertThat(keys(handler.stopped.get(3))).contains("outcome=revoked", "cause=customer");
        assertThat(handler.stopped.get(3).getError())
                .isInstanceOf(KekRevokedException.class)
                .isSameAs(refused);
    }

    @Test
    void anAttemptIsAChildOfWhatItsThreadObserves() {
        Observation backup = Observation.start("backup", registry);
        WrappedDek wrapped = product.wrapped();
        try (Observation.Scope scope = backup.openScope()) {
            product.use(wrapped);
            assertThat(registry.getCurrentObservationScope()).isSameAs(scope);
        }
        backup.stop();
        assertThat(handler.stopped.get(0).getParentObservation()).isNull();
        assertThat(handler.stopped.get(1).getParentObservation()).isSameAs(backup);
        assertThat(handler.currentAtScope).isTrue();
    }

    @Test
    void severalThreadsHaveTheirOwn() throws Exception {
        List<WrappedDek> deks = Stream.generate(product::wrapped).limit(32).toList();
        handler.stopped.clear();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Boolean>> all = new ArrayList<>();
            deks.forEach(dek -> all.add(threads.submit(() -> {
                product.use(dek);
                return registry.getCurrentObservationScope() == null;
            })));
            for (Future<Boolean> one : all) {
                assertThat(one.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(handler.stopped)
                .hasSize(32)
                .allMatch(context -> keys(context).contains("outcome=success"));
    }

    @Test
    void theKekIsOfHighCardinalityWhereItIsAskedForAndTagsAreOfLow() {
        KeywrapMetrics named = KeywrapMetrics.builder()
                .observations(registry)
                .tags(Tags.of("providers", "eu"))
                .tagKekId()
                .build();
        try (Product other = new Product(named)) {
            other.wrapped();
        }
        Context context = handler.stopped.get(0);
        assertThat(context.getHighCardinalityKeyValues()).containsExactly(KeyValue.of("kek", "memory:customer"));
        assertThat(keys(context)).contains("providers=eu").noneMatch(key -> key.contains("customer"));
    }

    @Nested
    class CallsThatNest {
        private final CallObservations observations = new CallObservations(registry, new CallTags(Tags.empty(), false));
        private final CallBegun outer = begun("outer:kek");
        private final CallBegun inner = begun("inner:kek");

        private static CallBegun begun(String kek) {
            return new CallBegun(KekId.of(kek), Operation.UNWRAP, CallPurpose.FOREGROUND);
        }

        private void end(CallBegun call) {
            observations.end(new CallEnded(
                    call.kekId(), call.operation(), call.purpose(), Duration.ofMillis(1), Optional.empty()));
        }

        private List<String> ended() {
            return handler.stopped.stream().map(Context::getContextualName).toList();
        }

        @Test
        void endInTheirOrder() {
            observations.begin(outer);
            observations.begin(inner);
            end(inner);
            end(outer);
            assertThat(ended()).containsExactly("unwrap inner", "unwrap outer");
            assertThat(handler.stopped.get(0).getParentObservation()).isNotNull();
            assertThat(observations.nothingIsLeftHere()).isTrue();
        }

        @Test
        void endWithTheOuterOneWhereTheInnerEndWasNeverTold() {
            observations.begin(outer);
            observations.begin(inner);
            end(outer);
            assertThat(ended()).containsExactly("unwrap inner", "unwrap outer");
            assertThat(observations.nothingIsLeftHere()).isTrue();
        }

        @Test
        void leaveTheOuterOneAloneWhereTheInnerBeginningWasNeverTold() {
            observations.begin(outer);
            end(inner);
            assertThat(ended()).isEmpty();
            assertThat(observations.nothingIsLeftHere()).isFalse();
            end(outer);
            assertThat(ended()).containsExactly("unwrap outer");
        }

        @Test
        void areNothingWhereNoneHasBegun() {
            end(outer);
            assertThat(ended()).isEmpty();
        }
    }

    @Nested
    class AHandlerThatThrows {
        @Test
        void disturbsNeitherTheCallNorTheThread() {
            Observation backup = Observation.start("backup", registry);
            WrappedDek wrapped = product.wrapped();
            try (Observation.Scope scope = backup.openScope()) {
                for (String place : List.of("start", "open", "open, close", "error", "close", "stop")) {
                    handler.failsAt = place;
                    product.use(wrapped);
                    product.kek.disable();
                    product.pass(Duration.ofMinutes(6));
                    assertThat(catchThrowable(() -> product.use(wrapped)))
                            .as(place)
                            .isInstanceOf(KekRevokedException.class);
                    product.kek.enable();
                    product.pass(Duration.ofMinutes(6));
                    handler.failsAt = "";
                    assertThat(registry.getCurrentObservationScope()).as(place).isSameAs(scope);
                }
            }
            handler.stopped.clear();
            product.use(wrapped);
            assertThat(handler.stopped).hasSize(1);
            assertThat(handler.stopped.get(0).getParentObservation()).isNull();
        }
    }

    @Test
    void metersCountAlsoWhereAHandlerThrows() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        KeywrapMetrics both =
                KeywrapMetrics.builder().meters(meters).observations(registry).build();
        handler.failsAt = "stop";
        try (Product other = new Product(both)) {
            other.wrapped();
        }
        assertThat(meters.get("keywrap.kek.calls").timer().count()).isEqualTo(1);
    }

    /** Keeps what has stopped, and throws where it is told to. */
    private static final class Handler implements ObservationHandler<Context> {
        final List<Context> stopped = Collections.synchronizedList(new ArrayList<>());
        volatile String failsAt = "";
        volatile boolean currentAtScope;

        private void at(String place, Context context) {
            if (failsAt.contains(place) && context.getName().startsWith("keywrap")) {
                throw new IllegalStateException("fails at " + place);
            }
        }

        @Override
        public void onStart(Context context) {
            at("start", context);
        }

        @Override
        public void onError(Context context) {
            at("error", context);
        }

        @Override
        public void onScopeOpened(Context context) {
            at("open", context);
            currentAtScope = context.getName().startsWith("keywrap");
        }

        @Override
        public void onScopeClosed(Context context) {
            at("close", context);
        }

        @Override
        public void onStop(Context context) {
            at("stop", context);
            if (context.getName().startsWith("keywrap")) {
                stopped.add(context);
            }
        }

        @Override
        public boolean supportsContext(Context context) {
            return true;
        }
    }
}
