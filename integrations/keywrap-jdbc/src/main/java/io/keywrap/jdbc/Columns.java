package io.keywrap.jdbc;

import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Wrap;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What stands beside a record so that it can be found. It is computed from the record, and never believed: what is kept
 * must be what the record gives.
 *
 * @param revision the revision
 * @param keyManagement the name of the choice
 * @param primarySince when the oldest DEK that is PRIMARY was made, in milliseconds since 1970; null without one
 * @param decryptOnlySince the same of those that are DECRYPT_ONLY
 * @param destroyedSince the same of those that are DESTROYED
 */
record Columns(
        long revision,
        String keyManagement,
        @Nullable Long primarySince,
        @Nullable Long decryptOnlySince,
        @Nullable Long destroyedSince) {

    static Columns of(KeychainRecord record) {
        return new Columns(
                record.revision(),
                record.keyManagement().name(),
                oldest(record, State.PRIMARY),
                oldest(record, State.DECRYPT_ONLY),
                oldest(record, State.DESTROYED));
    }

    private static @Nullable Long oldest(KeychainRecord record, State state) {
        Optional<Long> oldest = record.deks().stream()
                .filter(entry -> entry.state() == state)
                .map(entry -> entry.createdAt().toEpochMilli())
                .min(Long::compare);
        return oldest.orElse(null);
    }

    static Columns read(ResultSet row) throws SQLException {
        return new Columns(
                row.getLong("revision"),
                String.valueOf(row.getString("key_management")),
                millis(row, "primary_since"),
                millis(row, "decrypt_only_since"),
                millis(row, "destroyed_since"));
    }

    private static @Nullable Long millis(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    /** The terms that a keychain is found by: every KEK in each of its roles and versions, and its key context. */
    static Set<Term> terms(KeychainRecord record) {
        Set<Term> terms = new TreeSet<>();
        record.recipients()
                .forEach(one -> terms.add(
                        Term.ofKek(Term.RECIPIENT, one.role(), one.kekId().uri(), "")));
        for (DekEntry entry : record.deks()) {
            for (Wrap wrap : entry.wraps()) {
                terms.add(Term.ofKek(
                        Term.WRAP,
                        wrap.role(),
                        wrap.wrapped().kekId().uri(),
                        wrap.wrapped().kekVersion()));
            }
        }
        record.keyContext().asMap().forEach((key, value) -> terms.add(Term.ofPair(key, value)));
        return terms;
    }

    /**
     * A row of the second table.
     *
     * @param kind RECIPIENT, WRAP or CONTEXT
     * @param role the role; empty for a pair
     * @param name the KEK, or the key of a pair
     * @param value the version of the KEK, or the value of a pair
     */
    record Term(String kind, String role, String name, String value) implements Comparable<Term> {
        static final String RECIPIENT = "RECIPIENT";
        static final String WRAP = "WRAP";
        static final String CONTEXT = "CONTEXT";

        static Term ofKek(String kind, Role role, String kek, String version) {
            return new Term(kind, role.name(), kek, searchable(version));
        }

        static Term ofPair(String key, String value) {
            return new Term(CONTEXT, "", searchable(key), searchable(value));
        }

        /** PostgreSQL's texts hold every character but one. Whoever searches by it finds more, and then compares. */
        static String searchable(String text) {
            return text.replace('\0', '\u001a');
        }

        static Term read(ResultSet row) throws SQLException {
            return new Term(
                    String.valueOf(row.getString("kind")),
                    String.valueOf(row.getString("role")),
                    String.valueOf(row.getString("name")),
                    String.valueOf(row.getString("value")));
        }

        @Override
        public int compareTo(Term other) {
            int byName = name.compareTo(other.name);
            int byValue = byName != 0 ? byName : value.compareTo(other.value);
            int byKind = byValue != 0 ? byValue : kind.compareTo(other.kind);
            return byKind != 0 ? byKind : role.compareTo(other.role);
        }
    }
}
