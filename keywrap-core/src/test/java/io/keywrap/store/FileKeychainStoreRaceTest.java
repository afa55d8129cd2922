package io.keywrap.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes and threads that write one keychain at once: every commit is kept. */
class FileKeychainStoreRaceTest {
    private static final String ID = "tenant-42";
    private static final int EACH = 15;

    @TempDir
    Path folder;

    @Test
    void noUpdateIsLostBetweenProcessesAndThreads() throws Exception {
        FileKeychainStore.open(folder).create(Records.first(ID));
        List<Process> processes = List.of(startProcess(), startProcess());
        List<DekId> committed = new ArrayList<>(
                together(Collections.nCopies(4, () -> StoreRacer.add(FileKeychainStore.open(folder), ID, EACH))));
        for (Process process : processes) {
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(printed).isZero();
            List<DekId> theirs = printed.lines().map(DekId::of).toList();
            assertThat(theirs).hasSize(EACH);
            committed.addAll(theirs);
        }

        KeychainRecord record = FileKeychainStore.open(folder).load(ID).orElseThrow();
        assertThat(committed).hasSize(6 * EACH);
        assertThat(record.revision()).isEqualTo(1 + 6 * EACH);
        assertThat(record.isSealedBy(Records.SEALER)).isTrue();
        assertThat(record.deks().stream().map(DekEntry::id).skip(1)).containsExactlyInAnyOrderElementsOf(committed);
    }

    private Process startProcess() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreRacer.class.getName(),
                        folder.toString(),
                        ID,
                        String.valueOf(EACH))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static <T> List<T> together(List<Callable<List<T>>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            List<T> all = new ArrayList<>();
            for (Future<List<T>> task : threads.invokeAll(tasks)) {
                all.addAll(task.get());
            }
            return all;
        } finally {
            threads.shutdownNow();
        }
    }
}
