package io.keywrap.jdbc;

import io.keywrap.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The tables, as scripts of which each brings the schema from one version to the next. */
final class Schema {
    /** The version that this release reads and writes, and the number of scripts. */
    static final int VERSION = 2;

    private Schema() {}

    static List<String> scripts(Dialect dialect) {
        List<String> scripts = new ArrayList<>();
        for (int version = 1; version <= VERSION; version++) {
            scripts.add(script(dialect, version));
        }
        return List.copyOf(scripts);
    }

    private static String script(Dialect dialect, int version) {
        String name = dialect.folder() + "/" + version + ".sql";
        try (InputStream in = Schema.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the script " + name + " is not in this jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the scripts that are missing. */
    static void create(Transactions transactions) {
        Dialect dialect = transactions.dialect();
        transactions.outside("made", dialect::prepare);
        transactions.write((connection, unsure) -> {
            Sql.execute(connection, dialect.lockSchema());
            for (int version = requireNotNewer(connection, dialect); version < VERSION; version++) {
                for (String statement : statements(script(dialect, version + 1))) {
                    Sql.execute(connection, statement);
                }
            }
        });
    }

    /** Our scripts have no semicolon but at the end of a statement or comment line. */
    private static List<String> statements(String script) {
        String code = script.lines()
                .filter(line -> !line.startsWith("--"))
                .reduce("", (before, line) -> before + line + "\n");
        List<String> statements = new ArrayList<>();
        for (String statement : code.split(";", -1)) {
            if (!statement.isBlank()) {
                statements.add(statement.strip());
            }
        }
        return statements;
    }

    /** Refuses a database in which a store cannot work. */
    static void require(Connection connection, Dialect dialect) throws SQLException {
        int version = requireNotNewer(connection, dialect);
        if (version < VERSION) {
            throw new StoreUnavailableException(
                    "the database has "
                            + (version == 0 ? "no schema of keywrap" : "schema " + version + " of keywrap")
                            + ", this release needs schema " + VERSION
                            + "; to do: JdbcKeychainStore.createSchema, or run its scripts; on PostgreSQL check the"
                            + " search_path too",
                    null);
        }
        String unfit = dialect.unfit(connection);
        if (!unfit.isEmpty()) {
            throw new StoreUnavailableException("the database cannot hold a store: " + unfit, null);
        }
    }

    private static int requireNotNewer(Connection connection, Dialect dialect) throws SQLException {
        boolean exists = Sql.text(connection, dialect.schemaExists()).equals("1");
        int version = exists
                ? Integer.parseInt(Sql.text(connection, "SELECT COALESCE(MAX(version), 0) FROM keywrap_schema"))
                : 0;
        if (version > VERSION) {
            throw new StoreUnavailableException(
                    "the database has schema " + version + " of keywrap, this release knows schema " + VERSION
                            + " at most; to do: use a newer release",
                    null);
        }
        return version;
    }
}
