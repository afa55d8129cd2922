package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.ManualTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A machine that has no more threads for a while. */
class NoThreadsTest {
    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();
    private final KekId kek = cloud.kek("acme");
    private final AtomicBoolean full = new AtomicBoolean();
    private final AtomicInteger refused = new AtomicInteger();

    private Thread thread(Runnable task) {
        if (full.get()) {
            refused.incrementAndGet();
            throw new OutOfMemoryError("unable to create native thread");
        }
        return new Thread(task);
    }

    private void run(Jvm jvm, Duration howLong) {
        for (Duration passed = Duration.ZERO; passed.compareTo(howLong) < 0; passed = passed.plusMillis(500)) {
            time.advance(Duration.ofMillis(500));
            try {
                jvm.monitor.step();
            } catch (OutOfMemoryError e) {
                assertThat(full).isTrue();
            }
        }
    }

    @Test
    @Timeout(30)
    void whatCouldNotBeginIsAskedWhenThereAreThreadsAgain() {
        Consumer<KekMonitor.Builder> options = builder -> {
            builder.lease(Duration.ofMinutes(10)).concurrency(1); // The store is asked every 200 seconds.
            builder.threads = this::thread;
        };
        try (Jvm jvm = new Jvm(store, time, 1, options, cloud, vendor)) {
            jvm.keychains.create("tenant-1", spec -> spec.control(kek));
            jvm.monitor.step(); // Reads the store, on the one thread that there is.
            assertThat(jvm.monitor.watched()).isEqualTo(2);
            full.set(true);
            run(jvm, Duration.ofMinutes(3));
            assertThat(refused).as("canaries").hasValueBetween(3, 10);
            run(jvm, Duration.ofMinutes(1));
            assertThat(refused).as("and readings of the store").hasValueGreaterThan(30);
            assertThat(jvm.canaries(kek)).isZero();
            full.set(false);
            run(jvm, jvm.monitor.bound());
            assertThat(jvm.canaries(kek)).isPositive();
            assertThat(jvm.monitor.isHolder()).isTrue();
        }
    }
}
