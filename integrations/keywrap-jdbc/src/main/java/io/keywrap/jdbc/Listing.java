package io.keywrap.jdbc;

import io.keywrap.KeychainSealBrokenException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore.Unreadable;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Goes over the rows in order of their ids, some at a time, each time in a transaction of its own. */
final class Listing {
    private static final String IDS =
            "SELECT keychain_id FROM keywrap_keychain WHERE keychain_id > ? ORDER BY keychain_id LIMIT ?";

    private final Transactions transactions;

    Listing(Transactions transactions) {
        this.transactions = transactions;
    }

    /** The ids behind another one of the keychains that are meant. */
    List<String> page(KeychainFilter filter, String after, int limit) {
        List<String> page = new ArrayList<>();
        String last = after;
        boolean more = canBegin(filter.idPrefix());
        while (more && page.size() < limit) {
            Selection selection = Selection.of(filter, last);
            int wanted = limit - page.size();
            List<Kept> rows = transactions.read("listed", connection -> selection.read(connection, wanted));
            for (Kept row : rows) {
                requireBehind(last, row.id());
                last = row.id();
                recordOf(row, filter).filter(filter::matches).ifPresent(record -> page.add(record.keychainId()));
            }
            more = !rows.isEmpty();
        }
        return page;
    }

    /** A prefix that no id has would only trouble the database. */
    private static boolean canBegin(String prefix) {
        return prefix.codePoints()
                .noneMatch(point -> Character.isISOControl(point) || Character.getType(point) == Character.SURROGATE);
    }

    private static Optional<KeychainRecord> recordOf(Kept row, KeychainFilter filter) {
        try {
            return Optional.of(row.record());
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
            if (filter.leavesOutUnreadable()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Rows that are no records, or are not what their records say. */
    List<Unreadable> unreadable() {
        List<Unreadable> found = new ArrayList<>();
        String last = "";
        List<String> ids;
        do {
            String after = last;
            ids = transactions.read("read", connection -> idsAfter(after, connection));
            for (String id : ids) {
                requireBehind(last, id);
                last = id;
            }
            List<String> some = ids;
            found.addAll(transactions.read("read", connection -> examine(some, connection)));
        } while (!ids.isEmpty());
        return found;
    }

    private static List<String> idsAfter(String after, Connection connection) throws SQLException {
        return Sql.rows(connection, IDS, row -> String.valueOf(row.getString(1)), after, Selection.ROWS);
    }

    private static List<Unreadable> examine(List<String> ids, Connection connection) throws SQLException {
        List<Unreadable> found = new ArrayList<>();
        for (String id : ids) {
            try {
                Kept.find(connection, id).ifPresent(Kept.Whole::record);
            } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
                found.add(
                        new Unreadable("the row of '" + id + "' in keywrap_keychain", String.valueOf(e.getMessage())));
            }
        }
        return found;
    }

    /** A row that is in its place by a trick would send a reader of pages back, and round for ever. */
    private static void requireBehind(String last, String id) {
        if (Arrays.compareUnsigned(utf8(last), utf8(id)) >= 0) {
            throw new KeychainSealBrokenException(
                    id, "its row is not in order of its id, so the tables were edited", null);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
