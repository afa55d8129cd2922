package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.provider.KekState;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two JVMs with one store: one monitors, the other hears of it and asks by itself. */
class SharedMonitorTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofSeconds(10);
    private static final Duration CALL = Duration.ofSeconds(5);

    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();
    private final KekId kek = cloud.kek("acme");
    private Jvm first;
    private Jvm second;

    @BeforeEach
    void open() {
        first = new Jvm(store, time, 1, options -> {}, cloud, vendor);
        second = new Jvm(store, time, 2, options -> {}, cloud, vendor);
        first.keychains.create("tenant-1", spec -> spec.control(kek));
    }

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    private Duration runUntil(Duration most, BooleanSupplier over, Jvm... alive) {
        Duration passed = Duration.ZERO;
        while (passed.compareTo(most) < 0 && !over.getAsBoolean()) {
            time.advance(Duration.ofMillis(500));
            passed = passed.plusMillis(500);
            for (Jvm jvm : alive) {
                jvm.monitor.step();
            }
            assertThat(Arrays.stream(alive).filter(jvm -> jvm.monitor.isHolder()))
                    .as("who monitors")
                    .hasSizeLessThanOrEqualTo(1);
        }
        return passed;
    }

    private void run(Duration howLong, Jvm... alive) {
        runUntil(howLong, () -> false, alive);
    }

    /** Unwraps the DEK, which is then kept, as a backup does. */
    private static void use(Jvm jvm) {
        jvm.keychains.open("tenant-1").primary().close();
    }

    @Test
    void oneOfThemMonitors() {
        run(Duration.ofMinutes(10), first, second);
        assertThat(first.monitor.isHolder()).isTrue();
        assertThat(first.canaries(kek)).isPositive();
        assertThat(second.canaries(kek)).isZero();
        assertThat(second.monitor.watched()).isZero();
    }

    @Test
    void aRevocationEndsInTheOtherAfterACanaryOfItsOwn() {
        run(Duration.ofMinutes(2), first, second);
        use(second);
        cloud.disable(kek);
        Duration inFirst = runUntil(Duration.ofMinutes(2), () -> first.state(kek) == KekState.REVOKED, first, second);
        Duration inSecond = runUntil(Duration.ofMinutes(2), () -> second.state(kek) == KekState.REVOKED, first, second);
        assertThat(inSecond).isLessThanOrEqualTo(POLL.plus(CALL));
        assertThat(inFirst.plus(inSecond))
                .isLessThanOrEqualTo(first.monitor.bound().plus(POLL).plus(CALL));
        assertThat(second.canaries(kek)).isEqualTo(1);
        run(Duration.ofMinutes(10), first, second);
        assertThat(second.canaries(kek)).as("seldom, once it is known").isBetween(2L, 4L);
    }

    @Test
    void aDenialIsConfirmedInTheOtherToo() {
        run(Duration.ofMinutes(2), first, second);
        use(second);
        cloud.deny(kek);
        run(first.monitor.boundOfDenials().plus(POLL).plus(CALL), first, second);
        assertThat(first.state(kek)).isEqualTo(KekState.REVOKED);
        assertThat(second.state(kek)).isEqualTo(KekState.REVOKED);
        assertThat(second.canaries(kek)).isBetween(2L, 3L);
    }

    @Test
    void aJvmThatDoesNotUseTheKekAsksNothing() {
        run(Duration.ofMinutes(2), first, second);
        cloud.disable(kek);
        run(Duration.ofMinutes(5), first, second);
        assertThat(first.state(kek)).isEqualTo(KekState.REVOKED);
        assertThat(second.canaries(kek)).isZero();
    }

    @Test
    void whatOnlyTheOtherUsesIsAskedAsOftenAsWhatTheHolderUses() {
        run(Duration.ofMinutes(70), first, second);
        long before = first.canaries(kek);
        run(Duration.ofMinutes(30), first, second);
        long idle = first.canaries(kek) - before;
        for (int i = 0; i < 3; i++) {
            use(second);
            run(Duration.ofMinutes(10), first, second);
        }
        long used = first.canaries(kek) - before - idle;
        assertThat(idle).isBetween(4L, 9L);
        assertThat(used).isBetween(24L, 38L);
    }

    @Test
    void theOtherTakesOverWhenTheHolderDies() {
        run(Duration.ofMinutes(2), first, second);
        Duration taken = runUntil(Duration.ofMinutes(5), second.monitor::isHolder, second);
        assertThat(taken).isBetween(LEASE.minus(POLL), LEASE.plus(POLL).plus(POLL));
        cloud.disable(kek);
        Duration noticed = runUntil(Duration.ofMinutes(5), () -> second.state(kek) == KekState.REVOKED, second);
        assertThat(noticed).isLessThanOrEqualTo(second.monitor.bound());
        // The first was only stopped for a while, and notices.
        run(Duration.ofSeconds(1), first, second);
        assertThat(first.monitor.isHolder()).isFalse();
    }

    @Test
    void theOtherTakesOverAtOnceWhenTheHolderIsClosed() {
        run(Duration.ofMinutes(2), first, second);
        first.monitor.close();
        assertThat(runUntil(Duration.ofMinutes(5), second.monitor::isHolder, second))
                .isLessThanOrEqualTo(POLL);
    }

    @Test
    void aHolderWhoCannotRenewStopsBeforeAnotherBegins() {
        run(Duration.ofMinutes(2), first, second);
        store.down = true;
        run(LEASE, first, second);
        assertThat(first.monitor.isHolder()).isFalse();
        store.down = false;
        run(LEASE, second, first);
        run(LEASE, first, second);
        assertThat(first.monitor.isHolder() || second.monitor.isHolder()).isTrue();
    }

    @Test
    void everythingGoesOnAfterARestartOfAll() {
        run(Duration.ofMinutes(2), first, second);
        try (Jvm third = new Jvm(store, time, 3, options -> {}, cloud, vendor)) {
            cloud.disable(kek);
            Duration noticed = runUntil(Duration.ofMinutes(5), () -> third.state(kek) == KekState.REVOKED, third);
            assertThat(noticed).isLessThanOrEqualTo(LEASE.plus(POLL).plus(POLL).plus(third.monitor.bound()));
        }
    }

    @Test
    void aForgedNoteMakesNobodyDoMoreThanAskOnce() {
        run(Duration.ofMinutes(2), first, second);
        use(second);
        byte[] forged = StatesNote.encode(
                List.of(new StatesNote.Entry(new VersionInUse(kek, "1"), KekState.REVOKED, "tenant-1")));
        put(StatesNote.NOTE, forged);
        run(POLL.plusSeconds(1), second);
        run(Duration.ofSeconds(40), first, second);
        assertThat(second.state(kek)).isEqualTo(KekState.ACTIVE);
        assertThat(second.canaries(kek)).isEqualTo(1);
        try (var lease = second.keychains.open("tenant-1").primary()) {
            lease.ensureUsable();
        }
    }

    @Test
    void whatTheHolderHasSaidIsSaidAgainIfItIsWrittenOver() {
        run(Duration.ofMinutes(2), first, second);
        cloud.disable(kek);
        runUntil(Duration.ofMinutes(2), () -> first.state(kek) == KekState.REVOKED, first);
        run(Duration.ofSeconds(1), first);
        put(StatesNote.NOTE, new byte[0]);
        run(POLL.plusSeconds(1), first);
        assertThat(StatesNote.parse(store.note(StatesNote.NOTE).orElseThrow().content()))
                .singleElement()
                .satisfies(entry -> assertThat(entry.state()).isEqualTo(KekState.REVOKED));
    }

    @Test
    void aHintThatHasBecomeWorseIsHeededAgainAtOnce() {
        run(Duration.ofMinutes(2), first, second);
        use(second);
        for (KekState state : List.of(KekState.SUSPECT, KekState.REVOKED)) {
            run(Duration.ofMillis(500), first); // It goes on monitoring.
            put(
                    StatesNote.NOTE,
                    StatesNote.encode(List.of(new StatesNote.Entry(new VersionInUse(kek, "1"), state, "tenant-1"))));
            run(POLL.plusSeconds(1), second);
        }
        assertThat(second.canaries(kek)).isEqualTo(2);
    }

    @Test
    void garbageInTheNotesDoesNothing() {
        run(Duration.ofMinutes(2), first, second);
        use(second);
        Random random = new Random(7);
        byte[] huge = new byte[StoreNotes.MAX_NOTE_BYTES];
        Arrays.fill(huge, (byte) 1);
        byte[] manyEntries = {1, (byte) 0xFF, (byte) 0xFF};
        byte[] hugeText = {1, 0, 1, (byte) 0xFF, (byte) 0xFF, 'a'};
        byte[] random1 = new byte[200];
        random.nextBytes(random1);
        for (byte[] garbage :
                List.of(new byte[0], huge, manyEntries, hugeText, random1, "{}".getBytes(StandardCharsets.UTF_8))) {
            put(StatesNote.NOTE, garbage);
            put(MonitorLease.NOTE, garbage);
            put(UsedNote.NOTE, garbage);
            run(Duration.ofSeconds(90), first, second);
            assertThat(second.state(kek)).isEqualTo(KekState.ACTIVE);
            assertThat(first.monitor.isHolder() || second.monitor.isHolder()).isTrue();
        }
    }

    private void put(String name, byte[] content) {
        long revision = store.note(name).map(Note::revision).orElse(0L);
        assertThat(store.putNote(name, revision, content)).isTrue();
    }

    @Test
    void twoInOneFolderAgreeAsWell(@TempDir Path folder) {
        try (Jvm one = new Jvm(FileKeychainStore.open(folder), time, 4, options -> {}, cloud, vendor);
                Jvm other = new Jvm(FileKeychainStore.open(folder), time, 5, options -> {}, cloud, vendor)) {
            one.keychains.create("tenant-1", spec -> spec.control(kek));
            run(Duration.ofMinutes(2), one, other);
            use(other);
            cloud.disable(kek);
            run(one.monitor.bound().plus(POLL).plus(CALL), one, other);
            assertThat(one.state(kek)).isEqualTo(KekState.REVOKED);
            assertThat(other.state(kek)).isEqualTo(KekState.REVOKED);
            Duration taken = runUntil(Duration.ofMinutes(5), other.monitor::isHolder, other);
            assertThat(taken).isLessThanOrEqualTo(LEASE.plus(POLL).plus(POLL));
        }
    }

    @Test
    void withoutNotesEachMonitorsByItself() {
        KeychainStore plain = new WithoutNotes(store);
        try (Jvm one = new Jvm(plain, time, 6, options -> {}, cloud, vendor);
                Jvm other = new Jvm(plain, time, 7, options -> {}, cloud, vendor)) {
            for (int i = 0; i < 200; i++) {
                time.advance(Duration.ofSeconds(1));
                one.monitor.step();
                other.monitor.step();
            }
            assertThat(one.canaries(kek)).isPositive();
            assertThat(other.canaries(kek)).isPositive();
        }
    }
}
