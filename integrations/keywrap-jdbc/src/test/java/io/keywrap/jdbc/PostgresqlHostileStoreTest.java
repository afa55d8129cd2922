package io.keywrap.jdbc;

/** A hostile writer of PostgreSQL. */
class PostgresqlHostileStoreTest extends HostileStore {
    @Override
    Dialect dialect() {
        return Dialect.POSTGRESQL;
    }
}
