package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore.Unreadable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows whose ids are none, or not in the order of their bytes: whoever looks for what is wrong hears of each. */
class OutOfOrderTest {
    private static final String OUT_OF_ORDER = "its row is not in order of its id, so the tables were edited";
    private static final String NOT_FOUND = "its row is not found by its id, so the id is no text, or was edited";

    private static final KeychainFilter LENIENT = KeychainFilter.all().leavingOutUnreadable();

    @TempDir
    Path folder;

    private static Unreadable row(String id, String reason) {
        return new Unreadable("the row of '" + id + "' in keywrap_keychain", reason);
    }

    private static void plant(Database database, Object id) throws SQLException {
        database.edit(
                "INSERT INTO keywrap_keychain (keychain_id, revision, key_management, record) VALUES (?, 1, 'x', ?)",
                id,
                new byte[] {1});
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void aRowWithAnEmptyIdIsNamed(Dialect dialect) throws Exception {
        try (Database database = Database.of(dialect, folder)) {
            JdbcKeychainStore store = database.open();
            store.create(Rows.first("a"));
            plant(database, "");
            assertThat(store.unreadable())
                    .singleElement()
                    .satisfies(one -> assertThat(one.place()).isEqualTo("the row of '' in keywrap_keychain"));
        }
    }

    /** A recovery goes on, whatever the size of its pages, and misses none that can be read. */
    private static void assertLenient(JdbcKeychainStore store, String... ids) {
        for (int limit : new int[] {10, 2, 1}) {
            List<String> all = new ArrayList<>();
            Optional<String> last = Optional.empty();
            List<String> page;
            do {
                page = store.list(LENIENT, last, limit);
                all.addAll(page);
                last = all.isEmpty() ? last : Optional.of(all.get(all.size() - 1));
            } while (page.size() == limit && all.size() < 100);
            assertThat(all).containsExactly(ids);
        }
    }

    /** With tables of somebody's own making SQLite keeps ids that are no texts, behind all texts. */
    private Database loose() throws SQLException {
        Database database = Database.of(Dialect.SQLITE, folder);
        database.text("PRAGMA journal_mode = WAL");
        for (String statement : String.join("\n", JdbcKeychainStore.scripts(Dialect.SQLITE))
                .replace(") STRICT;", ");")
                .split(";\n", -1)) {
            if (!statement.isBlank()) {
                database.edit(statement);
            }
        }
        return database;
    }

    @Test
    void anIdThatIsNoTextIsNamedAndSendsNoReaderRoundForEver() throws Exception {
        try (Database database = loose()) {
            JdbcKeychainStore store = JdbcKeychainStore.open(database.source);
            store.create(Rows.first("a"));
            store.create(Rows.first("b"));
            plant(database, "a".getBytes(StandardCharsets.UTF_8));
            plant(database, "c".getBytes(StandardCharsets.UTF_8));
            assertThatThrownBy(() -> store.list(KeychainFilter.all(), Optional.empty(), 10))
                    .isInstanceOf(KeychainSealBrokenException.class)
                    .hasMessageContaining("its row is not in order of its id");
            assertThat(store.unreadable()).containsExactly(row("a", OUT_OF_ORDER), row("c", NOT_FOUND));
            assertLenient(store, "a", "b");
        }
    }

    /** It comes first, and its name is what a reader makes of none. */
    @Test
    void anIdThatIsNoneHidesNothingBeforeTheOneThatIsNamedLikeIt() throws Exception {
        try (Database database = loose()) {
            JdbcKeychainStore store = JdbcKeychainStore.open(database.source);
            store.create(Rows.first("a"));
            store.create(Rows.first("null"));
            database.edit("CREATE TABLE k2 AS SELECT * FROM keywrap_keychain");
            database.edit("DROP TABLE keywrap_keychain");
            database.edit("ALTER TABLE k2 RENAME TO keywrap_keychain");
            database.edit("UPDATE keywrap_keychain SET revision = 7 WHERE keychain_id = 'a'");
            database.edit("INSERT INTO keywrap_keychain (keychain_id, revision, key_management, record)"
                    + " VALUES (NULL, 1, 'x', x'01')");
            assertThat(store.unreadable())
                    .extracting(Unreadable::place)
                    .contains("the row of 'a' in keywrap_keychain", "the row of '' in keywrap_keychain");
        }
    }

    /** Its bytes are before those of "é", and what a reader gets of it behind. */
    @Test
    void anIdThatIsNotInUtf8HidesNothingBehindIt() throws Exception {
        try (Database database = Database.of(Dialect.SQLITE, folder)) {
            JdbcKeychainStore store = database.open();
            for (String id : List.of("a", "é", "ü")) {
                store.create(Rows.first(id));
            }
            plant(database, "x");
            database.edit("UPDATE keywrap_keychain SET keychain_id = CAST(x'80' AS TEXT) WHERE keychain_id = 'x'");
            database.edit("UPDATE keywrap_keychain SET revision = 7 WHERE keychain_id = 'ü'");
            assertThat(store.unreadable())
                    .extracting(Unreadable::place)
                    .containsExactly("the row of '\ufffd' in keywrap_keychain", "the row of 'ü' in keywrap_keychain");
            assertLenient(store, "a", "é");
        }
    }

    @Test
    void aRowBehindAPageThatIsOutOfOrderIsNamedToo() throws Exception {
        try (Database database = Database.of(Dialect.POSTGRESQL, folder)) {
            JdbcKeychainStore store = database.open();
            for (int i = 0; i <= Selection.ROWS; i++) {
                store.create(Rows.first(String.format("k%04d", i)));
            }
            store.create(Rows.first("L")); // Whose byte is before that of k.
            store.create(Rows.first("z"));
            database.edit("UPDATE keywrap_keychain SET revision = 7 WHERE keychain_id = 'z'");
            database.edit("ALTER TABLE keywrap_keychain ALTER COLUMN keychain_id TYPE TEXT COLLATE \"und-x-icu\"");
            assertThat(store.unreadable())
                    .extracting(Unreadable::place)
                    .containsExactly("the row of 'L' in keywrap_keychain", "the row of 'z' in keywrap_keychain");
            assertThat(store.list(LENIENT, Optional.of("k0498"), 10)).containsExactly("k0499", "k0500");
            assertThat(store.list(LENIENT, Optional.empty(), 1000)).hasSize(Selection.ROWS + 1);
        }
    }

    @Test
    void aDatabaseWhoseIdsAreInAnotherOrderIsNotOpened() throws Exception {
        for (String table : List.of("keywrap_keychain", "keywrap_term")) {
            try (Database database = Database.of(Dialect.POSTGRESQL, folder)) {
                database.open();
                database.edit("ALTER TABLE " + table + " ALTER COLUMN keychain_id TYPE TEXT COLLATE \"und-x-icu\"");
                assertThatThrownBy(() -> JdbcKeychainStore.open(database.source))
                        .as(table)
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageContaining("another collation than \"C\"")
                        .hasMessageContaining("to do: ALTER TABLE");
                database.edit("ALTER TABLE " + table + " ALTER COLUMN keychain_id TYPE TEXT COLLATE \"C\"");
                JdbcKeychainStore.open(database.source);
            }
        }
    }
}
