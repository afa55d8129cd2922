package io.keywrap.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@link CrashEnduranceTest}. */
class CrashTest {
    @TempDir
    Path folder;

    @Test
    void killedProcessesLoseNoCommittedDekAndEncryptUnderNoOther() throws Exception {
        long seed = System.nanoTime();
        System.out.println("CrashTest, seed " + seed);
        try (CrashRun run = new CrashRun(folder, new SplittableRandom(seed))) {
            for (int batch = 0; batch < 2; batch++) {
                run.batch(5);
            }
            System.out.println(run);
            assertThat(run.journal().commits()).hasSizeGreaterThan(8);
            assertThat(run.journal().envelopes()).hasSizeGreaterThan(8);
        }
    }
}
