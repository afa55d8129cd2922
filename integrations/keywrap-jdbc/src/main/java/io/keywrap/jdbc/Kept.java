package io.keywrap.jdbc;

import io.keywrap.KeychainSealBrokenException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.jdbc.Columns.Term;
import io.keywrap.store.KeychainRecord;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one keychain, as it was read: nothing of it is believed.
 *
 * @param id the id of the row
 * @param bytes the record
 * @param columns what stands beside it
 */
@SuppressWarnings("ArrayRecordComponent") // Passed on within this package, never compared.
record Kept(String id, byte[] bytes, Columns columns) {
    private static final byte[] NOTHING = {};

    /** A record that is longer than any can be never leaves the database. */
    static final String RECORD =
            "CASE WHEN LENGTH(record) <= " + KeychainRecord.MAX_BYTES + " THEN record END AS record";

    /**
     * The terms of a record repeat what it holds. If there are more, none is read: they are not those of the record
     * anyhow, and there may be any number.
     */
    private static final long MOST_TERM_CHARS = 2L * KeychainRecord.MAX_BYTES;

    private static final int CHARS_OF_A_ROW = 32;

    /** Both tables in one statement, so that both are of one moment whatever the isolation level. */
    private static final String WHOLE = "SELECT 0 AS of_term, '' AS kind, key_management, revision, primary_since,"
            + " decrypt_only_since, destroyed_since, " + RECORD + ", '' AS role, '' AS name, '' AS value"
            + " FROM keywrap_keychain WHERE keychain_id = ?"
            + " UNION ALL"
            + " SELECT 1, kind, '', 0, NULL, NULL, NULL, NULL, role, name, value FROM keywrap_term"
            + " WHERE keychain_id = ? AND " + MOST_TERM_CHARS + " >= ("
            + "SELECT SUM(LENGTH(kind) + LENGTH(role) + LENGTH(name) + LENGTH(value) + " + CHARS_OF_A_ROW + ")"
            + " FROM keywrap_term WHERE keychain_id = ?)";

    static Kept read(String id, ResultSet row) throws SQLException {
        return new Kept(id, Objects.requireNonNullElse(row.getBytes("record"), NOTHING), Columns.read(row));
    }

    /** What is kept of a keychain, with its terms. */
    static Optional<Whole> find(Connection connection, String id) throws SQLException {
        Whole whole = new Whole();
        Sql.rows(connection, WHOLE, row -> whole.add(id, row), id, id, id);
        return whole.kept == null ? Optional.empty() : Optional.of(whole);
    }

    /**
     * The record, if the row is what its record says.
     *
     * @throws KeychainSealBrokenException if it is not
     * @throws UnsupportedEnvelopeException if it is a record of another version
     */
    KeychainRecord record() {
        KeychainRecord record = parsed();
        if (!columns.equals(Columns.of(record))) {
            throw edited("the columns beside it are not those of the record");
        }
        return record;
    }

    /** The record, whatever its columns say. */
    KeychainRecord parsed() {
        if (bytes.length == 0) {
            throw new KeychainSealBrokenException(
                    id, "it is no record: it is empty, or longer than " + KeychainRecord.MAX_BYTES + " bytes", null);
        }
        KeychainRecord record;
        try {
            record = KeychainRecord.parse(bytes);
        } catch (UnsupportedEnvelopeException e) {
            throw new UnsupportedEnvelopeException("keychain '" + id + "': " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new KeychainSealBrokenException(id, "it is no record: " + e.getMessage(), e);
        }
        if (!record.keychainId().equals(id)) {
            throw edited("it is the record of another keychain");
        }
        return record;
    }

    private KeychainSealBrokenException edited(String what) {
        return new KeychainSealBrokenException(id, what + ", so its row was edited", null);
    }

    /** A row with the rows of the second table that belong to it. Not thread-safe. */
    static final class Whole {
        private final Set<Term> terms = new TreeSet<>();
        private @Nullable Kept kept;

        private boolean add(String id, ResultSet row) throws SQLException {
            if (row.getInt("of_term") == 0) {
                kept = Kept.read(id, row);
                return true;
            }
            return terms.add(Term.read(row));
        }

        /** The row of the first table. */
        Kept kept() {
            if (kept == null) {
                throw new IllegalStateException("there is no row");
            }
            return kept;
        }

        /** The rows of the second table. */
        Set<Term> terms() {
            return terms;
        }

        /** As {@link Kept#record()}, for both tables. */
        KeychainRecord record() {
            KeychainRecord record = kept().record();
            if (!terms.equals(Columns.terms(record))) {
                throw kept().edited("the rows of keywrap_term are not those of the record");
            }
            return record;
        }
    }
}
