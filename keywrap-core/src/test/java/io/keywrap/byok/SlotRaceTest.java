package io.keywrap.byok;

import static io.keywrap.byok.Product.SLOT;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.WrappedDek;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that replace the key of one slot at once: nobody activates a key that is not its own, and none is lost. */
class SlotRaceTest {
    private static final int EACH = 12;

    @TempDir
    Path folder;

    @Test
    void twoProcessesLoseNoKey() throws Exception {
        try (Product product = new Product(folder)) {
            product.roll(255);
            List<Process> processes = List.of(start(1), start(101));
            List<WrappedDek> wraps = new ArrayList<>();
            try {
                for (Process process : processes) {
                    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    assertThat(process.waitFor()).as(printed).isZero();
                    printed.lines().map(WrappedDek::parseText).forEach(wraps::add);
                }
            } finally {
                processes.forEach(Process::destroyForcibly);
            }
            SlotStatus status = product.slots.status(SLOT).orElseThrow();
            assertThat(wraps).hasSize(2 * EACH);
            assertThat(status.versions())
                    .filteredOn(version -> version.state() == SlotState.ARCHIVED)
                    .hasSize(2 * EACH);
            assertThat(status.active()).isPresent();
            assertThat(status.versions()).hasSize(1 + 2 * EACH);
            for (WrappedDek wrapped : wraps) {
                product.unwrap(wrapped).close();
            }
            product.revoke();
            for (int number : new int[] {1, EACH, 101, 100 + EACH}) {
                product.restore(number);
            }
            assertThat(product.slots.status(SLOT).orElseThrow().versions())
                    .filteredOn(version -> version.state() != SlotState.REVOKED)
                    .hasSize(4);
        }
    }

    private Process start(int firstKey) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Rolls.class.getName(),
                        folder.toString(),
                        Integer.toString(firstKey))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** What each process does: so many new keys, and prints a wrap that was made after each. */
    static final class Rolls {
        private Rolls() {}

        public static void main(String[] arguments) {
            int key = Integer.parseInt(arguments[1]);
            try (Product product = new Product(Path.of(arguments[0]))) {
                for (int done = 0; done < EACH; ) {
                    try {
                        int version = product.validate(SLOT, key + done)
                                .pending()
                                .orElseThrow()
                                .number();
                        product.slots.archive(SLOT, version);
                    } catch (SlotRefusedException e) {
                        continue; // The other has replaced what was pending.
                    }
                    try (Dek dek = Dek.random(DekId.random())) {
                        System.out.println(product.wrap(dek).toText());
                    }
                    done++;
                }
            }
        }
    }
}
