package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Callers and workers that are virtual threads, all of them on one carrier, in a JVM of its own: whoever would keep the
 * carrier while he waits for another virtual thread would wait for ever.
 */
class VirtualThreadsTest {
    private static final int SECONDS = 120;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"callers", "workers", "interrupts"})
    void onOneCarrier(String scenario) throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "virtual threads are there from JDK 21 on");
        File output = folder.resolve("output").toFile();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                "-cp",
                System.getProperty("java.class.path"),
                VirtualThreadScenario.class.getName(),
                scenario,
                folder.toString()));
        Process child = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
        boolean ended = child.waitFor(SECONDS, TimeUnit.SECONDS);
        child.destroyForcibly();
        String said = Files.readString(output.toPath());
        assertThat(ended).as("ends; it said: " + said).isTrue();
        assertThat(child.exitValue()).as(said).isZero();
        assertThat(said).contains("all is well: " + scenario);
    }
}
