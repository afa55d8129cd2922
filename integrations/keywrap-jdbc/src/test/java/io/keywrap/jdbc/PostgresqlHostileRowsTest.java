package io.keywrap.jdbc;

/** Hostile rows in PostgreSQL. */
class PostgresqlHostileRowsTest extends HostileRows {
    @Override
    Dialect dialect() {
        return Dialect.POSTGRESQL;
    }
}
