package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import io.keywrap.jdbc.RewrapProcesses.Heap;
import io.keywrap.jdbc.RewrapProcesses.Told;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 100,000 DEKs under a KMS that is 20 ms off: how many calls a second, how much memory, and ten kills. */
@Tag("endurance")
class RewrapEnduranceTest {
    private static final Duration LATENCY = Duration.ofMillis(20);
    private static final int DEKS = 20;
    private static final int KEYCHAINS = 5_000;
    private static final int KILLS = 10;
    private static final int MOST_BETWEEN_KILLS = 8_000;
    private static final long GROWTH_KIBIBYTES = 8 << 10;

    @TempDir
    Path folder;

    @Test
    void callsInASecondAreWhatConcurrencyOrRateAllow() throws Exception {
        try (RewrapProcesses processes = new RewrapProcesses(folder, 400, DEKS)) {
            Told byRate = processes.end(processes.startJob("set-000", 16, 200, LATENCY));
            double ofNewKek = perSecond(byRate.newKek(), byRate);
            Told byLatency = processes.end(processes.startJob("", 16, 10_000, LATENCY));
            double all = perSecond(byLatency.oldKek() + byLatency.newKek() + byLatency.sealKek(), byLatency);
            System.out.printf(
                    "at 200 a second to each KEK: %.1f to the new; 16 calls at once of 20 ms: %.1f calls a second%n",
                    ofNewKek, all);
            assertThat(ofNewKek).isCloseTo(200, withPercentage(10));
            assertThat(all).isCloseTo(16 / 0.020, withPercentage(10));
            processes.assertAllMoved();
        }
    }

    private static double perSecond(long calls, Told told) {
        return calls * 1000.0 / told.elapsed().toMillis();
    }

    @Test
    void killedTenTimesItMovesAllInFlatMemoryAndNoObjectIsUnreadableMeanwhile() throws Exception {
        long seed = Long.getLong("keywrap.endurance.seed", System.nanoTime());
        Random random = new Random(seed);
        System.out.println("seed " + seed);
        try (RewrapProcesses processes = new RewrapProcesses(folder, KEYCHAINS, DEKS)) {
            Child reader = processes.startReader();
            long begun = System.nanoTime();
            for (int kill = 1; kill <= KILLS; kill++) {
                Child doomed = processes.startJob("", 32, 10_000, LATENCY);
                Thread.sleep(1_000 + random.nextInt(MOST_BETWEEN_KILLS)); // A kill comes at any time.
                doomed.assertAlive();
                doomed.kill();
                System.out.printf("kill %d: %d keychains moved%n", kill, processes.moved());
            }
            int before = processes.moved();
            assertThat(before).isBetween(1, KEYCHAINS - 1);
            int heapsBefore = processes.heaps().size();
            Told last = processes.end(processes.startJob("", 32, 10_000, LATENCY));
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            long read = processes.endReader(reader);
            List<Heap> heaps =
                    processes.heaps().subList(heapsBefore, processes.heaps().size());
            System.out.printf(
                    "%d s in all; the last job moved %d DEKs in %d s: %.1f calls a second; %d objects read meanwhile%n",
                    took.toSeconds(),
                    last.moved(),
                    last.elapsed().toSeconds(),
                    perSecond(last.oldKek() + last.newKek() + last.sealKek(), last),
                    read);
            System.out.println("KiB of heap in use, by DEKs moved: " + heaps);

            assertThat(last.complete()).isTrue();
            assertThat(last.moved()).isEqualTo((long) (KEYCHAINS - before) * DEKS);
            assertThat(read).isGreaterThan(1_000);
            assertThat(heaps).hasSizeGreaterThan(5);
            long first = heaps.get(0).kibibytes();
            assertThat(heaps).allMatch(one -> one.kibibytes() < first + GROWTH_KIBIBYTES);
            processes.assertAllMoved();
        }
    }
}
