package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.provider.KekState;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The longest that a revocation can take: every jitter at its most, every call as slow as it may be. */
class BoundTest {
    private static final Duration SLOW = Duration.ofMillis(4_900);

    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();
    private final KekId kek = cloud.kek("acme");
    private final Jvm jvm = new Jvm(store, time, 1, options -> options.random(() -> -1L), cloud, vendor);
    private Instant changed = Instant.MAX;

    @AfterEach
    void close() {
        jvm.close();
    }

    /** From now on each call takes its time, and the KEK changes as soon as one was let pass. */
    private void changesDuringTheNextCall(Runnable change, Duration itTakes) {
        cloud.during = kekId -> {
            if (changed.equals(Instant.MAX)) {
                changed = time.now();
                change.run();
                time.advance(itTakes);
            } else {
                time.advance(SLOW);
            }
        };
    }

    private void run(Duration howLong) {
        Instant end = time.now().plus(howLong);
        while (time.now().isBefore(end)) {
            time.advance(Duration.ofMillis(100));
            jvm.monitor.step();
        }
    }

    private Duration untilRevoked() {
        while (jvm.state(kek) != KekState.REVOKED) {
            time.advance(Duration.ofMillis(100));
            jvm.monitor.step();
            assertThat(changed.equals(Instant.MAX) || time.now().isBefore(changed.plus(Duration.ofMinutes(5))))
                    .isTrue();
        }
        return Duration.between(changed, time.now());
    }

    private void use() {
        KeychainRecord record = store.load("tenant-1").orElseThrow();
        DekEntry entry = record.deks().get(0);
        jvm.providers
                .provider(kek)
                .unwrap(
                        entry.wraps().get(0).wrapped(),
                        EncryptionContext.ofDek("tenant-1", entry.id(), record.keyContext()),
                        jvm.providers.foregroundDeadline())
                .close();
    }

    private void keychain() {
        jvm.keychains.create("tenant-1", spec -> spec.control(kek));
        run(Duration.ofMinutes(3));
    }

    @Test
    void ofAKekThatIsDisabledHolds() {
        keychain();
        changesDuringTheNextCall(() -> cloud.disable(kek), SLOW);
        assertThat(jvm.monitor.bound()).isEqualTo(Duration.ofSeconds(78));
        assertThat(untilRevoked()).isBetween(Duration.ofSeconds(76), jvm.monitor.bound());
    }

    @Test
    void ofADenialHolds() {
        keychain();
        changesDuringTheNextCall(() -> cloud.deny(kek), SLOW);
        assertThat(jvm.monitor.boundOfDenials()).isEqualTo(Duration.ofSeconds(102));
        assertThat(untilRevoked()).isBetween(Duration.ofSeconds(98), jvm.monitor.boundOfDenials());
    }

    @Test
    void holdsAlsoAfterACallOfSomebodyElseThatWasLetPassJustBefore() {
        keychain();
        changesDuringTheNextCall(() -> cloud.deny(kek), Duration.ofSeconds(9));
        use();
        assertThat(untilRevoked()).isBetween(Duration.ofSeconds(60), jvm.monitor.boundOfDenials());
    }

    @Test
    void holdsWithoutAStormOfCallsWhereEachIsSlow() {
        keychain();
        cloud.during = kekId -> time.advance(SLOW);
        int before = cloud.unwraps(kek);
        run(Duration.ofMinutes(20));
        assertThat(cloud.unwraps(kek) - before).isBetween(15, 18);
    }

    @Test
    void noMoreCallsAreUnderWayThanMayBe() {
        AtomicInteger underWay = new AtomicInteger();
        LongAccumulator most = new LongAccumulator(Math::max, 0);
        CountDownLatch tooMany = new CountDownLatch(1);
        try (Jvm two = new Jvm(store, time, 2, options -> options.concurrency(2), cloud, vendor)) {
            for (int i = 0; i < 12; i++) {
                KekId one = cloud.kek("kek-" + i);
                two.keychains.create("tenant-" + i, spec -> spec.control(one));
            }
            cloud.during = kekId -> {
                int now = underWay.incrementAndGet();
                most.accumulate(now);
                if (now > 2) {
                    tooMany.countDown();
                }
                await(tooMany);
                underWay.decrementAndGet();
            };
            for (int i = 0; i < 4; i++) {
                time.advance(Duration.ofSeconds(30));
                two.monitor.step();
            }
        }
        assertThat(most.get()).isEqualTo(2);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
