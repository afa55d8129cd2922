package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.CallPurpose;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.ManualTime;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.Ending;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekState;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One JVM watches its KEKs, on a clock that a test moves. */
class KekMonitorTest {
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

    private void run(Duration howLong) {
        runUntil(howLong, () -> false);
    }

    /** Lets time pass by a quarter of a second; tells how much, if it ends before. */
    private Duration runUntil(Duration most, BooleanSupplier over) {
        Duration passed = Duration.ZERO;
        while (passed.compareTo(most) < 0 && !over.getAsBoolean()) {
            time.advance(Duration.ofMillis(250));
            passed = passed.plusMillis(250);
            jvm.monitor.step();
        }
        return passed;
    }

    private void keychain(String id, KekId control) {
        jvm.keychains.create(id, spec -> spec.control(control));
    }

    /** As a restore does whose DEK is not kept. */
    private void use(String id) {
        KeychainRecord record = store.load(id).orElseThrow();
        DekEntry entry = record.deks().get(0);
        jvm.providers
                .provider(entry.wraps().get(0).wrapped().kekId())
                .unwrap(
                        entry.wraps().get(0).wrapped(),
                        EncryptionContext.ofDek(id, entry.id(), record.keyContext()),
                        jvm.providers.foregroundDeadline())
                .close();
    }

    @Test
    void noticesADisabledKekWithinTheBoundAndItsReturn() {
        keychain("tenant-1", kek);
        run(Duration.ofMinutes(3));
        assertThat(jvm.monitor.bound()).isEqualTo(Duration.ofSeconds(72 + 5 + 1));
        for (int i = 0; i < 10; i++) {
            run(Duration.ofSeconds(7L * i));
            cloud.disable(kek);
            Duration noticed = runUntil(Duration.ofMinutes(9), () -> jvm.state(kek) == KekState.REVOKED);
            assertThat(noticed).isLessThanOrEqualTo(jvm.monitor.bound());
            cloud.enable(kek);
            runUntil(Duration.ofMinutes(11), () -> jvm.state(kek) == KekState.ACTIVE);
            assertThat(jvm.state(kek)).isEqualTo(KekState.ACTIVE);
            run(Duration.ofMinutes(20)); // What comes and goes too often is damped.
            use("tenant-1");
        }
    }

