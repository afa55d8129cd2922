package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.EncryptionContext;
import io.keywrap.StoreUnavailableException;
import io.keywrap.store.KeychainRecord;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Changes that a database does not make, or not to the end. */
class HalfDoneTest {
    private static final String DROPS_UPDATES = """
            CREATE FUNCTION drops() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'""";

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void anUpdateThatATriggerDropsIsNotTakenForACommit(Dialect dialect) throws Exception {
        try (Database database = Database.of(dialect, folder)) {
            JdbcKeychainStore store = database.open();
            KeychainRecord first = Rows.first("tenant-42");
            store.create(first);
            if (dialect == Dialect.POSTGRESQL) {
                database.edit(DROPS_UPDATES);
                database.edit("CREATE TRIGGER quiet BEFORE UPDATE ON keywrap_keychain"
                        + " FOR EACH ROW EXECUTE FUNCTION drops()");
            } else {
                database.edit(
                        "CREATE TRIGGER quiet BEFORE UPDATE ON keywrap_keychain" + " BEGIN SELECT RAISE(IGNORE); END");
            }
            assertThatThrownBy(() -> store.replace(Rows.next(first), 1))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("did not change the row of keychain 'tenant-42'")
                    .hasMessageContaining("to do: look for triggers");
            assertThat(store.load("tenant-42").orElseThrow().toBytes()).isEqualTo(first.toBytes());
        }
    }

    @Test
    void whatCannotBeRolledBackIsNotCommittedByTheCommitMode() throws Exception {
        Path file = folder.resolve("keychains.db");
        DataSource source = Database.sqliteSource(file);
        JdbcKeychainStore.createSchema(source);
        Transactions transactions = new Transactions(withoutRollback(source), Dialect.SQLITE);
        assertThatThrownBy(() -> transactions.write((connection, unsure) -> {
                    Sql.execute(connection, "INSERT INTO keywrap_term VALUES ('tenant-42', 'CONTEXT', '', 'a', 'b')");
                    throw new SQLException("no more room", "", 13);
                }))
                .isInstanceOf(StoreUnavailableException.class);
        try (Connection connection = source.getConnection()) {
            assertThat(Sql.text(connection, "SELECT COUNT(*) FROM keywrap_term"))
                    .isEqualTo("0");
        }
    }

    private static DataSource withoutRollback(DataSource source) {
        return proxy(
                DataSource.class,
                source,
                "none",
                connection -> proxy(Connection.class, (Connection) connection, "rollback", same -> same));
    }

    private static <T> T proxy(Class<T> type, T real, String broken, java.util.function.UnaryOperator<Object> given) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (method.getName().equals(broken)) {
                        throw new SQLException("broken", "", 10);
                    }
                    try {
                        Object result = method.invoke(real, arguments);
                        return result instanceof Connection ? given.apply(result) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void whatADriverSaysOfRowsIsInNoTrace(Dialect dialect) throws Exception {
        try (Database database = Database.of(dialect, folder)) {
            JdbcKeychainStore store = database.open();
            if (dialect == Dialect.POSTGRESQL) {
                database.edit("ALTER TABLE keywrap_term ADD CHECK (kind <> 'CONTEXT')");
            } else {
                database.edit("CREATE TRIGGER refuses BEFORE INSERT ON keywrap_term WHEN NEW.kind = 'CONTEXT'"
                        + " BEGIN SELECT RAISE(ABORT, 'refused'); END");
            }
            KeychainRecord record = Rows.first("tenant-42")
                    .next()
                    .keyContext(EncryptionContext.of("patient", "Jane-Doe"))
                    .build(body -> new byte[KeychainRecord.SEAL_BYTES]);
            assertThatThrownBy(() -> store.create(record))
                    .isInstanceOf(StoreUnavailableException.class)
                    .satisfies(e -> assertThat(trace(e)).contains("Caused by").doesNotContain("Jane", "patient"));
            assertThat(store.load("tenant-42")).isEmpty();
        }
    }

    private static String trace(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace, true));
        return trace.toString();
    }
}
