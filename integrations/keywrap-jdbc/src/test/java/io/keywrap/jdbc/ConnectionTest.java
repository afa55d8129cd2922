package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.keywrap.KeychainConflictException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.StoreNotes.Note;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.TransactionState;
import org.postgresql.ds.PGSimpleDataSource;

/** Connections are the caller's: how they come and how they go back. */
class ConnectionTest {
    private final String schema = Database.newSchema();

    @TempDir
    Path folder;

    private HikariDataSource pool(int connections, Consumer<HikariConfig> more) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(Database.postgres());
        config.setSchema(schema);
        config.setMaximumPoolSize(connections);
        config.setConnectionTimeout(1_000);
        more.accept(config);
        return new HikariDataSource(config);
    }

    private static JdbcKeychainStore opened(HikariDataSource source) {
        JdbcKeychainStore.createSchema(source);
        return JdbcKeychainStore.open(source);
    }

    private static void useAll(JdbcKeychainStore store) {
        KeychainRecord first = Rows.first("tenant-42");
        store.create(first);
        store.replace(Rows.next(first), 1);
        store.load("tenant-42");
        store.list(KeychainFilter.all(), Optional.empty(), 10);
        store.unreadable();
        store.reindex("tenant-42");
        assertThatThrownBy(() -> store.replace(Rows.next(first), 1)).isInstanceOf(KeychainConflictException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void goBackInTheCommitModeThatTheyHadAndWithoutATransaction(boolean autoCommit) throws Exception {
        try (Connection connection = Database.postgres().getConnection()) {
            connection.setSchema(schema);
            connection.setAutoCommit(autoCommit);
            OneConnection source = new OneConnection(connection);
            JdbcKeychainStore.createSchema(source.source());
            useAll(JdbcKeychainStore.open(source.source()));
            assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
            assertThat(connection
                            .unwrap(org.postgresql.core.BaseConnection.class)
                            .getTransactionState())
                    .isEqualTo(TransactionState.IDLE);
            assertThat(source.givenBack()).isEqualTo(source.given());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRANSACTION_READ_COMMITTED", "TRANSACTION_REPEATABLE_READ", "TRANSACTION_SERIALIZABLE"})
    void mayHaveAnyIsolationLevel(String level) throws Exception {
        try (HikariDataSource source = pool(4, config -> config.setTransactionIsolation(level))) {
            JdbcKeychainStore store = opened(source);
            store.create(Rows.first("tenant-42"));
            assertThat(addMoreAtOnce(store, 4, 15)).isEqualTo(61);
        }
    }

    @Test
    void ofSqliteMayBeThoseOfSeveralProcesses() throws Exception {
        Path file = folder.resolve("keychains.db");
        JdbcKeychainStore.createSchema(Database.sqliteSource(file));
        JdbcKeychainStore store = JdbcKeychainStore.open(Database.sqliteSource(file));
        store.create(Rows.first("tenant-42"));
        assertThat(addMoreAtOnce(store, 4, 10)).isEqualTo(41);
    }

    private static long addMoreAtOnce(JdbcKeychainStore store, int threads, int each) throws Exception {
        Callable<Integer> writer = () -> {
            int committed = 0;
            while (committed < each) {
                KeychainRecord kept = store.load("tenant-42").orElseThrow();
                try {
                    store.replace(Rows.next(kept), kept.revision());
                    committed++;
                } catch (KeychainConflictException e) {
                    Thread.onSpinWait();
                }
            }
            return committed;
        };
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Integer>> writers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                writers.add(writer);
            }
            for (Future<Integer> done : executor.invokeAll(writers)) {
                done.get();
            }
        } finally {
            executor.shutdown();
        }
        KeychainRecord kept = store.load("tenant-42").orElseThrow();
        assertThat(kept.deks()).hasSize((int) kept.revision());
        return kept.revision();
    }

    @Test
    void thatAPoolDoesNotGiveAreAnOutage() throws Exception {
        try (HikariDataSource source = pool(1, config -> {})) {
            JdbcKeychainStore store = opened(source);
            try (Connection taken = source.getConnection()) {
                assertThat(taken.isValid(1)).isTrue();
                assertThatThrownBy(() -> store.load("tenant-42"))
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageContaining("the store in PostgreSQL cannot be read");
            }
            assertThat(store.load("tenant-42")).isEmpty();
        }
    }

    @Test
    void thatAreReadOnlyOrMayNotWriteSaySo() throws Exception {
        try (HikariDataSource source = pool(1, config -> {});
                HikariDataSource readOnly = pool(1, config -> config.setReadOnly(true))) {
            opened(source).create(Rows.first("tenant-42"));
            JdbcKeychainStore store = JdbcKeychainStore.open(readOnly);
            assertThat(store.load("tenant-42")).isPresent();
            assertThatThrownBy(() -> store.create(Rows.first("another")))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("it is read-only (SQLSTATE 25006")
                    .hasMessageContaining("to do: connect to the primary server");
        }
    }

    @Test
    void needNoMoreRightsThanTheGuideSays() throws Exception {
        try (HikariDataSource owner = pool(1, config -> {})) {
            JdbcKeychainStore.createSchema(owner);
            try (Connection connection = owner.getConnection()) {
                for (String one : List.of(
                        "CREATE ROLE agent LOGIN",
                        "GRANT USAGE ON SCHEMA " + schema + " TO agent",
                        "GRANT SELECT ON keywrap_schema, keywrap_keychain, keywrap_term, keywrap_note" + " TO agent",
                        "GRANT INSERT, UPDATE ON keywrap_keychain, keywrap_note TO agent",
                        "GRANT INSERT, DELETE ON keywrap_term TO agent")) {
                    Sql.execute(connection, one);
                }
            }
        }
        PGSimpleDataSource agent = new PGSimpleDataSource();
        agent.setUrl(((PGSimpleDataSource) Database.postgres()).getUrl());
        agent.setUser("agent");
        agent.setCurrentSchema(schema);
        JdbcKeychainStore store = JdbcKeychainStore.open(agent);
        useAll(store);
        assertThat(store.putNote("kek-monitor", 0, new byte[] {1})).isTrue();
        assertThat(store.putNote("kek-monitor", 1, new byte[] {2})).isTrue();
        assertThat(store.note("kek-monitor")).hasValue(Note.of(2, new byte[] {2}));
    }

    @Test
    void thatWereCutAreReplaced() throws Exception {
        try (HikariDataSource source = pool(3, config -> {})) {
            JdbcKeychainStore store = opened(source);
            store.create(Rows.first("tenant-42"));
            cutAll();
            assertThat(store.load("tenant-42")).isPresent();
        }
    }

    @Test
    void ofWhichAPoolHoldsSeveralThatAreDeadAreAllReplaced() throws Exception {
        PGSimpleDataSource fresh = new PGSimpleDataSource();
        fresh.setUrl(((PGSimpleDataSource) Database.postgres()).getUrl());
        fresh.setUser("postgres");
        fresh.setCurrentSchema(schema);
        Queue<Connection> held = new ArrayDeque<>();
        DataSource pool = (DataSource) Proxy.newProxyInstance(
                ConnectionTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (self, method, arguments) -> held.isEmpty() ? fresh.getConnection() : held.remove());
        JdbcKeychainStore.createSchema(pool);
        JdbcKeychainStore store = JdbcKeychainStore.open(pool);
        for (int i = 0; i < 4; i++) {
            held.add(fresh.getConnection());
        }
        cutAll();
        store.create(Rows.first("tenant-42"));
        assertThat(held).isEmpty();
        assertThat(store.load("tenant-42")).isPresent();
    }

    private void cutAll() throws SQLException {
        try (Connection connection = Database.postgres().getConnection()) {
            Sql.text(
                    connection,
                    "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity"
                            + " WHERE pid <> pg_backend_pid() AND datname = current_database()");
        }
    }

    @Test
    void toADatabaseThatIsNotThereAreAnOutage() {
        PGSimpleDataSource nowhere = new PGSimpleDataSource();
        nowhere.setPortNumbers(new int[] {1});
        nowhere.setPassword("hush-hush");
        assertThatThrownBy(() -> JdbcKeychainStore.open(nowhere))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("cannot be reached (SQLSTATE 08001)")
                .hasMessageNotContaining("hush-hush");
    }

    @Test
    void ofAStoreAreNotNamedByIt() {
        try (HikariDataSource source = pool(1, config -> {})) {
            assertThat(opened(source)).hasToString("JdbcKeychainStore[PostgreSQL]");
        }
    }
}
