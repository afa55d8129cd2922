package io.keywrap.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of hundreds of processes at random points of creates, rotates, adoptions and encryptions.
 *
 * <p>{@code ./mvnw verify -P endurance -pl keywrap-core -am -Dtest=CrashEnduranceTest}; figures are in docs/evidence.
 *
 * <p>It shows what a killed process leaves, and not what a power cut leaves: the operating system goes on, and writes
 * what it was given. {@link PowerCutTest} is for that.
 */
@Tag("endurance")
class CrashEnduranceTest {
    private static final int STORES = 8;
    private static final int BATCHES = 10;
    private static final int AT_ONCE = 4;

    @TempDir
    Path folder;

    @Test
    void hundredsOfKilledProcessesLoseNoCommittedDekAndEncryptUnderNoOther() throws Exception {
        long seed = Long.getLong("keywrap.endurance.seed", System.nanoTime());
        System.out.println("CrashEnduranceTest, -Dkeywrap.endurance.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Integer> killedInside = new TreeMap<>();
        for (int store = 0; store < STORES; store++) {
            Path tenant = Files.createDirectory(folder.resolve("tenant-" + store));
            try (CrashRun run = new CrashRun(tenant, random.split())) {
                for (int batch = 0; batch < BATCHES; batch++) {
                    run.batch(AT_ONCE);
                }
                System.out.println(run);
                run.journal().killedInside().forEach((place, count) -> killedInside.merge(place, count, Integer::sum));
            }
        }
        System.out.println(STORES * BATCHES * AT_ONCE + " processes killed, inside " + killedInside);
        assertThat(killedInside).containsKeys(Journal.CREATE, Journal.CHANGE, Journal.ENCRYPT, "start");
    }
}
