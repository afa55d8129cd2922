package io.keywrap.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.keywrap.jdbc.Columns.Term;
import io.keywrap.store.KeychainRecord;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** A database for one test, empty at first: a schema of a real PostgreSQL server, or a file of SQLite. */
final class Database implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    final HikariDataSource source;
    final Dialect dialect;

    private Database(HikariDataSource source, Dialect dialect) {
        this.source = source;
        this.dialect = dialect;
    }

    /** The server that all tests of this JVM share, in schemas of their own. It ends with the JVM. */
    private static final class Shared {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres server = server().start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static EmbeddedPostgres.Builder server() {
        return EmbeddedPostgres.builder().setServerConfig("synchronous_commit", "on");
    }

    static void stop(EmbeddedPostgres server) {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static DataSource postgres() {
        return Shared.SERVER.getPostgresDatabase();
    }

    static String newSchema() {
        String schema = "test" + COUNT.incrementAndGet();
        try (Connection connection = postgres().getConnection()) {
            Sql.execute(connection, "CREATE SCHEMA " + schema);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return schema;
    }

    static Database of(Dialect dialect, Path folder) {
        return dialect == Dialect.SQLITE ? sqlite(folder) : inPostgres();
    }

    private static Database inPostgres() {
        HikariConfig config = new HikariConfig();
        config.setDataSource(postgres());
        config.setSchema(newSchema());
        return new Database(pool(config), Dialect.POSTGRESQL);
    }

    private static Database sqlite(Path folder) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(sqliteSource(folder.resolve("keychains.db")));
        return new Database(pool(config), Dialect.SQLITE);
    }

    static SQLiteDataSource sqliteSource(Path file) {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(20_000);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    private static HikariDataSource pool(HikariConfig config) {
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(0);
        return new HikariDataSource(config);
    }

    JdbcKeychainStore open() {
        JdbcKeychainStore.createSchema(source);
        return JdbcKeychainStore.open(source);
    }

    /** As somebody does who has the password of the database and no KEK. */
    int edit(String sql, Object... parameters) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return Sql.update(connection, sql, parameters);
        }
    }

    /** Puts a record in the place of another with all that stands beside it, as somebody does who knows the schema. */
    void overwrite(String id, KeychainRecord record) throws SQLException {
        Columns columns = Columns.of(record);
        try (Connection connection = source.getConnection()) {
            Sql.update(
                    connection,
                    "UPDATE keywrap_keychain SET record = ?, revision = ?, key_management = ?, primary_since = ?,"
                            + " decrypt_only_since = ?, destroyed_since = ? WHERE keychain_id = ?",
                    record.toBytes(),
                    columns.revision(),
                    columns.keyManagement(),
                    columns.primarySince(),
                    columns.decryptOnlySince(),
                    columns.destroyedSince(),
                    id);
            Sql.update(connection, "DELETE FROM keywrap_term WHERE keychain_id = ?", id);
            for (Term term : Columns.terms(record)) {
                Sql.update(
                        connection,
                        "INSERT INTO keywrap_term (keychain_id, kind, role, name, value) VALUES (?, ?, ?, ?, ?)",
                        id,
                        term.kind(),
                        term.role(),
                        term.name(),
                        term.value());
            }
        }
    }

    String text(String sql) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return Sql.text(connection, sql);
        }
    }

    @Override
    public void close() {
        source.close();
    }
}
