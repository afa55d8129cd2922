package io.keywrap.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store of 20,000 keychains in a JVM with 64 MiB of heap: makes, opens, pages and filters them, and prints how long that
 * takes and how much heap is in use meanwhile.
 *
 * <p>{@code ./mvnw verify -P endurance -pl keywrap-core -am -Dtest=ManyKeychainsEnduranceTest}; figures are in
 * docs/evidence. Nothing is asserted about time.
 */
@Tag("endurance")
class ManyKeychainsEnduranceTest {
    private static final int COUNT = Integer.getInteger("keywrap.endurance.keychains", 20_000);
    private static final String HEAP = "-Xmx64m";

    @TempDir
    Path folder;

    @Test
    void twentyThousandKeychainsAreMadeOpenedPagedAndFilteredInFlatMemory() throws Exception {
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-cp",
                        System.getProperty("java.class.path"),
                        ManyKeychains.class.getName(),
                        folder.toString(),
                        Integer.toString(COUNT)))
                .redirectErrorStream(true)
                .start();
        try {
            StringBuilder output = new StringBuilder();
            child.inputReader(StandardCharsets.UTF_8).lines().forEach(line -> {
                System.out.println(line);
                output.append(line).append('\n');
            });
            assertThat(child.waitFor()).as(output.toString()).isZero();
            assertThat(output).contains("all " + COUNT + " keychains");
        } finally {
            child.destroyForcibly();
        }
    }
}
