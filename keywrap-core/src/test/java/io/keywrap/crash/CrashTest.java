package io.keywrap.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@link CrashEnduranceTest}. */
class CrashTest {
    private static final int ENOUGH = 8;
    private static final int MOST_BATCHES = 10;

    @TempDir
    Path folder;

    @Test
    void killedProcessesLoseNoCommittedDekAndEncryptUnderNoOther() throws Exception {
        long seed = System.nanoTime();
        System.out.println("CrashTest, seed " + seed);
        try (CrashRun run = new CrashRun(folder, new SplittableRandom(seed))) {
            // Processes of a busy machine may be killed before they have done anything.
            for (int batch = 0; batch < 2 || (batch < MOST_BATCHES && didLittle(run.journal())); batch++) {
                run.batch(5);
            }
            System.out.println(run);
            assertThat(run.journal().commits()).hasSizeGreaterThan(ENOUGH);
            assertThat(run.journal().envelopes()).hasSizeGreaterThan(ENOUGH);
        }
    }

    private static boolean didLittle(Journal journal) {
        return journal.commits().size() <= ENOUGH || journal.envelopes().size() <= ENOUGH;
    }
}
