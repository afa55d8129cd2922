package io.keywrap.jdbc;

/** Hostile rows in SQLite. */
class SqliteHostileRowsTest extends HostileRows {
    @Override
    Dialect dialect() {
        return Dialect.SQLITE;
    }
}
