package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.revocation.KekInventory.Unsealed;
import io.keywrap.revocation.KekInventory.Use;
import io.keywrap.revocation.KekMonitor.Builder;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a monitor may be told, what it says of itself, and what it leaves when it is closed. */
class KekMonitorOptionsTest {
    private static final Duration NANO = Duration.ofNanos(1);

    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();
    private final KekId kek = cloud.kek("acme");
    private final Jvm jvm = jvm(options -> {});

    @AfterEach
    void close() {
        jvm.close();
    }

    private Jvm jvm(Consumer<Builder> options) {
        return new Jvm(store, time, 1, options, cloud, vendor);
    }

    private Builder builder() {
        return KekMonitor.builder(store, jvm.providers).seal(KeychainSeal.wrappedBy(Jvm.SEAL));
    }

    private void refused(Consumer<Builder> option) {
        assertThatIllegalArgumentException().isThrownBy(() -> option.accept(builder()));
    }

    @Test
    void bothEndsOfEachOptionAreTakenAndOneMoreIsRefused() {
        Duration day = Duration.ofHours(24);
        Duration minute = Duration.ofMinutes(1);
        builder()
                .interval(Duration.ofSeconds(5), Duration.ofSeconds(5))
                .interval(Duration.ofHours(1), day)
                .scan(minute)
                .scan(day)
                .lease(Duration.ofSeconds(3))
                .lease(Duration.ofMinutes(10))
                .callsPerSecond(1, 1)
                .callsPerSecond(10_000, 10_000)
                .concurrency(1)
                .concurrency(256)
                .build()
                .close();
        refused(one -> one.interval(Duration.ofSeconds(5).minus(NANO), day));
        refused(one -> one.interval(Duration.ofHours(1).plus(NANO), day));
        refused(one -> one.interval(minute, minute.minus(NANO)));
        refused(one -> one.interval(minute, day.plus(NANO)));
        refused(one -> one.scan(minute.minus(NANO)));
        refused(one -> one.scan(day.plus(NANO)));
        refused(one -> one.lease(Duration.ofSeconds(3).minus(NANO)));
        refused(one -> one.lease(Duration.ofMinutes(10).plus(NANO)));
        refused(one -> one.callsPerSecond(0, 1));
        refused(one -> one.callsPerSecond(10_001, 1));
        refused(one -> one.callsPerSecond(5, 0));
        refused(one -> one.callsPerSecond(5, 6));
        refused(one -> one.concurrency(0));
        refused(one -> one.concurrency(257));
        assertThatIllegalStateException()
                .isThrownBy(() -> KekMonitor.builder(store, jvm.providers).build());
    }

    @Test
    void theBoundsFollowTheIntervalTheCallAndTheConfirmations() {
        try (KekMonitor monitor = builder()
                .interval(Duration.ofSeconds(10), Duration.ofMinutes(1))
                .build()) {
            assertThat(monitor.bound()).isEqualTo(Duration.ofSeconds(12 + 5 + 1));
            assertThat(monitor.boundOfDenials()).isEqualTo(Duration.ofSeconds(18 + 12 + 2 * (5 + 1)));
        }
    }

    @Test
    void theBoundGrowsWithTheNumberOfKeks() {
        try (Jvm slow = jvm(options -> options.callsPerSecond(1, 1))) {
            for (int i = 0; i < 107; i++) {
                KekId one = cloud.kek("kek-" + i);
                slow.keychains.create("tenant-" + i, spec -> spec.control(one));
            }
            slow.monitor.step();
            time.advance(Duration.ofSeconds(1));
            slow.monitor.step();
            assertThat(slow.monitor.watched()).isEqualTo(108);
            assertThat(slow.monitor.bound().toMillis()).isCloseTo((2 * 72 + 6) * 1_000, within(1L));
        }
    }

