package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.keychain.Keychain;
import io.keywrap.rewrap.DekRotation;
import io.keywrap.rewrap.RewrapPlan;
import io.keywrap.rewrap.RewrapProgress;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** New primaries of keychains that others change meanwhile: whom they are wrapped to, and what is told. */
class DekRotationRacesTest {
    private final RewrapBench bench = new RewrapBench();
    private Keychain keychain;

    @BeforeEach
    void oldPrimary() {
        keychain = bench.keychain("a", 3, r -> r.control(bench.from.id()).replica(bench.replica.id()));
        keychain.repair(Set.of(bench.replica.id()));
        bench.time.advance(Duration.ofDays(91));
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private DekRotation.Builder job(KeychainStore store) {
        return DekRotation.builder(store, bench.providers)
                .seal(bench.seal)
                .rate(10_000)
                .concurrency(1);
    }

    private OvertakenStore faster(int times, Runnable others) {
        return new OvertakenStore(bench.store, times, others);
    }

    private DekEntry primary() {
        return bench.record("a").primary(Usage.ENVELOPES).orElseThrow();
    }

    @Test
    void primaryThatWasMadeIsUsedWhereAnotherWasFaster() {
        int generates = bench.from.generates();
        int live = RewrapBench.live(bench.record("a")).size();
        OvertakenStore store = faster(3, () -> {});
        RewrapReport report = job(store).build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.ROTATED, 1L, Outcome.ALREADY, live - 1L));
        assertThat(bench.from.generates() - generates).isEqualTo(1);
        assertThat(store.tries).hasValue(4);
        bench.remember(reopened());
        bench.assertAllOpen("a");
    }

    private Keychain reopened() {
        return bench.keychains(bench.providers).open("a");
    }

    @Test
    void primaryIsWrappedInTheRolesThatHoldWhenItIsCommitted() {
        KeychainRecord before = bench.record("a");
        RewrapReport report = job(faster(
                        1,
                        () -> reopened()
                                .changeRecipients(
                                        r -> r.control(bench.from.id()).control(bench.replica.id()))))
                .build()
                .run();
        assertThat(bench.record("a").recipients()).isNotEqualTo(before.recipients());
        assertThat(report.complete()).isTrue();
        bench.assertRoles(primary(), Map.of(bench.from.id(), Role.CONTROL, bench.replica.id(), Role.CONTROL));
    }

    @Test
    void othersThatAreAlwaysFasterAreTold() {
        byte[] before = bench.record("a").toBytes();
        OvertakenStore store = faster(1_000, () -> {});
        RewrapReport report = job(store).build().run();
        assertThat(report.outcomes()).isEqualTo(Map.of(Outcome.CONFLICT, 1L));
        assertThat(store.tries).hasValue(10);
        assertThat(bench.record("a").toBytes()).isEqualTo(before);
    }

    @Test
    void planCountsDeksThatNeedNothing() {
        int live = RewrapBench.live(bench.record("a")).size();
        RewrapPlan plan = job(bench.store).build().plan();
        assertThat(plan.deks()).isEqualTo(1);
        assertThat(plan.already()).isEqualTo(live - 1);
    }

    @Test
    void jobCanBeRunAgainAndAgain() {
        List<RewrapProgress> told = new ArrayList<>();
        DekRotation job = job(bench.store)
                .olderThan(Duration.ofDays(3_653))
                .listener(told::add)
                .build();
        assertThat(job.run().complete()).isTrue();
        assertThat(job.run().complete()).isTrue();
        assertThat(told).hasSize(2);
        DekRotation failing = job(new ForwardingStore(bench.store) {
                    @Override
                    public void replace(KeychainRecord record, long expectedRevision) {
                        throw new InternalError("the process is killed");
                    }
                })
                .build();
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(InternalError.class).isThrownBy(failing::run);
        }
    }
}
