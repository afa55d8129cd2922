package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.keywrap.StoreUnavailableException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteDataSource;

/** What pools and drivers fail with before there is a connection, and what a caller gets to see of it. */
class PoolFailureTest {
    @TempDir
    Path folder;

    private static DataSource giving(Callable<Connection> connections) {
        return (DataSource) Proxy.newProxyInstance(
                PoolFailureTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (self, method, arguments) -> connections.call());
    }

    private static String trace(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace, true));
        return trace.toString();
    }

    /** A lazy pool says it by the error below, a wrapper of one or another pool by an exception of its own. */
    @Test
    void aPoolThatCannotBeginIsAnOutage() {
        PGSimpleDataSource nowhere = new PGSimpleDataSource();
        nowhere.setPortNumbers(new int[] {1});
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setDataSource(nowhere);
            DataSource eager = giving(() -> {
                throw new PoolInitializationException(new SQLException("Connection refused", "08001"));
            });
            for (DataSource source : List.of(pool, eager)) {
                for (ThrowingCallable use : List.<ThrowingCallable>of(
                        () -> JdbcKeychainStore.open(source), () -> JdbcKeychainStore.createSchema(source))) {
                    assertThatThrownBy(use)
                            .isInstanceOf(StoreUnavailableException.class)
                            .hasMessageContaining("cannot be reached (SQLSTATE 08001)")
                            .hasMessageContaining("to do: check that it runs");
                }
            }
            assertThatThrownBy(() -> JdbcKeychainStore.open(eager))
                    .satisfies(e -> assertThat(trace(e)).contains("PoolInitializationException", "Connection refused"));
        }
    }

    @Test
    void aPoolThatFailsLaterByItsOwnExceptionIsAnOutage() {
        SQLiteDataSource source = Database.sqliteSource(folder.resolve("keychains.db"));
        JdbcKeychainStore.createSchema(source);
        AtomicBoolean broken = new AtomicBoolean();
        JdbcKeychainStore store = JdbcKeychainStore.open(giving(() -> {
            if (broken.get()) {
                throw new IllegalStateException("the pool is shut down");
            }
            return source.getConnection();
        }));
        broken.set(true);
        assertThatThrownBy(() -> store.load("tenant-42"))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("the store in SQLite cannot be read");
    }

    @Test
    void aUrlWithAPasswordIsInNoTrace() {
        String url = "jdbc:nothing://h/db?user=a&password=hush-hush";
        DataSource byDriverManager = giving(() -> DriverManager.getConnection(url));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://127.0.0.1:1/db?user=a&password=hush-hush");
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(250);
        assertThatThrownBy(() -> JdbcKeychainStore.open(byDriverManager))
                .isInstanceOf(StoreUnavailableException.class)
                .satisfies(e -> assertThat(trace(e)).contains("Caused by").doesNotContain("hush"));
        try (HikariDataSource pool = new HikariDataSource(config)) {
            assertThatThrownBy(() -> JdbcKeychainStore.open(pool))
                    .isInstanceOf(StoreUnavailableException.class)
                    .satisfies(e -> assertThat(trace(e)).contains("Caused by").doesNotContain("hush"));
        }
    }

    @Test
    void aHostThatIsNotKnownIsStillNamedByTheCause() {
        DataSource source = giving(() -> {
            throw new SQLException(
                    "The connection attempt failed.", "08001", new java.net.UnknownHostException("db-1"));
        });
        assertThatThrownBy(() -> JdbcKeychainStore.open(source))
                .satisfies(e -> assertThat(trace(e)).contains("UnknownHostException: db-1"));
    }

    /** The file is in use when its write-ahead log is to be set, and free when it is tried again. */
    @Test
    void aBusyFileIsTriedAgainForItsWriteAheadLogToo() throws Exception {
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + folder.resolve("keychains.db") + "?busy_timeout=0");
        try (Connection writer = source.getConnection()) {
            Sql.execute(writer, "CREATE TABLE other (a)");
            Sql.execute(writer, "BEGIN EXCLUSIVE");
            AtomicInteger given = new AtomicInteger();
            JdbcKeychainStore.createSchema(giving(() -> {
                if (given.incrementAndGet() == 3) { // The first asks which database it is, the second fails.
                    Sql.execute(writer, "ROLLBACK");
                }
                return source.getConnection();
            }));
            assertThat(given.get()).isEqualTo(4);
        }
        JdbcKeychainStore.open(Database.sqliteSource(folder.resolve("keychains.db")));
    }

    /** A commit was lost, then others are in the way, and whoever waits for them is interrupted. */
    @Test
    void anInterruptDoesNotLoseThatTheOutcomeIsUnknown() {
        SQLiteDataSource source = Database.sqliteSource(folder.resolve("keychains.db"));
        JdbcKeychainStore.createSchema(source);
        Faulty faulty = new Faulty(source);
        Transactions transactions = new Transactions(faulty.source(), Dialect.POSTGRESQL);
        faulty.plan(Faulty.Commit.DONE_AND_LOST);
        assertThatThrownBy(() -> transactions.write((connection, unsure) -> {
                    if (unsure) {
                        Thread.currentThread().interrupt();
                        throw new SQLException("deadlock", "40P01");
                    }
                }))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("interrupted")
                .hasMessageContaining("whether the change was made is not known");
        assertThat(Thread.interrupted()).isTrue();
        assertThatThrownBy(() -> transactions.write((connection, unsure) -> {
                    Thread.currentThread().interrupt();
                    throw new SQLException("deadlock", "40P01");
                }))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("interrupted")
                .hasMessageNotContaining("not known");
        assertThat(Thread.interrupted()).isTrue();
    }
}
