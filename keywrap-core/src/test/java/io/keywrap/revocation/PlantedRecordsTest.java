package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.ManualTime;
import io.keywrap.provider.KekState;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.StoreNotes.Note;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Records that nobody vouches for, before those of a KEK: they delay its first canary, and no more. */
class PlantedRecordsTest {
    private static final int PLANTED = 50;

    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();
    private final KekId kek = cloud.kek("acme");
    private final Jvm jvm = new Jvm(store, time, 1, options -> {}, cloud, vendor);

    @AfterEach
    void close() {
        jvm.close();
    }

    private void run(Jvm one, Duration howLong) {
        for (Duration passed = Duration.ZERO; passed.compareTo(howLong) < 0; passed = passed.plusMillis(500)) {
            time.advance(Duration.ofMillis(500));
            one.monitor.step();
        }
    }

    private void planted(String prefix, KekId control) {
        for (int i = 0; i < PLANTED; i++) {
            String id = "a-%s-%02d".formatted(prefix, i);
            jvm.keychains.create(id, spec -> spec.control(control));
            KeychainRecord genuine = store.load(id).orElseThrow();
            store.records.put(id, genuine.next().build(body -> new byte[48]).toBytes());
        }
    }

    @Test
    void aCanaryIsFoundBehindThemAtTheFirstReading() {
        planted("acme", kek);
        jvm.keychains.create("tenant-1", spec -> spec.control(kek));
        run(jvm, Duration.ofMinutes(2));
        assertThat(jvm.canaries(kek)).isPositive();
        assertThat(jvm.canaries(Jvm.SEAL)).as("of the vendor's own").isPositive();
        assertThat(cloud.given)
                .containsExactly(
                        store.load("tenant-1").orElseThrow().deks().get(0).id());
    }

    @Test
    void thoseThatHaveNoOtherAreNotSearchedForAllTheTime() {
        planted("acme", kek);
        run(jvm, Duration.ofMinutes(5));
        int before = store.searches.get();
        run(jvm, Duration.ofHours(1));
        assertThat(cloud.unwraps(kek)).isZero();
        assertThat(store.searches.get() - before).isLessThanOrEqualTo(4 * (2 + PLANTED / 20 + 2));
    }

    @Test
    void aSuspectKekIsAskedForBehindThemToo() {
        store.putNote(MonitorLease.NOTE, 0, new byte[] {1}); // Another monitors.
        planted("acme", kek);
        jvm.keychains.create("tenant-1", spec -> spec.control(kek));
        jvm.monitor.step();
        cloud.deny(kek);
        KeychainRecord record = store.load("tenant-1").orElseThrow();
        DekEntry entry = record.deks().get(0);
        assertThatThrownBy(() -> jvm.providers
                        .provider(kek)
                        .unwrap(
                                entry.wraps().get(0).wrapped(),
                                EncryptionContext.ofDek("tenant-1", entry.id(), record.keyContext()),
                                jvm.providers.foregroundDeadline()))
                .isInstanceOf(KekRevokedException.class);
        for (int i = 0; i < 4; i++) {
            run(jvm, Duration.ofSeconds(20));
            long revision = store.note(MonitorLease.NOTE).map(Note::revision).orElseThrow();
            store.putNote(MonitorLease.NOTE, revision, new byte[] {1});
        }
        assertThat(jvm.monitor.isHolder()).isFalse();
        assertThat(jvm.state(kek)).isEqualTo(KekState.REVOKED);
    }

    @Test
    void noMoreCallsAreMadeForThemThanTheBudgetAllows() {
        try (Jvm slow = new Jvm(store, time, 2, options -> options.callsPerSecond(4, 4), cloud, vendor)) {
            for (int i = 0; i < 6; i++) {
                KekId one = cloud.kek("kek-" + i);
                planted("kek-" + i, one);
                jvm.keychains.create("tenant-" + i, spec -> spec.control(one));
            }
            vendor.clear();
            for (int i = 0; i < 2_400; i++) {
                time.advance(Duration.ofMillis(500));
                slow.monitor.step();
            }
            assertThat(vendor.peak()).isLessThanOrEqualTo(4);
            assertThat(List.of(0, 1, 2, 3, 4, 5))
                    .allSatisfy(i ->
                            assertThat(cloud.unwraps(cloud.kek("kek-" + i))).isPositive());
        }
    }

    /** Such as by whoever can write to the store, or a backup that is put back: nobody need begin the process again. */
    @Test
    void aRecordThatWasDamagedForAWhileGivesACanaryOnceItIsMended() {
        jvm.keychains.create("tenant-1", spec -> spec.control(kek));
        byte[] genuine = store.records.get("tenant-1");
        KeychainRecord record = store.load("tenant-1").orElseThrow();
        store.records.put("tenant-1", record.next().build(body -> new byte[48]).toBytes());
        run(jvm, Duration.ofMinutes(35));
        assertThat(jvm.monitor.unsealed()).hasSize(1);
        store.records.put("tenant-1", genuine);
        run(jvm, Duration.ofMinutes(35));
        cloud.disable(kek);
        run(jvm, Duration.ofMinutes(10));
        assertThat(jvm.state(kek)).isEqualTo(KekState.REVOKED);
        assertThat(jvm.monitor.unsealed()).isEmpty();
    }
}
