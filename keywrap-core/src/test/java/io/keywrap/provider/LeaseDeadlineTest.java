package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.Deadline;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The deadline of a lease begins when a KMS must be asked, and is one for all that are asked. */
class LeaseDeadlineTest extends CacheFixture {
    private static final KekId REPLICA = KekId.of("fake:replica");
    private static final KekId OTHER_REPLICA = KekId.of("fake:other-replica");

    private final CacheOptions options = new CacheOptions(
            DEADLINE, 10, 10, true, REFUSALS, Duration.ofHours(1), Map.of(CallPurpose.REFRESH, REFRESH_BUDGET));
    private final CacheCounters counters = new CacheCounters();
    private final DekCache cache =
            new DekCache(options, time, kms::create, counters, new Verdicts(options, time), Jca.platform());
    private final Renewals renewals = new Renewals(cache, options, time, background::add, new Events(event -> {}));
    private final Leases leases =
            new Leases(cache, renewals, new Outages(cache, options, time, background::add), counters, lease -> {});
    private int begun;

    @AfterEach
    void closeCache() {
        cache.close();
    }

    private void lease(DekWraps wraps) {
        leases.lease(wraps, this::begin, InFlight.ABORT).close();
    }

    private Deadline begin() {
        begun++;
        return providers.foregroundDeadline();
    }

    private DekWraps wraps(List<KekId> replicas) {
        List<WrappedDek> others = replicas.stream()
                .map(kekId -> WrappedDek.builder(wrapped.dekId(), kekId)
                        .kekVersion("1")
                        .build("COPY", wrapped.wrappedBytes()))
                .toList();
        return new DekWraps(List.of(wrapped), others, CONTEXT, checkValue(wrapped));
    }

    @Test
    void isNotBegunForWhatIsKept() {
        lease(wraps(List.of()));
        assertThat(begun).isOne();
        lease(wraps(List.of()));
        assertThat(begun).isOne();
    }

    @Test
    void isNotBegunForWhatIsKeptThoughThereAreReplicas() {
        lease(wraps(List.of(REPLICA)));
        assertThat(begun).isOne();
        lease(wraps(List.of(REPLICA)));
        assertThat(begun).isOne();
    }

    @Test
    void isOneForControlAndAllReplicas() {
        kms.faults.put(FakeKms.KEK, KekUnreachableException::new);
        kms.faults.put(REPLICA, KekUnreachableException::new);
        lease(wraps(List.of(REPLICA, OTHER_REPLICA)));
        assertThat(begun).isOne();
    }
}
