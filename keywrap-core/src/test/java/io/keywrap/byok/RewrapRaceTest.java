package io.keywrap.byok;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.TestTenant;
import io.keywrap.byok.ByokRewrap.Report;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slots are moved by two processes at once, and by one that is killed in the middle: none is lost. */
class RewrapRaceTest {
    private static final KekId NEXT = TestTenant.OTHER_CUSTOMER;
    private static final int SLOTS = 24;
    private static final int KILLED = 99;

    @TempDir
    Path folder;

    @Test
    void noSlotIsLostAndEveryOneIsMoved() throws Exception {
        try (Product product = new Product(folder)) {
            for (int i = 0; i < SLOTS; i++) {
                product.roll("slot-" + i, 1 + i);
            }
        }
        Process killed = start(5);
        assertThat(killed.waitFor()).as(printed(killed)).isEqualTo(KILLED);
        assertThat(moved()).as("some before the kill").isBetween(1, SLOTS - 1);

        List<Process> processes = List.of(start(SLOTS), start(SLOTS));
        try {
            for (Process process : processes) {
                String printed = printed(process);
                assertThat(process.waitFor()).as(printed).isZero();
                assertThat(printed).contains("complete");
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }

        assertThat(moved()).isEqualTo(SLOTS);
        try (Product product = new Product(folder, NEXT, options -> options)) {
            product.tenant.keks().disable(TestTenant.VENDOR);
            for (int i = 0; i < SLOTS; i++) {
                product.slots.revoke("slot-" + i, ByokSlots.REVOKE);
                try (var secret = Product.secret(1 + i)) {
                    assertThat(product.slots.restore("slot-" + i, secret).active())
                            .isPresent();
                }
            }
        }
    }

    private int moved() {
        List<String> moved = new ArrayList<>();
        try (Product product = new Product(folder, NEXT, options -> options.accept(TestTenant.VENDOR))) {
            product.slots.scan(
                    status -> {
                        boolean all = status.seal().kekId().equals(NEXT)
                                && status.versions().stream()
                                        .allMatch(one ->
                                                one.wrap().orElseThrow().kekId().equals(NEXT));
                        if (all) {
                            moved.add(status.slot());
                        }
                    },
                    (place, failure) -> {
                        throw failure;
                    });
        }
        return moved.size();
    }

    private static String printed(Process process) throws Exception {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private Process start(int writes) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Mover.class.getName(),
                        folder.toString(),
                        Integer.toString(writes))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** What each process does; it is killed before or after one of its writes. */
    static final class Mover {
        private Mover() {}

        public static void main(String[] arguments) {
            AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[1]));
            try (Product product =
                    new Product(Path.of(arguments[0]), NEXT, options -> options.accept(TestTenant.VENDOR))) {
                product.notes.beforePut = () -> {
                    if (left.getAndDecrement() == 0) {
                        Runtime.getRuntime().halt(KILLED);
                    }
                };
                Report report = ByokRewrap.of(product.slots).run();
                System.out.println((report.complete() ? "complete " : "not complete ") + report.counts());
            }
        }
    }
}
