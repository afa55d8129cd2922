package io.keywrap.jdbc;

import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.testkit.InMemoryKeychainStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/** Writes many records in one transaction, as a migration would. */
final class Bulk {
    /** Most records at once. */
    static final int BATCH = 1_000;

    private Bulk() {}

    static void insert(DataSource source, InMemoryKeychainStore memory) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement rows = connection.prepareStatement(
                            "INSERT INTO keywrap_keychain (keychain_id, revision, key_management, primary_since,"
                                    + " decrypt_only_since, record) VALUES (?, ?, ?, ?, ?, ?)");
                    PreparedStatement terms =
                            connection.prepareStatement("INSERT INTO keywrap_term VALUES (?, ?, ?, ?, ?)")) {
                for (String id : memory.list(KeychainFilter.all(), Optional.empty(), BATCH)) {
                    KeychainRecord record = memory.load(id).orElseThrow();
                    Columns c = Columns.of(record);
                    Sql.bind(
                            rows,
                            id,
                            c.revision(),
                            c.keyManagement(),
                            c.primarySince(),
                            c.decryptOnlySince(),
                            record.toBytes());
                    rows.addBatch();
                    for (Columns.Term term : Columns.terms(record)) {
                        Sql.bind(terms, id, term.kind(), term.role(), term.name(), term.value());
                        terms.addBatch();
                    }
                }
                rows.executeBatch();
                terms.executeBatch();
            }
            connection.commit();
            connection.setAutoCommit(true);
        }
    }
}
