/**
 * A store of keychains in a relational database.
 *
 * <p>Here: {@code KeychainStore} over a caller's {@code DataSource}, for PostgreSQL and SQLite, and the scripts of its
 * schema. Not here: drivers, pools, passwords. Imports {@code io.keywrap}, {@code io.keywrap.store} and
 * {@code java.sql}. Start with {@link io.keywrap.jdbc.JdbcKeychainStore}.
 */
@NullMarked
package io.keywrap.jdbc;

import org.jspecify.annotations.NullMarked;
