package io.keywrap.jdbc;

import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Notes, a row each. */
final class NoteRows {
    private static final byte[] NOTHING = {};

    /** No revision follows the largest, so it is damaged: a first note without content, which whoever writes next mends. */
    private static final Note DAMAGED = Note.of(1, NOTHING);

    /** Content that is longer than any can be never leaves the database. */
    private static final String SELECT = "SELECT revision, CASE WHEN LENGTH(content) <= " + StoreNotes.MAX_NOTE_BYTES
            + " THEN content END AS content FROM keywrap_note WHERE name = ? AND revision > 0";

    private static final String INSERT =
            "INSERT INTO keywrap_note (name, revision, content) VALUES (?, 1, ?) ON CONFLICT (name) DO NOTHING";
    private static final String UPDATE =
            "UPDATE keywrap_note SET revision = ?, content = ? WHERE name = ? AND revision = ?";

    /** The prefix is compared as text: no character of a name means anything in a pattern, but who knows what is asked for. */
    private static final String NAMES =
            "SELECT name FROM keywrap_note WHERE name > ? AND SUBSTR(name, 1, ?) = ? AND LENGTH(name) <= "
                    + StoreNotes.MAX_NAME_CHARS + " ORDER BY name LIMIT ?";

    private NoteRows() {}

    /** Names in order. Whoever writes rows of their own may give one a name that no note can have: nobody can read it. */
    static List<String> names(Connection connection, String prefix, String after, int limit) throws SQLException {
        List<String> names = new ArrayList<>();
        List<String> rows;
        String last = after;
        do {
            rows = Sql.rows(connection, NAMES, row -> row.getString(1), last, prefix.length(), prefix, limit);
            rows.stream().filter(NoteRows::isName).limit(limit - names.size()).forEach(names::add);
            last = rows.isEmpty() ? last : rows.get(rows.size() - 1);
        } while (rows.size() == limit && names.size() < limit);
        return names;
    }

    private static boolean isName(String text) {
        try {
            return StoreNotes.requireName(text).equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static Optional<Note> find(Connection connection, String name) throws SQLException {
        return Sql.rows(connection, SELECT, NoteRows::read, name).stream().findFirst();
    }

    private static Note read(ResultSet row) throws SQLException {
        long revision = row.getLong("revision");
        return revision == Long.MAX_VALUE
                ? DAMAGED
                : Note.of(revision, Objects.requireNonNullElse(row.getBytes("content"), NOTHING));
    }

    /** Whether it was written, unless the commit fails. Writes first: see {@link Dialect#lockKeychain}. */
    static boolean put(Connection connection, String name, long expectedRevision, byte[] content) throws SQLException {
        return expectedRevision == 0
                ? Sql.update(connection, INSERT, name, content) == 1
                : update(connection, name, expectedRevision, expectedRevision, content)
                        || (expectedRevision == DAMAGED.revision()
                                && update(connection, name, Long.MAX_VALUE, expectedRevision, content));
    }

    private static boolean update(Connection connection, String name, long kept, long expected, byte[] content)
            throws SQLException {
        return Sql.update(connection, UPDATE, expected + 1, content, name, kept) == 1;
    }

    /** Whether an attempt before this one was committed, and only its answer was lost. */
    static boolean isKept(Connection connection, String name, long revision, byte[] content) throws SQLException {
        return find(connection, name).filter(Note.of(revision, content)::equals).isPresent();
    }
}
