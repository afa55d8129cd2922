package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several JVMs work on the same keychains in PostgreSQL at once. */
class ProcessesTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final Duration BETWEEN_KILLS = Duration.ofSeconds(3);

    @TempDir
    Path folder;

    @Test
    void twoRotateAndRepairOneEncryptsAndOneRestoresAndNothingIsLost() throws Exception {
        try (Processes processes = new Processes(folder)) {
            for (String verb : new String[] {"tend", "tend", "encrypt", "restore"}) {
                processes.start(verb);
            }
            processes.awaitAtLeast(20, "dek");
            processes.awaitAtLeast(10, "repaired");
            processes.awaitAtLeast(20, "object");
            processes.awaitAtLeast(10, "restored");
            processes.end();
            processes.assertNothingLost(true);
        }
    }

    /** The same for minutes, while one or another of them is killed. */
    @Test
    @Tag("endurance")
    void anyOfThemMayBeKilledAtAnyTime() throws Exception {
        long seed = Long.getLong("keywrap.endurance.seed", System.nanoTime());
        Random random = new Random(seed);
        try (Processes processes = new Processes(folder)) {
            for (String verb : new String[] {"tend", "tend", "encrypt", "restore"}) {
                processes.start(verb);
            }
            long end = System.nanoTime() + LONG.toNanos();
            int kills = 0;
            while (System.nanoTime() < end) {
                Thread.sleep(random.nextLong(BETWEEN_KILLS.toMillis())); // A kill comes at any time.
                processes.killOne(random);
                kills++;
            }
            processes.awaitAtLeast(processes.done("dek") + 10, "dek");
            processes.end();
            System.out.printf(
                    "seed %d: %d kills, %d rotations, %d DEKs repaired, %d conflicts, %d objects, %d restored%n",
                    seed,
                    kills,
                    processes.done("dek"),
                    processes.done("repaired"),
                    processes.done("conflict"),
                    processes.done("object"),
                    processes.done("restored"));
            processes.assertNothingLost(false);
            assertThat(kills).isGreaterThan(20);
            assertThat(processes.done("repaired")).isGreaterThan(20);
        }
    }
}