    @Test
    void itTellsWhatItWatchesWhatDependsOnItAndWhatNobodyVouchesFor() {
        jvm.keychains.create("tenant-1", spec -> spec.control(kek));
        jvm.keychains.create("tenant-2", spec -> spec.control(kek));
        KeychainRecord genuine = store.load("tenant-2").orElseThrow();
        store.records.put("tenant-2", genuine.next().build(body -> new byte[48]).toBytes());
        assertThat(jvm.monitor.isHolder()).isFalse();
        assertThat(jvm.monitor.watched()).isZero();
        assertThat(jvm.monitor.uses()).isEmpty();
        jvm.monitor.step();
        assertThat(jvm.monitor.isHolder()).isTrue();
        assertThat(jvm.monitor.watched()).isEqualTo(2);
        assertThat(jvm.monitor.uses()).containsExactly(new Use(kek, "1", Role.CONTROL, 2, 2));
        assertThat(jvm.monitor.unsealed()).isEmpty();
        store.records.remove("tenant-1");
        for (int i = 0; i < 2_400; i++) {
            time.advance(Duration.ofSeconds(1));
            jvm.monitor.step();
        }
        assertThat(jvm.monitor.unsealed()).extracting(Unsealed::keychainId).containsExactly("tenant-2");
        assertThat(cloud.given).doesNotContain(genuine.deks().get(0).id());
    }

    @Test
    void aStepTellsHowLongThereIsNothingToDo() {
        jvm.keychains.create("tenant-1", spec -> spec.control(kek));
        assertThat(jvm.monitor.step()).as("the next survey").isEqualTo(Duration.ofSeconds(1));
        time.advance(Duration.ofMillis(400));
        assertThat(jvm.monitor.step()).isEqualTo(Duration.ofMillis(600));
        time.advance(Duration.ofMillis(600));
        assertThat(jvm.monitor.step()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void oneThatMayNotUnwrapMakesNoThreadAsksNobodyAndHoldsNothing() {
        List<Thread> made = new CopyOnWriteArrayList<>();
        Builder builder = builder().wrapOnly();
        builder.threads = task -> {
            Thread thread = new Thread(task);
            made.add(thread);
            return thread;
        };
        try (KekMonitor host = builder.build()) {
            host.start();
            assertThat(host.step()).isEqualTo(Duration.ofMinutes(15));
            assertThat(host.isHolder()).isFalse();
            assertThat(host.watched()).isZero();
        }
        assertThat(made).isEmpty();
        assertThat(store.notes).isEmpty();
    }

    @Test
    void withoutNotesEachMonitorsAtOnceUnlessItMayNotUnwrap() {
        WithoutNotes plain = new WithoutNotes(store);
        try (KekMonitor one = KekMonitor.builder(plain, jvm.providers)
                        .seal(KeychainSeal.wrappedBy(Jvm.SEAL))
                        .build();
                KekMonitor host = KekMonitor.builder(plain, jvm.providers)
                        .seal(KeychainSeal.wrappedBy(Jvm.SEAL))
                        .wrapOnly()
                        .build()) {
            assertThat(one.isHolder()).isTrue();
            assertThat(host.isHolder()).isFalse();
        }
    }

    @Test
    void whoeverIsClosedGivesTheLeaseBackOnce() {
        jvm.monitor.step();
        jvm.monitor.close();
        assertThat(jvm.monitor.isHolder()).isFalse();
        long revision = store.note(MonitorLease.NOTE).orElseThrow().revision();
        assertThat(revision).isEqualTo(2);
        jvm.monitor.close();
        assertThat(store.note(MonitorLease.NOTE).orElseThrow().revision()).isEqualTo(revision);
        assertThatIllegalStateException().isThrownBy(jvm.monitor::start);
        assertThatIllegalStateException().isThrownBy(jvm.monitor::step);
    }

    @Test
    void aKekIsAskedAboutItselfByWhoeverMonitorsAlone() {
        jvm.keychains.create("tenant-1", spec -> spec.control(kek));
        try (Jvm second = jvm(options -> {})) {
            for (int i = 0; i < 60; i++) {
                time.advance(Duration.ofSeconds(1));
                jvm.monitor.step();
                second.monitor.step();
            }
        }
        assertThat(cloud.statuses).hasValue(1);
        assertThat(vendor.statuses).hasValue(1);
    }

    @Test
    void questionsAboutKeksAreWithinTheBudgetOfCallsToo() {
        try (Jvm slow = jvm(options -> options.callsPerSecond(2, 2))) {
            for (int i = 0; i < 20; i++) {
                KekId one = cloud.kek("kek-" + i);
                slow.keychains.create("tenant-" + i, spec -> spec.control(one));
            }
            int most = 0;
            for (int second = 0; second < 120; second++) {
                int before = cloud.calls() + cloud.statuses.get();
                time.advance(Duration.ofSeconds(1));
                slow.monitor.step();
                most = Math.max(most, cloud.calls() + cloud.statuses.get() - before);
            }
            assertThat(most).isEqualTo(2);
            assertThat(cloud.statuses).hasValue(20);
        }
    }
}