    @Test
    void takesADenialForARevocationWithinItsBoundAndNotBeforeItIsConfirmed() {
        keychain("tenant-1", kek);
        run(Duration.ofMinutes(3));
        cloud.deny(kek);
        Duration suspect = runUntil(Duration.ofMinutes(5), () -> jvm.state(kek) == KekState.SUSPECT);
        int asked = cloud.unwraps(kek);
        Duration confirmed = runUntil(Duration.ofMinutes(5), () -> jvm.state(kek) == KekState.REVOKED);
        assertThat(confirmed).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(15));
        assertThat(cloud.unwraps(kek) - asked).isEqualTo(2);
        assertThat(suspect.plus(confirmed)).isLessThanOrEqualTo(jvm.monitor.boundOfDenials());
    }

    @Test
    void endsTheLeasesOfARevokedKekAndGivesNewOnesAfterItsReturn() {
        keychain("tenant-1", kek);
        run(Duration.ofMinutes(2));
        cloud.disable(kek);
        runUntil(jvm.monitor.bound(), () -> jvm.state(kek) == KekState.REVOKED);
        assertThatThrownBy(() -> jvm.keychains.open("tenant-1").primary()).isInstanceOf(KekRevokedException.class);
        cloud.enable(kek);
        runUntil(Duration.ofMinutes(1), () -> jvm.state(kek) == KekState.ACTIVE);
        try (DekLease lease = jvm.keychains.open("tenant-1").primary()) {
            lease.ensureUsable();
        }
    }

    @Test
    void neverWrapsAndAsksOnlyByCanaries() {
        keychain("tenant-1", kek);
        int wraps = cloud.others.get() + vendor.others.get();
        run(Duration.ofMinutes(30));
        assertThat(cloud.others.get() + vendor.others.get()).isEqualTo(wraps);
        assertThat(jvm.told(CallEnded.class)).isNotEmpty().allMatch(call -> call.purpose() == CallPurpose.CANARY);
        assertThat(jvm.canaries(Jvm.SEAL)).as("the vendor's own").isPositive();
    }

    @Test
    void asksLessOftenWhatNobodyUsesAndSlowlyWhatIsRevoked() {
        keychain("tenant-1", kek);
        run(Duration.ofHours(1));
        int inUse = cloud.unwraps(kek);
        run(Duration.ofHours(1));
        int idle = cloud.unwraps(kek) - inUse;
        assertThat(inUse).isBetween(50, 75);
        assertThat(idle).isBetween(10, 15);
        cloud.disable(kek);
        run(Duration.ofMinutes(6));
        int before = cloud.unwraps(kek);
        run(Duration.ofHours(2));
        assertThat(cloud.unwraps(kek) - before).isBetween(10, 25);
    }

    @Test
    void takesTheCallsOfOthersForCanaries() {
        keychain("tenant-1", kek);
        run(Duration.ofMinutes(2));
        long canaries = jvm.canaries(kek);
        for (int i = 0; i < 60; i++) {
            use("tenant-1");
            run(Duration.ofSeconds(20));
        }
        assertThat(jvm.canaries(kek) - canaries).as("in 20 minutes").isLessThanOrEqualTo(2);
    }

    @Test
    void namesARecordThatIsNotSealedAndNeverAsksForIt() {
        keychain("tenant-1", kek);
        KekId planted = cloud.kek("planted");
        keychain("tenant-2", planted);
        KeychainRecord genuine = store.load("tenant-2").orElseThrow();
        store.records.put("tenant-2", genuine.next().build(body -> new byte[48]).toBytes());
        int before = cloud.unwraps(planted);
        run(Duration.ofMinutes(40));
        assertThat(cloud.unwraps(planted)).isEqualTo(before);
        assertThat(jvm.monitor.unsealed())
                .singleElement()
                .satisfies(one -> assertThat(one.keychainId()).isEqualTo("tenant-2"));
        assertThat(cloud.unwraps(kek)).isPositive();
    }

    @Test
    void takesAnotherKeychainsWrapWhereTheFirstIsNotSealed() {
        for (String id : List.of("tenant-1", "tenant-2", "tenant-3", "tenant-4", "tenant-5")) {
            keychain(id, kek);
        }
        for (String id : List.of("tenant-1", "tenant-2", "tenant-3", "tenant-4")) {
            KeychainRecord genuine = store.load(id).orElseThrow();
            store.records.put(id, genuine.next().build(body -> new byte[48]).toBytes());
        }
        run(Duration.ofMinutes(40));
        assertThat(jvm.canaries(kek)).isPositive();
    }

    @Test
    void stopsWhenNothingDependsOnAKekAnyMore() {
        keychain("tenant-1", kek);
        keychain("tenant-2", cloud.kek("other"));
        run(Duration.ofMinutes(2));
        store.records.remove("tenant-1");
        run(Duration.ofMinutes(30));
        int before = cloud.unwraps(kek);
        run(Duration.ofMinutes(30));
        assertThat(cloud.unwraps(kek)).isEqualTo(before);
    }

    @Test
    void goesOnWithWhatItKnowsAndUsesWhileTheStoreIsOutOfReach() {
        keychain("tenant-1", kek);
        run(Duration.ofMinutes(2));
        use("tenant-1");
        run(Duration.ofSeconds(5));
        store.down = true;
        run(Duration.ofMinutes(5));
        assertThat(jvm.monitor.isHolder()).isFalse();
        cloud.disable(kek);
        Duration noticed = runUntil(Duration.ofMinutes(5), () -> jvm.state(kek) == KekState.REVOKED);
        assertThat(noticed).isLessThanOrEqualTo(jvm.monitor.bound());
        store.down = false;
        run(Duration.ofMinutes(1));
        assertThat(jvm.monitor.isHolder()).isTrue();
    }

    @Test
    void aHostThatMayNotUnwrapAsksNobody() {
        keychain("tenant-1", kek);
        try (Jvm agent = new Jvm(store, time, 2, KekMonitor.Builder::wrapOnly, cloud, vendor)) {
            int before = cloud.calls();
            agent.monitor.start();
            for (int i = 0; i < 100; i++) {
                time.advance(Duration.ofMinutes(1));
                agent.monitor.step();
            }
            assertThat(cloud.calls()).isEqualTo(before);
            assertThat(agent.monitor.isHolder()).isFalse();
        }
    }

    @Test
    void tellsOfADeletionAtOnceAndAgainAsItComesNear() {
        keychain("tenant-1", kek);
        keychain("tenant-2", kek);
        run(Duration.ofMinutes(2));
        Instant day = time.now().plus(Duration.ofDays(30));
        cloud.faults.put(kek, failure -> new KekRevokedException(failure, day));
        run(Duration.ofMinutes(3));
        DeadlineNear first = new DeadlineNear(kek, "1", Ending.DELETION, day, 2, 2);
        assertThat(jvm.told(DeadlineNear.class)).containsExactly(first);
        for (Duration left : List.of(Duration.ofDays(7), Duration.ofDays(3), Duration.ofDays(1), Duration.ofHours(1))) {
            int before = jvm.told(DeadlineNear.class).size();
            time.advance(Duration.between(time.now(), day.minus(left)).minusSeconds(30));
            run(Duration.ofSeconds(20));
            assertThat(jvm.told(DeadlineNear.class)).hasSize(before);
            run(Duration.ofSeconds(20));
            assertThat(jvm.told(DeadlineNear.class)).hasSize(before + 1).last().isEqualTo(first);
        }
        time.advance(Duration.ofHours(2));
        run(Duration.ofSeconds(5));
        assertThat(jvm.told(DeadlineNear.class)).hasSize(5);
        assertThat(jvm.state(kek)).isEqualTo(KekState.DESTROYED);
    }

    @Test
    void tellsOfAnExpiryThatTheStatusTells() {
        keychain("tenant-1", kek);
        Instant day = time.now().plus(Duration.ofDays(2));
        cloud.expiries.put(kek, day);
        run(Duration.ofMinutes(1));
        assertThat(jvm.told(DeadlineNear.class)).containsExactly(new DeadlineNear(kek, "", Ending.EXPIRY, day, 1, 1));
    }

    @Test
    void saysWhenTheLastVersionInUseIsAboutToGo() {
        keychain("tenant-1", kek);
        cloud.version = "2";
        keychain("tenant-2", kek);
        run(Duration.ofMinutes(2));
        assertThat(jvm.monitor.uses()).hasSize(2);
        Instant day = time.now().plus(Duration.ofDays(30));
        cloud.faults.put(kek, failure -> new KekRevokedException(failure, day));
        run(Duration.ofMinutes(5));
        assertThat(jvm.told(DeadlineNear.class)).anyMatch(event -> event.ending() == Ending.LAST_VERSION);
    }

    @Test
    void anAnswerThatIsOursChangesNothing() {
        keychain("tenant-1", kek);
        run(Duration.ofMinutes(2));
        cloud.faults.put(kek, failure -> (KekException) new KekConfigurationException(failure));
        int before = cloud.unwraps(kek);
        run(Duration.ofMinutes(30));
        assertThat(cloud.unwraps(kek) - before).as("calls, no more than usual").isBetween(24, 38);
        assertThat(jvm.state(kek)).isEqualTo(KekState.ACTIVE);
        assertThat(jvm.providers
                        .states()
                        .of(kek, "1", Operation.UNWRAP)
                        .orElseThrow()
                        .ownFailure())
                .isPresent();
    }

    @Test
    void theThreadsWatchInTheBackgroundAndEndWithTheMonitor() throws Exception {
        keychain("tenant-1", kek);
        CountDownLatch asked = new CountDownLatch(1);
        cloud.during = kekId -> asked.countDown();
        jvm.monitor.start();
        for (int i = 0; i < 500 && !asked.await(2, TimeUnit.MILLISECONDS); i++) {
            time.advance(Duration.ofSeconds(1)); // A clock that a test moves wakes nobody.
        }
        assertThat(asked.getCount()).isZero();
        jvm.monitor.close();
        assertThatThrownBy(jvm.monitor::step).isInstanceOf(IllegalStateException.class);
    }
}
