package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.provider.KekEvent.ServiceOutage;
import io.keywrap.provider.KekEvent.StateChanged;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a monitor of 10,000 KEKs needs: memory, threads, calls, and time to read its store. Prints figures. */
@Tag("endurance")
class ManyKeksEnduranceTest {
    private static final int KEKS = 10_000;
    private static final Duration TICK = Duration.ofMillis(250);

    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();

    private void make(int keychains) {
        try (Jvm making = new Jvm(store, time, 1, options -> {}, cloud, vendor)) {
            for (int i = 0; i < keychains; i++) {
                KekId kek = cloud.kek("kek-" + i % KEKS);
                making.keychains.create("tenant-" + i, spec -> spec.control(kek));
            }
        }
    }

    private Jvm jvm(int callsPerSecond) {
        return new Jvm(
                store, time, 2, options -> options.callsPerSecond(callsPerSecond, callsPerSecond), cloud, vendor);
    }

    /** Tells how long it took on a real clock, in seconds. */
    private double run(Jvm jvm, Duration howLong) {
        long begun = System.nanoTime();
        for (Duration passed = Duration.ZERO; passed.compareTo(howLong) < 0; passed = passed.plus(TICK)) {
            time.advance(TICK);
            jvm.monitor.step();
        }
        return (System.nanoTime() - begun) / 1e9;
    }

    private static long usedKib() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) / 1024;
    }

    private static int threads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("keywrap-monitor"))
                .count();
    }

    private static void say(String what, Object... values) {
        System.out.println(String.format(Locale.ROOT, what, values));
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 100})
    void watchesTenThousand(int callsPerSecond) {
        make(20_000);
        try (Jvm jvm = jvm(callsPerSecond)) {
            long before = usedKib();
            run(jvm, Duration.ofMinutes(20));
            jvm.events.clear();
            long watched = usedKib() - before;
            int calls = cloud.calls();
            double busy = run(jvm, Duration.ofMinutes(10));
            say(
                    "%d a second: %d watched, %d KiB, %d threads",
                    callsPerSecond, jvm.monitor.watched(), watched, threads());
            say("  bound %s, denials %s", jvm.monitor.bound(), jvm.monitor.boundOfDenials());
            say(
                    "  %.1f calls a second, peak %d; %.1f s for 10 min",
                    (cloud.calls() - calls) / 600.0, cloud.peak(), busy);
            assertThat(cloud.peak()).isLessThanOrEqualTo(callsPerSecond);

            cloud.dark = true;
            AtomicInteger at = new AtomicInteger(cloud.calls());
            run(jvm, Duration.ofMinutes(1));
            say("  dark: %d calls in the first minute", cloud.calls() - at.get());
            at.set(cloud.calls());
            run(jvm, Duration.ofHours(1));
            say("  dark: %d in the next hour, peak %d, %d threads", cloud.calls() - at.get(), cloud.peak(), threads());
            assertThat(jvm.told(ServiceOutage.class)).hasSize(1);
            assertThat(jvm.told(StateChanged.class)).noneMatch(StateChanged::ofState);
            jvm.events.clear();
            say("  dark: %d KiB", usedKib() - before);
            cloud.dark = false;
            at.set(cloud.calls());
            run(jvm, Duration.ofMinutes(2));
            say("  light: %d calls in two minutes, peak %d", cloud.calls() - at.get(), cloud.peak());
        }
    }

    @Test
    void readsTwoHundredThousandKeychains() {
        make(200_000);
        try (Jvm jvm = jvm(100)) {
            long before = usedKib();
            long begun = System.nanoTime();
            time.advance(TICK);
            jvm.monitor.step();
            double first = (System.nanoTime() - begun) / 1e9;
            assertThat(jvm.monitor.uses()).hasSize(KEKS).allMatch(use -> use.keychains() == 20);
            jvm.events.clear();
            say("first reading of 200,000: %.1f s, %d KiB", first, usedKib() - before);
            double quarter = run(jvm, Duration.ofMinutes(14));
            double reading = run(jvm, Duration.ofMinutes(15));
            jvm.events.clear();
            say("14 min without: %.1f s, 15 min with a reading: %.1f s, %d KiB", quarter, reading, usedKib() - before);
        }
    }
}
