package io.keywrap.jdbc;

import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.jdbc.Columns.Term;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/**
 * Keychains in PostgreSQL or SQLite, a row each, through a {@link DataSource} of the caller's.
 *
 * <p>{@link #createSchema} makes the tables, or whoever owns the database runs {@link #scripts}. The canonical bytes of a
 * record are kept whole in one column. The other columns and the second table repeat something of it, so that lists find
 * keychains by indexes.
 *
 * <p><b>Security:</b> what is read is parsed from the record, never taken from a column; a row whose columns are not
 * those of its record is {@link KeychainSealBrokenException}. {@link #load} and {@link #unreadable} compare both tables,
 * {@link #list} the first. Whoever can edit columns can thereby keep a keychain out of a filtered list, as by deleting its
 * row; {@link #unreadable} goes over every row and tells. Ids, KEK ids and the pairs of key contexts are readable in the
 * tables. No statement is put together from what a caller gives.
 *
 * <p><b>Errors:</b> {@link StoreUnavailableException} if the database cannot be reached or refuses; then nothing is
 * half-written. Lost connections are replaced and collisions with other transactions are tried again, up to 10 times and
 * for 10 seconds. If the connection dies while it commits, the keychain is read again to find out what became of it; where
 * others have written since, that cannot be known, and the exception says so.
 *
 * <p><b>Thread safety:</b> thread-safe, also between processes. Each method takes a connection, runs one short
 * transaction at whatever isolation level the connection has, and gives it back in the commit mode that it had; none is
 * held over a call of a KMS. Blocks on the network.
 *
 * <p><b>Source:</b> docs/guides/database-store.md.
 */
public final class JdbcKeychainStore implements KeychainStore, StoreNotes {
    private static final String INSERT = """
            INSERT INTO keywrap_keychain (revision, key_management, primary_since, decrypt_only_since, destroyed_since,
                                          record, keychain_id)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (keychain_id) DO NOTHING""";
    private static final String UPDATE = """
            UPDATE keywrap_keychain SET revision = ?, key_management = ?, primary_since = ?, decrypt_only_since = ?,
                                        destroyed_since = ?, record = ? WHERE keychain_id = ?""";
    private static final String INSERT_TERM =
            "INSERT INTO keywrap_term (keychain_id, kind, role, name, value) VALUES (?, ?, ?, ?, ?)";
    private static final int TERMS_AT_ONCE = 1_000;

    private final Transactions transactions;

    private JdbcKeychainStore(Transactions transactions) {
        this.transactions = transactions;
    }

    /**
     * Opens the store in a database, which must have its schema.
     *
     * @param source gives connections, best from a pool; the caller's, and never closed here
     * @return the store
     * @throws StoreUnavailableException if the database cannot be reached, has no schema or that of a newer release, is
     *     neither PostgreSQL nor SQLite, or is set so that commits are not durable
     */
    public static JdbcKeychainStore open(DataSource source) {
        Transactions transactions = new Transactions(source, dialectOf(source));
        transactions.read("opened", connection -> {
            Schema.require(connection, transactions.dialect());
            return true;
        });
        return new JdbcKeychainStore(transactions);
    }

    /**
     * Makes the tables, or brings those of an earlier release up to date; does nothing if they are right. In SQLite it
     * also sets the file to write-ahead logging. Several processes may call it at once.
     *
     * @param source gives connections of a user who may make tables
     * @throws StoreUnavailableException if the database cannot be reached, refuses, or has the schema of a newer release
     */
    public static void createSchema(DataSource source) {
        Dialect dialect = dialectOf(source);
        Schema.create(new Transactions(source, dialect));
    }

    /**
     * The scripts of the schema, for whoever would rather run them with tools of their own.
     *
     * @param dialect the database
     * @return plain SQL in UTF-8; the first script makes schema 1, each later one the next from that before
     */
    public static List<String> scripts(Dialect dialect) {
        return Schema.scripts(dialect);
    }

    private static Dialect dialectOf(DataSource source) {
        try (Connection connection = Transactions.connectionOf(source)) {
            return Dialect.of(connection);
        } catch (SQLException e) {
            throw new StoreUnavailableException(
                    "the database of the store cannot be reached (SQLSTATE " + e.getSQLState()
                            + "); to do: check that it runs, its address, user and password, and its certificate where"
                            + " TLS is asked for",
                    SqlFailure.withoutValues(e));
        }
    }

    /** {@inheritDoc} */
    @Override
    public Optional<KeychainRecord> load(String keychainId) {
        requireId(keychainId);
        return transactions
                .read("read", connection -> Kept.find(connection, keychainId))
                .map(Kept.Whole::record);
    }

    /** {@inheritDoc} */
    @Override
    public void create(KeychainRecord record) {
        String id = record.keychainId();
        transactions.write((connection, unsure) -> {
            if (writeRow(connection, INSERT, record) == 0) {
                if (unsure && isKept(connection, record)) {
                    return; // The attempt before was committed, and only its answer was lost.
                }
                throw new KeychainExistsException(id);
            }
            writeTerms(connection, id, Columns.terms(record));
        });
    }

    /** {@inheritDoc} */
    @Override
    public void replace(KeychainRecord record, long expectedRevision) {
        if (record.revision() <= expectedRevision) {
            throw new IllegalArgumentException(
                    "revision " + record.revision() + " is not later than revision " + expectedRevision);
        }
        String id = record.keychainId();
        transactions.write((connection, unsure) -> {
            Sql.execute(connection, transactions.dialect().lockKeychain(), id);
            if (unsure && isKept(connection, record)) {
                return;
            }
            Optional<KeychainRecord> found = Kept.find(connection, id).map(Kept.Whole::record);
            KeychainRecord kept = found.filter(one -> one.revision() == expectedRevision)
                    .orElseThrow(() -> unsure
                                    && found.filter(one -> one.revision() > record.revision())
                                            .isPresent()
                            ? followed(id)
                            : new KeychainConflictException(id));
            update(connection, record);
            Set<Term> terms = Columns.terms(record);
            if (!terms.equals(Columns.terms(kept))) {
                writeTerms(connection, id, terms);
            }
        });
    }

