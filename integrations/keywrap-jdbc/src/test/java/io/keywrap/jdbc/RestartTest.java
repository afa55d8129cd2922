package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.keywrap.StoreUnavailableException;
import io.keywrap.store.KeychainRecord;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL is restarted under load. */
class RestartTest {
    private static final int WRITERS = 3;

    @TempDir
    Path folder;

    private EmbeddedPostgres start(int port) throws Exception {
        return Database.server()
                .setDataDirectory(folder.resolve("data"))
                .setCleanDataDirectory(false)
                .setPort(port)
                .start();
    }

    @Test
    void isAnOutageAndThenAllIsThereAgain() throws Exception {
        EmbeddedPostgres server = start(0);
        HikariConfig config = new HikariConfig();
        config.setDataSource(server.getPostgresDatabase());
        config.setMaximumPoolSize(WRITERS + 1);
        config.setConnectionTimeout(500);
        ExecutorService executor = Executors.newFixedThreadPool(WRITERS);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            JdbcKeychainStore.createSchema(pool);
            JdbcKeychainStore store = JdbcKeychainStore.open(pool);
            List<Writer> writers = new ArrayList<>();
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                Writer writer = new Writer(store, "tenant-" + i);
                writers.add(writer);
                runs.add(executor.submit(writer));
            }
            await(writers, writer -> writer.commits > 20);
            int port = server.getPort();
            server.close();
            await(writers, writer -> writer.outages > 1);
            server = start(port);
            List<Integer> before =
                    writers.stream().map(writer -> writer.commits).toList();
            await(writers, writer -> writer.commits > before.get(writers.indexOf(writer)) + 20);
            writers.forEach(writer -> writer.over = true);
            for (Future<?> run : runs) {
                run.get();
            }
            writers.forEach(Writer::assertNothingLost);
            assertThat(store.unreadable()).isEmpty();
        } finally {
            executor.shutdownNow();
            server.close();
        }
    }

    private static void await(List<Writer> writers, Predicate<Writer> condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!writers.stream().allMatch(condition)) {
            assertThat(System.nanoTime()).as("%s", writers).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    /** Replaces a keychain of its own again and again, and knows which records must be there. */
    private static final class Writer implements Runnable {
        private final JdbcKeychainStore store;
        private KeychainRecord committed;
        private KeychainRecord attempted;
        volatile int commits;
        volatile int outages;
        volatile boolean over;

        Writer(JdbcKeychainStore store, String id) {
            this.store = store;
            committed = Rows.first(id);
            attempted = committed;
            store.create(committed);
        }

        @Override
        public void run() {
            while (!over) {
                try {
                    settle();
                    attempted = Rows.withWraps(committed, 60, committed.deks().size() > 50 ? 0 : 1);
                    store.replace(attempted, committed.revision());
                    committed = attempted;
                    commits++;
                } catch (StoreUnavailableException e) {
                    outages++;
                }
            }
        }

        /** After an outage: the last change was made or not, and all before it were. */
        private void settle() {
            if (attempted != committed) {
                byte[] kept = store.load(committed.keychainId()).orElseThrow().toBytes();
                if (Arrays.equals(kept, attempted.toBytes())) {
                    committed = attempted;
                }
                assertThat(kept).isEqualTo(committed.toBytes());
                attempted = committed;
            }
        }

        void assertNothingLost() {
            settle();
            assertThat(store.load(committed.keychainId()).orElseThrow().toBytes())
                    .isEqualTo(committed.toBytes());
        }

        @Override
        public String toString() {
            return commits + " commits, " + outages + " outages";
        }
    }
}
