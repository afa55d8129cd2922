package io.keywrap.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.TestTenant;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** One store, and batches of processes that write it together and are killed, each at a point of its own. */
final class CrashRun implements AutoCloseable {
    private static final long LOCK_SECONDS = 30;

    private final Path folder;
    private final SplittableRandom random;
    private final TestTenant tenant;
    private final Journal journal = new Journal();
    private final StoreAudit audit;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
    private final List<KilledProcess> started = new ArrayList<>();
    private int processes;

    CrashRun(Path folder, SplittableRandom random) throws Exception {
        this.folder = folder;
        this.random = random;
        this.tenant = TestTenant.in(folder);
        this.audit = new StoreAudit(folder);
        Files.createDirectory(Journal.envelopes(folder));
        Journal.SHARED.forEach(this::create);
    }

    /** Runs processes at once until all are killed, and looks at what they left. */
    void batch(int size) throws Exception {
        List<Future<String>> running = new ArrayList<>();
        started.clear();
        for (int i = 0; i < size; i++) {
            KilledProcess process = KilledProcess.start(folder, "writer-" + processes++, random.split(), clock);
            started.add(process);
            running.add(threads.submit(process::run));
        }
        for (Future<String> process : running) {
            journal.read(process.get());
        }
        audit.check(journal);
        assertThat(audit.tally().untold())
                .as("a process leaves at most one commit untold")
                .isBetween(0L, (long) processes);
        // Whoever was killed holding the lock has given it up.
        threads.submit(() -> create("after-" + processes)).get(LOCK_SECONDS, TimeUnit.SECONDS);
    }

    private void create(String id) {
        Keychain keychain = tenant.keychain(id);
        add(keychain, Usage.ENVELOPES);
        keychain.primary().close();
        add(keychain, Usage.OUTSIDE);
    }

    private void add(Keychain keychain, Usage usage) {
        KeychainRecord record = keychain.record();
        journal.add(
                Journal.committed(record, record.primary(usage).orElseThrow().id(), "-"));
    }

    Journal journal() {
        return journal;
    }

    @Override
    public String toString() {
        return processes + " processes killed, inside " + journal.killedInside() + "; told: "
                + journal.commits().size() + " commits, " + journal.envelopes().size() + " files, "
                + journal.uploads().size() + " envelopes sent away, "
                + journal.conflicts() + " conflicts; " + audit.tally();
    }

    @Override
    public void close() {
        started.forEach(KilledProcess::kill);
        threads.shutdownNow();
        clock.shutdownNow();
    }
}
