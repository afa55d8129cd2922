package io.keywrap.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekLease;
import io.keywrap.KeychainConflictException;
import io.keywrap.TestTenant;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that rotate one keychain at once, under real KEKs: no rotation is lost. */
class KeychainRaceTest {
    private static final String ID = "tenant-42";
    private static final int EACH = 25;

    @TempDir
    Path folder;

    @Test
    void twoProcessesThatRotateOneKeychainLoseNoRotation() throws Exception {
        TestTenant tenant = TestTenant.in(folder);
        Keychain before = tenant.keychain(ID);
        List<String> committed = new ArrayList<>();
        committed.add(primary(before));

        List<Process> processes = List.of(start(), start());
        try {
            for (Process process : processes) {
                String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(process.waitFor()).as(printed).isZero();
                List<String> theirs = printed.lines().toList();
                assertThat(theirs).hasSize(EACH);
                committed.addAll(theirs);
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }

        KeychainRecord record = tenant.keychains().open(ID).record();
        assertThat(record.revision()).isEqualTo(1 + 2 * EACH);
        assertThat(record.deks().stream().map(entry -> entry.id().hex()))
                .containsExactlyInAnyOrderElementsOf(committed);
        assertThat(record.deks())
                .filteredOn(entry -> entry.state() == State.PRIMARY)
                .hasSize(1);
        for (DekEntry entry : record.deks()) {
            try (DekLease lease = tenant.keychains().open(ID).lease(entry.id(), entry.usage())) {
                assertThat(lease.dekId()).isEqualTo(entry.id());
            }
        }
    }

    private static String primary(Keychain keychain) {
        return keychain.record().primary(Usage.ENVELOPES).orElseThrow().id().hex();
    }

    private Process start() throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Rotations.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** What each process does: so many rotations, and prints the DEK that each has committed. */
    static final class Rotations {
        private Rotations() {}

        public static void main(String[] arguments) {
            Keychain keychain = TestTenant.in(Path.of(arguments[0])).keychains().open(ID);
            for (int done = 0; done < EACH; ) {
                try {
                    keychain.rotate();
                    System.out.println(primary(keychain));
                    done++;
                } catch (KeychainConflictException e) {
                    Thread.yield(); // The other was faster each time; nothing has changed.
                }
            }
        }
    }
}
