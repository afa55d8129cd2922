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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Goes over the rows in order of their ids, some at a time, each time in a transaction of its own. */
final class Listing {
    private static final String IDS =
            "SELECT keychain_id FROM keywrap_keychain WHERE keychain_id > ? ORDER BY keychain_id LIMIT ?";

    /** From the very first row, an empty id too; and where ids cannot be relied on. */
    private static final String IDS_BY_PLACE =
            "SELECT keychain_id FROM keywrap_keychain ORDER BY keychain_id LIMIT ? OFFSET ?";

    private static final String OUT_OF_ORDER = "its row is not in order of its id, so the tables were edited";
    private static final String NOT_FOUND = "its row is not found by its id, so the id is no text, or was edited";

    private final Transactions transactions;

    Listing(Transactions transactions) {
        this.transactions = transactions;
    }

    /**
     * The ids behind another one of the keychains that are meant. A list that leaves out what cannot be read goes on from the
     * last row that can be, and counts those behind it: their ids may be anything.
     */
    List<String> page(KeychainFilter filter, String after, int limit) {
        List<String> page = new ArrayList<>();
        String last = after;
        long skipped = 0;
        boolean more = canBegin(filter.idPrefix());
        while (more && page.size() < limit) {
            Selection selection = Selection.of(filter, last);
            int wanted = limit - page.size();
            long place = skipped;
            List<Kept> rows = transactions.read("listed", connection -> selection.read(connection, wanted, place));
            for (Kept row : rows) {
                Optional<KeychainRecord> record = recordOf(row, last, filter);
                record.filter(filter::matches).ifPresent(one -> page.add(one.keychainId()));
                last = record.isPresent() ? row.id() : last;
                skipped = record.isPresent() ? 0 : skipped + 1;
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

    private static Optional<KeychainRecord> recordOf(Kept row, String last, KeychainFilter filter) {
        try {
            requireBehind(last, row.id());
            return Optional.of(row.record());
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
            if (filter.leavesOutUnreadable()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Rows that are no records, or are not what their records say. Once an id is out of order, or finds no row, the rows
     * are counted instead: that is slow, and comes to an end whatever the ids are.
     */
    List<Unreadable> unreadable() {
        Set<Unreadable> found = new LinkedHashSet<>(); // A row may be seen twice, since others add some meanwhile.
        Optional<String> last = Optional.empty();
        boolean byId = true;
        long seen = 0;
        List<Row> rows;
        do {
            Optional<String> after = byId ? last : Optional.empty();
            long place = seen;
            rows = transactions.read("read", connection -> examine(idsBehind(after, place, connection), connection));
            for (Row row : rows) {
                boolean inOrder = last.filter(id -> !isBehind(id, row.id)).isEmpty();
                byId &= inOrder && row.found;
                row.problem
                        .or(() -> inOrder ? Optional.empty() : Optional.of(OUT_OF_ORDER))
                        .ifPresent(problem ->
                                found.add(new Unreadable("the row of '" + row.id + "' in keywrap_keychain", problem)));
                last = row.found ? Optional.of(row.id) : last;
            }
            seen += rows.size();
        } while (!rows.isEmpty());
        return List.copyOf(found);
    }

    private static List<String> idsBehind(Optional<String> after, long place, Connection connection)
            throws SQLException {
        Sql.Reader<String> id = row -> Objects.requireNonNullElse(row.getString(1), "");
        return after.isPresent()
                ? Sql.rows(connection, IDS, id, after.get(), Selection.ROWS)
                : Sql.rows(connection, IDS_BY_PLACE, id, Selection.ROWS, place);
    }

    private static List<Row> examine(List<String> ids, Connection connection) throws SQLException {
        List<Row> rows = new ArrayList<>();
        for (String id : ids) {
            rows.add(examine(id, connection));
        }
        return rows;
    }

    private static Row examine(String id, Connection connection) throws SQLException {
        Optional<Kept.Whole> kept = Kept.find(connection, id);
        try {
            kept.ifPresent(Kept.Whole::record);
            return new Row(id, kept.isPresent(), kept.isPresent() ? Optional.empty() : Optional.of(NOT_FOUND));
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
            return new Row(id, true, Optional.of(String.valueOf(e.getMessage())));
        }
    }

    /**
     * A row as it was seen.
     *
     * @param id its id, as well as a text can say it
     * @param found whether it is found by that
     * @param problem why it cannot be read
     */
    private record Row(String id, boolean found, Optional<String> problem) {}

    /** A row that is in its place by a trick would send a reader of pages back, and round for ever. */
    private static void requireBehind(String last, String id) {
        if (!isBehind(last, id)) {
            throw new KeychainSealBrokenException(id, OUT_OF_ORDER, null);
        }
    }

    private static boolean isBehind(String last, String id) {
        return Arrays.compareUnsigned(utf8(last), utf8(id)) < 0;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
