package io.keywrap.jdbc;

import io.keywrap.jdbc.Columns.Term;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows that a filter may mean, found by columns and indexes; whether it means them is for their records to say. The
 * statement is put together from constants.
 */
final class Selection {
    /** Most rows that are read at once, and about how many bytes of records. */
    static final int ROWS = 500;

    private static final long BYTES = 8L << 20;

    /** The ids of a page come from an index, then their records up to the limit of bytes; at least one. */
    private static final String PAGE =
            "SELECT keychain_id, revision, key_management, primary_since, decrypt_only_since,"
                    + " destroyed_since, " + Kept.RECORD + """

              FROM keywrap_keychain WHERE keychain_id IN (
                SELECT keychain_id FROM (
                  SELECT keychain_id, bytes, SUM(bytes) OVER (ORDER BY keychain_id) AS total FROM (
                    SELECT keychain_id, LENGTH(record) AS bytes FROM keywrap_keychain
                     WHERE keychain_id > ?{conditions} ORDER BY keychain_id LIMIT ? OFFSET ?) AS found) AS summed
                 WHERE total - bytes < ?) ORDER BY keychain_id""";

    private static final String TERM =
            " AND keychain_id IN (SELECT keychain_id FROM keywrap_term WHERE keychain_id > ?";

    private final StringBuilder conditions = new StringBuilder();
    private final List<Object> parameters = new ArrayList<>();
    private final String after;

    private Selection(KeychainFilter filter, String after) {
        this.after = after;
        idPrefix(filter.idPrefix());
        filter.keyManagement().ifPresent(choice -> and(" AND key_management = ?", choice.name()));
        filter.keyContext()
                .asMap()
                .forEach((key, value) -> and(
                        TERM + " AND kind = ? AND name = ? AND value = ?)",
                        after,
                        Term.CONTEXT,
                        Term.searchable(key),
                        Term.searchable(value)));
        use(filter);
        dek(filter);
    }

    /** The rows behind an id. */
    static Selection of(KeychainFilter filter, String after) {
        return new Selection(filter, after);
    }

    /** Reads the first of them behind some more, in order of their ids; none if there are no more. */
    List<Kept> read(Connection connection, int limit, long skipped) throws SQLException {
        return Sql.rows(
                connection,
                sql(),
                row -> Kept.read(String.valueOf(row.getString("keychain_id")), row),
                parameters(limit, skipped).toArray());
    }

    /** What is bound to the statement. */
    List<Object> parameters(int limit, long skipped) {
        List<Object> all = new ArrayList<>(parameters);
        all.add(0, after);
        all.add(Math.min(limit, ROWS));
        all.add(skipped);
        all.add(BYTES);
        return all;
    }

    /** The statement, with a mark for each parameter. */
    String sql() {
        return PAGE.replace("{conditions}", conditions);
    }

    private void idPrefix(String prefix) {
        if (!prefix.isEmpty()) {
            and(" AND keychain_id >= ?", prefix);
            String behind = behind(prefix);
            if (!behind.isEmpty()) {
                and(" AND keychain_id < ?", behind);
            }
        }
    }

    /** The least text behind all that begin with a prefix, in order of UTF-8; empty if there is none. */
    static String behind(String prefix) {
        int[] points = prefix.codePoints().toArray();
        for (int last = points.length - 1; last >= 0; last--) {
            if (points[last] < Character.MAX_CODE_POINT) {
                int next = points[last] + 1;
                points[last] = next == Character.MIN_SURROGATE ? Character.MAX_SURROGATE + 1 : next;
                return new String(points, 0, last + 1);
            }
        }
        return "";
    }

    /** Recipients and wraps; a recipient has no version. */
    private void use(KeychainFilter filter) {
        if (filter.kek().isEmpty()
                && filter.kekVersion().isEmpty()
                && filter.role().isEmpty()) {
            return;
        }
        and(TERM + " AND kind IN ('RECIPIENT', 'WRAP')", after);
        filter.kek().ifPresent(kek -> and(" AND name = ?", kek.uri()));
        filter.kekVersion().ifPresent(version -> and(" AND value = ?", Term.searchable(version)));
        filter.role().ifPresent(role -> and(" AND role = ?", role.name()));
        conditions.append(')');
    }

    /** The oldest DEK of a state tells whether there is one, and whether there is one of an age. */
    private void dek(KeychainFilter filter) {
        if (filter.dekState().isEmpty() && filter.dekMadeBefore().isEmpty()) {
            return;
        }
        List<State> states = filter.dekState().map(List::of).orElse(List.of(State.values()));
        String or = " AND (";
        for (State state : states) {
            conditions.append(or).append(since(state));
            if (filter.dekMadeBefore().isPresent()) {
                and(" < ?", firstMillisecondNotBefore(filter.dekMadeBefore().get()));
            } else {
                conditions.append(" IS NOT NULL");
            }
            or = " OR ";
        }
        conditions.append(')');
    }

    private static String since(State state) {
        return switch (state) {
            case PRIMARY -> "primary_since";
            case DECRYPT_ONLY -> "decrypt_only_since";
            case DESTROYED -> "destroyed_since";
        };
    }

    /** DEKs are made at whole milliseconds. */
    private static long firstMillisecondNotBefore(Instant instant) {
        try {
            long millis = instant.toEpochMilli();
            return Instant.ofEpochMilli(millis).equals(instant) ? millis : millis + 1;
        } catch (ArithmeticException e) {
            return instant.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    private void and(String condition, Object... values) {
        conditions.append(condition);
        parameters.addAll(List.of(values));
    }
}
