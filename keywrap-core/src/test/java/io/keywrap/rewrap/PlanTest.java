package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.provider.FakeKms;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.RewrapPlan.Calls;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a plan takes a job to last, and what it tells of it. */
class PlanTest {
    private static final KekId A = KekId.of("fake:a");
    private static final KekId B = KekId.of("fake:b");
    private static final List<Calls> CALLS = List.of(
            new Calls(A, Operation.UNWRAP, 60), new Calls(A, Operation.WRAP, 40), new Calls(B, Operation.WRAP, 50));

    @TempDir
    Path folder;

    private final KeyProviders providers = KeyProviders.builder()
            .register(new FakeKms())
            .time(new ManualTime())
            .build();

    @AfterEach
    void close() {
        providers.close();
    }

    private Duration estimate(double rate, int concurrency, Map<KekId, Long> onOthers) {
        Settings settings = new Settings(
                FileKeychainStore.open(folder),
                providers,
                A,
                KeychainFilter.all(),
                rate,
                concurrency,
                Optional.empty(),
                false);
        return PlanWork.estimate(settings, CALLS, onOthers);
    }

    @Test
    void slowestKekSaysHowLongItTakes() {
        assertThat(estimate(10, 100, Map.of())).isEqualTo(Duration.ofSeconds(10));
        assertThat(estimate(10, 100, Map.of(B, 70L))).isEqualTo(Duration.ofSeconds(12));
        assertThat(estimate(10, 100, Map.of(B, 10L))).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void orHowManyCallsAreUnderWayAtOnce() {
        // 150 calls of 50 ms.
        assertThat(estimate(10_000, 1, Map.of())).isEqualTo(Duration.ofMillis(7_500));
        assertThat(estimate(10_000, 4, Map.of(B, 500L))).isEqualTo(Duration.ofMillis(1_875));
    }

    @Test
    void callsAreSummedByCloud() {
        RewrapPlan plan = new RewrapPlan(1, 2, 3, 4, List.of(), CALLS, Duration.ofMillis(1_500));
        Map<Operation, Long> sums = new EnumMap<>(Operation.class);
        sums.put(Operation.UNWRAP, 60L);
        sums.put(Operation.WRAP, 90L);
        assertThat(plan.perCloud()).isEqualTo(Map.of("fake", sums));
        assertThat(plan.toJson())
                .contains("\"keychains\": 1", "\"deks\": 2", "\"already\": 3", "\"unknownVersions\": 4")
                .contains("\"estimateSeconds\": 1.5", "\"scheme\": \"fake\"", "\"UNWRAP\": 60", "\"WRAP\": 90")
                .contains("\"kek\": \"fake:b\"", "\"operation\": \"WRAP\"", "\"count\": 50");
    }
}
