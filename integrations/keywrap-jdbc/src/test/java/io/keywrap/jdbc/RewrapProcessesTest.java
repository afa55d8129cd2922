package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.jdbc.RewrapProcesses.Told;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job over keychains in PostgreSQL that is killed and started anew, and a reader that never notices. */
class RewrapProcessesTest {
    private static final int KEYCHAINS = 40;
    private static final int DEKS = 10;
    private static final Duration LATENCY = Duration.ofMillis(10);

    @TempDir
    Path folder;

    @Test
    void killedTwiceItMovesEachDekAndNoObjectIsUnreadableMeanwhile() throws Exception {
        try (RewrapProcesses processes = new RewrapProcesses(folder, KEYCHAINS, DEKS)) {
            Child reader = processes.startReader();
            for (int moved : new int[] {4, 12}) {
                Child doomed = processes.startJob("", 4, 10_000, LATENCY);
                processes.awaitMoved(doomed, moved);
                doomed.kill();
            }
            int before = processes.moved();
            assertThat(before).isBetween(12, KEYCHAINS - 1);
            Told last = processes.end(processes.startJob("", 4, 10_000, LATENCY));

            assertThat(last.complete()).isTrue();
            assertThat(last.moved()).isEqualTo((long) (KEYCHAINS - before) * DEKS);
            assertThat(last.oldKek()).isEqualTo(last.moved());
            assertThat(last.newKek()).isEqualTo(2 * last.moved());
            assertThat(processes.endReader(reader)).isGreaterThan(100);
            processes.assertAllMoved();
        }
    }
}
