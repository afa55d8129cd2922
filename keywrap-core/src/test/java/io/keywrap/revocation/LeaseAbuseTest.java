package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KekState;
import io.keywrap.store.DekEntry;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes.Note;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody who can write to the store holds the lease, and does not monitor: each JVM asks for what it uses itself. */
class LeaseAbuseTest {
    private static final Duration SLOW = Duration.ofMillis(4_900);
    private static final Duration STEP = Duration.ofMillis(500);
    /** As the guide says. */
    private static final Duration BOUND = Duration.ofSeconds(366);

    private static final Duration BOUND_OF_DENIALS = Duration.ofSeconds(390);

    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();
    private final KekId kek = cloud.kek("acme");
    private final Jvm jvm = jvm(store);
    private Instant changed = Instant.MAX;
    private boolean leaseIsHeld = true;

    @AfterEach
    void close() {
        jvm.close();
    }

    /** With every jitter at its most. */
    private Jvm jvm(KeychainStore of) {
        return new Jvm(of, time, 1, options -> options.random(() -> -1L), cloud, vendor);
    }

    private void step(Jvm one) {
        time.advance(STEP);
        if (leaseIsHeld) {
            long revision = store.note(MonitorLease.NOTE).map(Note::revision).orElse(0L);
            store.putNote(MonitorLease.NOTE, revision, new byte[] {1});
        }
        one.monitor.step();
    }

    private void run(Jvm one, Duration howLong) {
        for (Duration passed = Duration.ZERO; passed.compareTo(howLong) < 0; passed = passed.plus(STEP)) {
            step(one);
        }
    }

    private void run(Duration howLong) {
        run(jvm, howLong);
    }

    private static void use(Jvm one, KeychainStore of, String id) {
        KeychainRecord record = of.load(id).orElseThrow();
        DekEntry entry = record.deks().get(0);
        one.providers
                .provider(entry.wraps().get(0).wrapped().kekId())
                .unwrap(
                        entry.wraps().get(0).wrapped(),
                        EncryptionContext.ofDek(id, entry.id(), record.keyContext()),
                        one.providers.foregroundDeadline())
                .close();
    }

    private DekId keychainInUse() {
        step(jvm); // Before there is a note, it would be the first to monitor.
        jvm.keychains.create("tenant-1", spec -> spec.control(kek));
        use(jvm, store, "tenant-1");
        run(Duration.ofMinutes(3));
        assertThat(jvm.monitor.isHolder()).isFalse();
        return store.load("tenant-1").orElseThrow().deks().get(0).id();
    }

    /** The KEK changes as soon as one call was let pass, and every call is as slow as it may be. */
    private Duration noticed(Runnable change) {
        cloud.during = kekId -> {
            if (changed.equals(Instant.MAX)) {
                changed = time.now();
                change.run();
            }
            time.advance(SLOW);
        };
        Instant latest = time.now().plus(Duration.ofMinutes(30));
        while (jvm.state(kek) != KekState.REVOKED) {
            step(jvm);
            assertThat(time.now()).isBefore(latest);
        }
        return Duration.between(changed, time.now());
    }

    @Test
    void aKekThatIsDisabledIsNoticedWithinTheBound() {
        keychainInUse();
        assertThat(noticed(() -> cloud.disable(kek))).isBetween(Duration.ofSeconds(364), BOUND);
    }

    /** Its canary was vouched for before. */
    @Test
    void aKekThatIsDisabledWhileTheKekOfTheSealsIsOutOfReachIsNoticedWithinTheBoundToo() {
        keychainInUse();
        run(Duration.ofMinutes(20));
        vendor.dark = true;
        run(Duration.ofMinutes(10));
        cloud.disable(kek);
        run(BOUND);
        assertThat(jvm.state(kek)).isEqualTo(KekState.REVOKED);
    }

    @Test
    void aKekThatIsDeniedIsNoticedWithinTheBound() {
        keychainInUse();
        assertThat(noticed(() -> cloud.deny(kek))).isBetween(Duration.ofSeconds(385), BOUND_OF_DENIALS);
    }

    @Test
    void aJvmThatHasMonitoredGoesOnWithWhatItUses() {
        leaseIsHeld = false;
        jvm.keychains.create("tenant-1", spec -> spec.control(kek));
        jvm.keychains.create("tenant-2", spec -> spec.control(cloud.kek("of-another")));
        run(Duration.ofMinutes(3));
        assertThat(jvm.monitor.isHolder()).isTrue();
        use(jvm, store, "tenant-1");
        run(Duration.ofSeconds(2));
        leaseIsHeld = true;
        run(Duration.ofMinutes(3));
        assertThat(jvm.monitor.isHolder()).isFalse();
        int others = cloud.unwraps(cloud.kek("of-another"));
        assertThat(noticed(() -> cloud.disable(kek))).isLessThanOrEqualTo(BOUND);
        assertThat(cloud.unwraps(cloud.kek("of-another"))).isEqualTo(others);
    }

