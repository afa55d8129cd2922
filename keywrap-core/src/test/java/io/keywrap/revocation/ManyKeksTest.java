package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.provider.KekEvent.ServiceOutage;
import io.keywrap.provider.KekEvent.StateChanged;
import io.keywrap.provider.KekState;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many KEKs in one JVM, and a cloud that goes dark. */
class ManyKeksTest {
    private static final int KEKS = 10_000;
    private static final int KEYCHAINS = 20_000;

    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud other = new Cloud("other", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();

    private void run(Jvm jvm, Duration howLong, Duration step) {
        for (Duration passed = Duration.ZERO; passed.compareTo(howLong) < 0; passed = passed.plus(step)) {
            time.advance(step);
            jvm.monitor.step();
        }
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("keywrap-monitor"))
                .count();
    }

    private static long usedMemory() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void tenThousandStayWithinTheBudgetAndAFewMegabytes() {
        try (Jvm making = new Jvm(store, time, 1, options -> {}, cloud, vendor)) {
            for (int i = 0; i < KEYCHAINS; i++) {
                KekId kek = cloud.kek("kek-" + i % KEKS);
                making.keychains.create("tenant-" + i, spec -> spec.control(kek));
            }
        }
        try (Jvm jvm = new Jvm(store, time, 2, options -> options.callsPerSecond(100, 100), cloud, vendor)) {
            long before = usedMemory();
            run(jvm, Duration.ofMinutes(6), Duration.ofMillis(250));
            assertThat(jvm.monitor.watched()).isEqualTo(KEKS + 1);
            assertThat(jvm.monitor.uses()).hasSize(KEKS).allMatch(use -> use.keychains() == 2 && use.deks() == 2);
            // Each was asked, and no call was one too many; 100 a second make the interval 111 s, and the bound 139 s.
            assertThat(cloud.unwraps).hasSize(KEKS);
            assertThat(cloud.peak()).isLessThanOrEqualTo(100);
            assertThat(threads()).isLessThanOrEqualTo(10);
            assertThat(jvm.monitor.bound()).isBetween(Duration.ofSeconds(130), Duration.ofSeconds(150));
            jvm.events.clear();
            long grown = usedMemory() - before;
            assertThat(grown / KEKS)
                    .as("bytes a KEK, with its provider and its state")
                    .isLessThan(8 * 1024);

            KekId kek = cloud.kek("kek-77");
            cloud.disable(kek);
            Duration bound = jvm.monitor.bound();
            run(jvm, bound, Duration.ofMillis(250));
            assertThat(jvm.state(kek)).isEqualTo(KekState.REVOKED);
        }
    }

    @Test
    void aDarkCloudMakesNoStormAndNoRevocationAndHidesNoOther() {
        try (Jvm jvm = new Jvm(store, time, 3, options -> {}, cloud, other, vendor)) {
            for (int i = 0; i < 300; i++) {
                KekId kek = cloud.kek("kek-" + i);
                jvm.keychains.create("tenant-" + i, spec -> spec.control(kek));
            }
            KekId elsewhere = other.kek("acme");
            jvm.keychains.create("elsewhere", spec -> spec.control(elsewhere));
            run(jvm, Duration.ofMinutes(5), Duration.ofMillis(250));
            jvm.events.clear();

            cloud.dark = true;
            run(jvm, Duration.ofMinutes(5), Duration.ofMillis(250));
            assertThat(jvm.told(ServiceOutage.class)).hasSize(1).first().satisfies(event -> {
                assertThat(event.service()).isEqualTo("cloud");
                assertThat(event.over()).isFalse();
            });
            int before = cloud.calls();
            run(jvm, Duration.ofHours(1), Duration.ofMillis(250));
            assertThat(cloud.calls() - before)
                    .as("calls of a few scouts in an hour")
                    .isBetween(100, 500);
            assertThat(jvm.told(StateChanged.class)).noneMatch(StateChanged::ofState);

            other.disable(elsewhere);
            run(jvm, Duration.ofMinutes(7), Duration.ofMillis(250));
            assertThat(jvm.state(elsewhere)).isEqualTo(KekState.REVOKED);

            AtomicInteger calls = new AtomicInteger(cloud.calls());
            cloud.dark = false;
            run(jvm, Duration.ofMinutes(2), Duration.ofMillis(250));
            assertThat(jvm.told(ServiceOutage.class)).hasSize(2).last().matches(ServiceOutage::over);
            assertThat(cloud.calls() - calls.get()).as("each is asked again").isGreaterThan(300);
            assertThat(cloud.peak()).isLessThanOrEqualTo(20);
        }
    }
}