    /**
     * Lists keychains in order of the UTF-8 bytes of their ids. The columns that the filter asks for find them; then each
     * record is read, compared with the columns beside it, and has the last word.
     *
     * @param filter {@inheritDoc}
     * @param after {@inheritDoc}
     * @param limit {@inheritDoc}
     * @return {@inheritDoc}
     */
    @Override
    public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new IllegalArgumentException("a page has 1 to " + MAX_PAGE + " ids, not " + limit);
        }
        after.ifPresent(JdbcKeychainStore::requireId);
        return new Listing(transactions).page(filter, after.orElse(""), limit);
    }

    /**
     * Names the rows that are no records, or are not what their records say. Reads every row of both tables.
     *
     * @return {@inheritDoc}
     */
    @Override
    public List<Unreadable> unreadable() {
        return new Listing(transactions).unreadable();
    }

    /**
     * Writes the columns and terms of a keychain anew from its record, after somebody has edited them. The record stays as
     * it is, and whether it can be believed is for its seal to say.
     *
     * @param keychainId the keychain
     * @throws KeychainNotFoundException if there is none
     * @throws KeychainSealBrokenException if what is kept is no record of this keychain
     * @throws UnsupportedEnvelopeException if it is a record of another version
     * @throws StoreUnavailableException if the database cannot be reached or refuses
     */
    public void reindex(String keychainId) {
        requireId(keychainId);
        transactions.write((connection, unsure) -> {
            Sql.execute(connection, transactions.dialect().lockKeychain(), keychainId);
            KeychainRecord record = Kept.find(connection, keychainId)
                    .map(kept -> kept.kept().parsed())
                    .orElseThrow(() -> new KeychainNotFoundException(keychainId));
            update(connection, record);
            writeTerms(connection, keychainId, Columns.terms(record));
        });
    }

    /** {@inheritDoc} */
    @Override
    public Optional<Note> note(String name) {
        StoreNotes.requireName(name);
        return transactions.read("read", connection -> NoteRows.find(connection, name));
    }

    /** {@inheritDoc} */
    @Override
    public boolean putNote(String name, long expectedRevision, byte[] content) {
        StoreNotes.requireWritable(name, expectedRevision, content);
        AtomicBoolean written = new AtomicBoolean();
        transactions.write((connection, unsure) -> {
            boolean put = NoteRows.put(connection, name, expectedRevision, content);
            written.set(put || (unsure && NoteRows.isKept(connection, name, expectedRevision + 1, content)));
        });
        return written.get();
    }

    /** {@inheritDoc} */
    @Override
    public List<String> noteNames(String prefix, Optional<String> after, int limit) {
        StoreNotes.requirePage(limit);
        return transactions.read("listed", connection -> NoteRows.names(connection, prefix, after.orElse(""), limit));
    }

    /** Others have written since a commit whose answer was lost: on top of it, or instead of it. */
    private StoreUnavailableException followed(String id) {
        return new StoreUnavailableException(
                "the connection to the store in " + transactions.dialect().product()
                        + " was lost while a change of keychain '" + id + "' was committed, and others have changed it"
                        + " since" + SqlFailure.UNKNOWN,
                null);
    }

    /** A trigger or a row policy may drop a change without an error: a DEK must not be used that is not kept. */
    private void update(Connection connection, KeychainRecord record) throws SQLException {
        if (writeRow(connection, UPDATE, record) != 1) {
            throw new StoreUnavailableException(
                    "the store in " + transactions.dialect().product() + " did not change the row of keychain '"
                            + record.keychainId()
                            + "', and reported no error; to do: look for triggers and row policies"
                            + " on keywrap_keychain",
                    null);
        }
    }

    private static int writeRow(Connection connection, String sql, KeychainRecord record) throws SQLException {
        Columns columns = Columns.of(record);
        return Sql.update(
                connection,
                sql,
                columns.revision(),
                columns.keyManagement(),
                columns.primarySince(),
                columns.decryptOnlySince(),
                columns.destroyedSince(),
                record.toBytes(),
                record.keychainId());
    }

    private static void writeTerms(Connection connection, String id, Set<Term> terms) throws SQLException {
        Sql.update(connection, "DELETE FROM keywrap_term WHERE keychain_id = ?", id);
        try (PreparedStatement statement = connection.prepareStatement(INSERT_TERM)) {
            int waiting = 0;
            for (Term term : terms) {
                Sql.bind(statement, id, term.kind(), term.role(), term.name(), term.value());
                statement.addBatch();
                if (++waiting % TERMS_AT_ONCE == 0) {
                    statement.executeBatch();
                }
            }
            statement.executeBatch();
        }
    }

    private static boolean isKept(Connection connection, KeychainRecord record) throws SQLException {
        return Kept.find(connection, record.keychainId())
                .filter(kept -> Arrays.equals(kept.kept().bytes(), record.toBytes()))
                .isPresent();
    }

    private static void requireId(String keychainId) {
        KeychainRecord.builder(keychainId, Instant.EPOCH);
    }

    /**
     * The database.
     *
     * @return such as {@code JdbcKeychainStore[PostgreSQL]}
     */
    @Override
    public String toString() {
        return "JdbcKeychainStore[" + transactions.dialect().product() + "]";
    }
}