    @Test
    void whatItDoesNotUseAnyMoreIsNotAskedAnyMore() {
        keychainInUse();
        run(Duration.ofMinutes(75));
        int asked = cloud.unwraps(kek);
        assertThat(asked).isBetween(10, 15);
        run(Duration.ofMinutes(60));
        assertThat(cloud.unwraps(kek)).isEqualTo(asked);
        use(jvm, store, "tenant-1");
        run(Duration.ofMinutes(7));
        assertThat(cloud.unwraps(kek)).isEqualTo(asked + 2);
    }

    /** Of more than are remembered, said again each second. */
    @Test
    void whatItUsesWaitsForASearchOnce() {
        MonitorOptions options = new MonitorOptions(
                Duration.ofMinutes(1),
                Duration.ofMinutes(5),
                Duration.ofDays(30),
                Duration.ofSeconds(30),
                20,
                20,
                8,
                true);
        KeychainSeal seal = KeychainSeal.wrappedBy(Jvm.SEAL);
        long begun = time.nanoTime();
        OwnKeks own = new OwnKeks(
                jvm.providers,
                new Canaries(store, jvm.providers, seal),
                new Watches(options, new Random(1), jvm.providers.states()),
                options,
                () -> time.nanoTime() - begun);
        List<VersionInUse> used = IntStream.range(0, 15_000)
                .mapToObj(i -> new VersionInUse(cloud.kek("used-" + i), "1"))
                .toList();
        for (int i = 0; i < 10; i++) {
            own.used(used);
        }
        int searches = 0;
        for (; own.nextAt() != Long.MAX_VALUE && searches < 20_000; searches++) {
            time.advance(Duration.ofSeconds(1));
            own.search();
        }
        assertThat(searches).isEqualTo(10_000);
    }

    @Test
    void itsOwnCallsCountAsCanaries() {
        keychainInUse();
        int asked = cloud.unwraps(kek);
        for (int i = 0; i < 10; i++) {
            use(jvm, store, "tenant-1");
            run(Duration.ofMinutes(2));
        }
        assertThat(cloud.unwraps(kek)).isEqualTo(asked + 10);
    }

    @Test
    void aDekThatIsGoneFromTheStoreIsNotUnwrappedAnyMore() {
        DekId gone = keychainInUse();
        run(Duration.ofMinutes(10));
        assertThat(cloud.given).contains(gone);
        store.records.remove("tenant-1");
        cloud.given.clear();
        run(Duration.ofMinutes(30));
        assertThat(cloud.given).isEmpty();
    }

    @Test
    void onceItHasTheLeaseTheUsualBoundHolds() {
        keychainInUse();
        run(Duration.ofMinutes(10));
        leaseIsHeld = false;
        run(Duration.ofMinutes(2));
        assertThat(jvm.monitor.isHolder()).isTrue();
        assertThat(noticed(() -> cloud.disable(kek))).isLessThanOrEqualTo(jvm.monitor.bound());
    }

    @Test
    void aFolderInThePlaceOfTheLeaseKeepsNobodyFromAsking(@TempDir Path root) throws IOException {
        leaseIsHeld = false;
        FileKeychainStore files = FileKeychainStore.open(root);
        Files.createDirectories(root.resolve("notes").resolve(MonitorLease.NOTE + ".note"));
        try (Jvm one = jvm(files)) {
            one.keychains.create("tenant-1", spec -> spec.control(kek));
            use(one, files, "tenant-1");
            run(one, Duration.ofSeconds(10));
            cloud.disable(kek);
            run(one, BOUND);
            assertThat(one.state(kek)).isEqualTo(KekState.REVOKED);
        }
    }

    @Test
    void foldersInThePlaceOfOtherNotesKeepNobodyFromMonitoring(@TempDir Path root) throws IOException {
        leaseIsHeld = false;
        FileKeychainStore files = FileKeychainStore.open(root);
        for (String note : new String[] {StatesNote.NOTE, UsedNote.NOTE}) {
            Files.createDirectories(root.resolve("notes").resolve(note + ".note"));
        }
        try (Jvm one = jvm(files)) {
            one.keychains.create("tenant-1", spec -> spec.control(kek));
            run(one, Duration.ofMinutes(3));
            assertThat(one.monitor.isHolder()).isTrue();
            cloud.disable(kek);
            run(one, one.monitor.bound());
            assertThat(one.state(kek)).isEqualTo(KekState.REVOKED);
        }
    }
}
