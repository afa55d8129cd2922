package io.keywrap.jdbc;

/** A hostile writer of SQLite. */
class SqliteHostileStoreTest extends HostileStore {
    @Override
    Dialect dialect() {
        return Dialect.SQLITE;
    }
}
