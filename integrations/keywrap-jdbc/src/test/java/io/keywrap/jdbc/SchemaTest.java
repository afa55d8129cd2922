package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.StoreUnavailableException;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteDataSource;

/** Databases with a schema, without one, and with another. */
class SchemaTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void aDatabaseWithoutASchemaIsNoStoreAndSaysWhatToDo(Dialect dialect) {
        try (Database database = Database.of(dialect, folder)) {
            assertThatThrownBy(() -> JdbcKeychainStore.open(database.source))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("no schema of keywrap, this release needs schema 2")
                    .hasMessageContaining("to do: JdbcKeychainStore.createSchema");
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void theSchemaOfANewerReleaseIsRefusedAndLeftAlone(Dialect dialect) throws Exception {
        try (Database database = Database.of(dialect, folder)) {
            database.open();
            database.edit("UPDATE keywrap_schema SET version = ?", 3);
            String refusal =
                    "the database has schema 3 of keywrap, this release knows schema 2 at most; to do: use a newer";
            assertThatThrownBy(() -> JdbcKeychainStore.open(database.source)).hasMessageContaining(refusal);
            assertThatThrownBy(() -> JdbcKeychainStore.createSchema(database.source))
                    .hasMessageContaining(refusal);
            assertThat(database.text("SELECT version FROM keywrap_schema")).isEqualTo("3");
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void severalMayMakeItAtOnceAndAgain(Dialect dialect) throws Exception {
        try (Database database = Database.of(dialect, folder)) {
            Callable<Boolean> maker = () -> {
                JdbcKeychainStore.createSchema(database.source);
                return true;
            };
            ExecutorService executor = Executors.newFixedThreadPool(4);
            try {
                for (Future<Boolean> made : executor.invokeAll(Collections.nCopies(4, maker))) {
                    assertThat(made.get()).isTrue();
                }
            } finally {
                executor.shutdown();
            }
            database.open().create(Rows.first("tenant-42"));
            JdbcKeychainStore.createSchema(database.source);
            assertThat(database.open().load("tenant-42")).isPresent();
            assertThat(database.text("SELECT COUNT(*) FROM keywrap_schema")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void itsScriptsCanBeRunByHand(Dialect dialect) throws Exception {
        try (Database database = Database.of(dialect, folder)) {
            if (dialect == Dialect.SQLITE) {
                assertThat(database.text("PRAGMA journal_mode = WAL")).isEqualTo("wal");
            }
            for (String script : JdbcKeychainStore.scripts(dialect)) {
                runByHand(database, script);
            }
            JdbcKeychainStore store = JdbcKeychainStore.open(database.source);
            store.create(Rows.first("tenant-42"));
            assertThat(store.list(KeychainFilter.all().withKek(Rows.KEK), Optional.empty(), 2))
                    .isEqualTo(List.of("tenant-42"));
        }
    }

    private static void runByHand(Database database, String script) throws Exception {
        try (Connection connection = database.source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : script.split(";\n", -1)) {
                if (!one.isBlank()) {
                    statement.execute(one);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void aSchemaOfAnEarlierReleaseIsBroughtUpToDateAndKeepsItsKeychains(Dialect dialect) throws Exception {
        try (Database database = Database.of(dialect, folder)) {
            if (dialect == Dialect.SQLITE) {
                assertThat(database.text("PRAGMA journal_mode = WAL")).isEqualTo("wal");
            }
            runByHand(database, JdbcKeychainStore.scripts(dialect).get(0));
            KeychainRecord first = Rows.first("tenant-42");
            database.edit(
                    "INSERT INTO keywrap_keychain (keychain_id, revision, key_management, record) VALUES (?, 0, '', ?)",
                    "tenant-42",
                    new byte[0]);
            database.overwrite("tenant-42", first);
            assertThat(database.text("SELECT version FROM keywrap_schema")).isEqualTo("1");
            assertThatThrownBy(() -> JdbcKeychainStore.open(database.source))
                    .hasMessageContaining("the database has schema 1 of keywrap, this release needs schema 2");
            JdbcKeychainStore.createSchema(database.source);
            JdbcKeychainStore store = JdbcKeychainStore.open(database.source);
            assertThat(store.load("tenant-42").orElseThrow().toBytes()).isEqualTo(first.toBytes());
            assertThat(store.list(KeychainFilter.all().withKek(Rows.KEK), Optional.empty(), 2))
                    .isEqualTo(List.of("tenant-42"));
            assertThat(store.unreadable()).isEmpty();
            store.replace(Rows.next(first), 1);
            assertThat(store.putNote("kek-monitor", 0, new byte[] {1})).isTrue();
            assertThat(database.text("SELECT version FROM keywrap_schema")).isEqualTo("2");
        }
    }

    @Test
    void aFileOfSqliteGetsAWriteAheadLog() throws Exception {
        try (Database database = Database.of(Dialect.SQLITE, folder)) {
            database.open();
            assertThat(database.text("PRAGMA journal_mode")).isEqualTo("wal");
        }
    }

    @Test
    void connectionsWhoseCommitsAreNotDurableAreRefused() throws Exception {
        SQLiteDataSource source = Database.sqliteSource(folder.resolve("keychains.db"));
        JdbcKeychainStore.createSchema(source);
        source.setSynchronous(SynchronousMode.NORMAL.getValue());
        assertThatThrownBy(() -> JdbcKeychainStore.open(source))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("to do: set synchronous = FULL");
        PGSimpleDataSource postgres = new PGSimpleDataSource();
        postgres.setUrl(((PGSimpleDataSource) Database.postgres()).getUrl());
        postgres.setUser("postgres");
        postgres.setCurrentSchema(Database.newSchema());
        JdbcKeychainStore.createSchema(postgres);
        JdbcKeychainStore.open(postgres);
        postgres.setOptions("-c synchronous_commit=off");
        assertThatThrownBy(() -> JdbcKeychainStore.open(postgres))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("synchronous_commit = off, so that a commit may be lost; to do: set it to on");
    }

    @Test
    void aFileWhoseCommitsMayBreakItIsRefused() throws Exception {
        Path file = folder.resolve("keychains.db");
        SQLiteDataSource source = Database.sqliteSource(file);
        JdbcKeychainStore.createSchema(source);
        for (String mode : new String[] {"MEMORY", "OFF", "DELETE"}) {
            source.setJournalMode(mode);
            assertThatThrownBy(() -> JdbcKeychainStore.open(source))
                    .as(mode)
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("to do: set journal_mode = WAL");
        }
    }

    @Test
    void aFileInAnotherEncodingIsRefused() throws Exception {
        SQLiteDataSource source = Database.sqliteSource(folder.resolve("keychains.db"));
        source.setEncoding("UTF-16le");
        JdbcKeychainStore.createSchema(source);
        assertThatThrownBy(() -> JdbcKeychainStore.open(source))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("its encoding is not UTF-8");
    }

    @Test
    void aSchemaThatWasMadeByHalfIsNone() throws Exception {
        for (Dialect dialect : Dialect.values()) {
            for (String script : JdbcKeychainStore.scripts(dialect)) {
                String last = script.contains("INSERT INTO") ? "INSERT INTO keywrap_schema" : "UPDATE keywrap_schema";
                assertThat(script.indexOf(last)).isGreaterThan(script.lastIndexOf("CREATE"));
            }
        }
    }
}
