package io.keywrap.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keywrap.TestTenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A power cut after each single call that changes the disk, by a model of the disk: what was told is there, and all that is
 * there can be used.
 *
 * <p>The calls are real, the disk is modelled: what was forced is kept, and of the rest either nothing is, or only the names
 * are.
 */
class PowerCutTest {
    @TempDir
    Path folder;

    private Path keys;

    @BeforeAll
    static void needsStrace() {
        if (Strace.command().isEmpty()) {
            System.out.println("SKIPPED: strace is not installed, so power cuts are not tested here"
                    + " (Debian: apt-get install strace)");
        }
        assumeTrue(Strace.command().isPresent(), "strace is not installed: apt-get install strace");
    }

    @Test
    void afterAnyCallLosesNothingThatWasTold() throws Exception {
        Path tenant = tenant();
        int cuts = cut(new DiskModel(tenant, "envelopes"), trace(tenant));
        assertThat(cuts).isGreaterThan(100);
    }

    @Test
    void losesNothingInFoldersThatAKilledProcessMadeAndDidNotForce() throws Exception {
        Path tenant = tenant();
        DiskModel disk = new DiskModel(tenant, "envelopes");
        for (String id : TracedWriter.KEYCHAINS) {
            String name = Journal.digest(id.getBytes(StandardCharsets.UTF_8));
            Path folder = tenant.resolve("store/records").resolve(name.substring(0, 2));
            Files.createDirectories(folder);
            disk.addUnforced(folder);
        }
        assertThat(cut(disk, trace(tenant))).isGreaterThan(100);
    }

    private Path tenant() throws IOException {
        Path tenant = folder.toRealPath().resolve("tenant");
        keys = TestTenant.in(Files.createDirectory(folder.resolve("keys"))).keyStore();
        Files.createDirectories(Journal.envelopes(tenant));
        Files.copy(keys, tenant.resolve(keys.getFileName()));
        return tenant;
    }

    /** Cuts the power after each call, and looks at what is there then. */
    private int cut(DiskModel disk, List<Strace.Call> calls) throws IOException {
        int cuts = 0;
        for (Strace.Call call : calls) {
            DiskModel.Change change = disk.apply(call);
            if (change == DiskModel.Change.FORCED) {
                check(disk, false, "power cut " + cuts++ + ", after " + call);
            }
            if (change != DiskModel.Change.NOTHING) {
                check(disk, true, "power cut " + cuts++ + ", names before bytes, after " + call);
            }
        }
        assertThat(disk.told().lines()).hasSize(5 * TracedWriter.KEYCHAINS.size());
        return cuts;
    }

    private List<Strace.Call> trace(Path tenant) throws Exception {
        Path output = folder.resolve("calls.txt");
        List<String> command = new ArrayList<>(Strace.tracing(Strace.command().orElseThrow(), output));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                TracedWriter.class.getName(),
                tenant.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeTrue(!printed.contains("ptrace("), "strace may not trace here: " + printed);
        assertThat(process.waitFor()).as(printed).isZero();
        return Strace.read(output);
    }

    private void check(DiskModel disk, boolean early, String when) throws IOException {
        Path restored = Files.createTempDirectory(folder, "cut");
        disk.restore(restored, early);
        Files.copy(keys, restored.resolve(keys.getFileName()));
        Journal journal = new Journal();
        journal.read(disk.told());
        try {
            new StoreAudit(restored).check(journal);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(when + ": " + e.getMessage(), e);
        }
    }
}
