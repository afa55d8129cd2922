package io.keywrap.jdbc;

import io.keywrap.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** Which database, and what differs between them. */
public enum Dialect {
    /** PostgreSQL, version 13 or later, with a database in UTF-8. */
    POSTGRESQL(
            "PostgreSQL",
            "SELECT revision FROM keywrap_keychain WHERE keychain_id = ? FOR UPDATE",
            "SELECT CASE WHEN to_regclass('keywrap_schema') IS NULL THEN 0 ELSE 1 END",
            "SELECT pg_advisory_xact_lock(7453010364987428211)"),

    /** SQLite, version 3.37 or later. */
    SQLITE(
            "SQLite",
            "UPDATE keywrap_schema SET version = version WHERE version = 0 AND ? <> ''",
            "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'keywrap_schema'",
            "PRAGMA schema_version");

    /** Of the ids in both tables: how many are in order of their bytes. */
    private static final String IDS_IN_ORDER_OF_BYTES = """
            SELECT COUNT(*) FROM pg_attribute
             WHERE attrelid IN (to_regclass('keywrap_keychain'), to_regclass('keywrap_term'))
               AND attname = 'keychain_id'
               AND attcollation IN ('pg_catalog."C"'::regcollation, 'pg_catalog."POSIX"'::regcollation)""";

    private final String product;
    private final String lockKeychain;
    private final String schemaExists;
    private final String lockSchema;

    Dialect(String product, String lockKeychain, String schemaExists, String lockSchema) {
        this.product = product;
        this.lockKeychain = lockKeychain;
        this.schemaExists = schemaExists;
        this.lockSchema = lockSchema;
    }

    static Dialect of(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        for (Dialect dialect : values()) {
            if (dialect.product.equalsIgnoreCase(product)) {
                return dialect;
            }
        }
        throw new StoreUnavailableException(
                "there is no store for the database " + product + "; to do: use PostgreSQL or SQLite", null);
    }

    /** As the database calls itself. */
    String product() {
        return product;
    }

    /** The folder of its scripts. */
    String folder() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Makes other writers of a keychain wait until this transaction has ended; a parameter, its id. In SQLite, which has
     * one writer at a time, a write that changes nothing: a transaction that read before it wrote would be refused where
     * another has written between.
     */
    String lockKeychain() {
        return lockKeychain;
    }

    /** Gives 1 if there is a schema, else 0. */
    String schemaExists() {
        return schemaExists;
    }

    /** Makes others who make a schema wait; in SQLite the first table that is made does. */
    String lockSchema() {
        return lockSchema;
    }

    /** What a database must be like for its commits to be durable and its texts whole; empty if it is so. */
    String unfit(Connection connection) throws SQLException {
        if (this == SQLITE) {
            return unfitSqlite(connection);
        }
        if (Sql.text(connection, "SHOW fsync").equals("off")) {
            return "its server has fsync = off, so that a commit may be lost and the tables may break with the machine's"
                    + " power; to do: set it to on";
        }
        if (!Sql.text(connection, "SHOW server_encoding").equals("UTF8")) {
            return "its encoding is not UTF8, so that it cannot hold every id; to do: make the database with"
                    + " ENCODING 'UTF8'";
        }
        if (Sql.text(connection, "SHOW synchronous_commit").equals("off")) {
            return "its connections have synchronous_commit = off, so that a commit may be lost; to do: set it to on";
        }
        return Sql.text(connection, IDS_IN_ORDER_OF_BYTES).equals("2")
                ? ""
                : "a column keychain_id has another collation than \"C\", so that lists could lose keychains; to do: ALTER"
                        + " TABLE … ALTER COLUMN keychain_id TYPE TEXT COLLATE \"C\", of keywrap_keychain and keywrap_term";
    }

    private static String unfitSqlite(Connection connection) throws SQLException {
        if (Integer.parseInt(Sql.text(connection, "PRAGMA synchronous")) < 2) {
            return "its connections have synchronous = OFF or NORMAL, so that a commit may be lost with the"
                    + " machine's power; to do: set synchronous = FULL";
        }
        if (!Sql.text(connection, "PRAGMA journal_mode").equalsIgnoreCase("wal")) {
            return "its connections have no write-ahead log, without which a commit may be lost, or the file break, with"
                    + " the process or the machine's power; to do: set journal_mode = WAL";
        }
        return Sql.text(connection, "PRAGMA encoding").equals("UTF-8")
                ? ""
                : "its encoding is not UTF-8, so that ids are not in order of their UTF-8 bytes; to do: make the file"
                        + " with PRAGMA encoding = 'UTF-8'";
    }

    /** What must be set outside of a transaction, and stays. */
    void prepare(Connection connection) throws SQLException {
        if (this == SQLITE) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA journal_mode = WAL");
            }
        }
    }
}
