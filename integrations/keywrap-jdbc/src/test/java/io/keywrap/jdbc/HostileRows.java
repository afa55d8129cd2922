package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Keychains;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever can write to the tables, and has no KEK, achieves nothing but an exception. */
abstract class HostileRows {
    @TempDir
    static Path folder;

    private static Products products;

    private Database database;
    private JdbcKeychainStore store;
    private Keychains keychains;

    abstract Dialect dialect();

    @BeforeAll
    static void keys() throws Exception {
        products = Products.in(folder);
    }

    @BeforeEach
    void make() throws Exception {
        database = Database.of(dialect(), Files.createTempDirectory(folder, "db"));
        store = database.open();
        keychains = products.keychains(store);
        for (String id : List.of("tenant-41", "tenant-42", "tenant-43")) {
            keychains.create(id, spec -> spec.control(Products.CUSTOMER).keyContext("tenant", id));
        }
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** Neither a process that knows the keychain nor a new one opens it, and nobody writes over it. */
    private void assertRefused() {
        for (Keychains one : List.of(keychains, products.keychains(store))) {
            assertThatThrownBy(() -> one.open("tenant-42")).isInstanceOf(KeychainSealBrokenException.class);
        }
        assertThatThrownBy(() -> store.create(Rows.first("tenant-42"))).isInstanceOf(KeychainExistsException.class);
    }

    private void assertOthersOpen() {
        for (String id : List.of("tenant-41", "tenant-43")) {
            assertThat(products.keychains(store).open(id).record().revision()).isEqualTo(1);
        }
    }

    private void assertNamedAlone() {
        assertThat(store.unreadable())
                .singleElement()
                .satisfies(one -> assertThat(one.place()).isEqualTo("the row of 'tenant-42' in keywrap_keychain"));
    }

    private byte[] recordOf(String id) {
        return store.load(id).orElseThrow().toBytes();
    }

    private void edit(String assignment, Object... values) throws SQLException {
        String sql = "UPDATE keywrap_keychain SET " + assignment + " WHERE keychain_id = 'tenant-42'";
        assertThat(database.edit(sql, values)).isEqualTo(1);
    }

    @Nested
    class AnEditedColumn {
        private void assertSeenAndRepaired() {
            assertRefused();
            assertOthersOpen();
            assertNamedAlone();
            KeychainRecord first = Rows.first("tenant-42");
            assertThatThrownBy(() -> store.replace(Rows.next(first), 1))
                    .isInstanceOf(KeychainSealBrokenException.class)
                    .hasMessageContaining("its row was edited");
            store.reindex("tenant-42");
            assertThat(store.unreadable()).isEmpty();
            products.keychains(store).open("tenant-42").rotate();
            assertThat(store.load("tenant-42").orElseThrow().revision()).isEqualTo(2);
        }

        private void assertListRefuses() {
            assertThatThrownBy(() -> store.list(KeychainFilter.all(), Optional.empty(), 10))
                    .isInstanceOf(KeychainSealBrokenException.class);
            assertThat(store.list(KeychainFilter.all().leavingOutUnreadable(), Optional.empty(), 10))
                    .containsExactly("tenant-41", "tenant-43");
        }

        @Test
        void ofTheRevisionIsSeen() throws Exception {
            edit("revision = ?", 7);
            assertListRefuses();
            assertSeenAndRepaired();
        }

        @Test
        void ofTheKeyManagementIsSeen() throws Exception {
            edit("key_management = ?", "VENDOR");
            assertListRefuses();
            assertSeenAndRepaired();
        }

        @Test
        void ofTheAgesIsSeen() throws Exception {
            for (String column : List.of("primary_since", "decrypt_only_since", "destroyed_since")) {
                edit(column + " = ?", 1L);
                assertListRefuses();
                assertSeenAndRepairedOnce(column);
            }
        }

        private void assertSeenAndRepairedOnce(String column) {
            assertThatThrownBy(() -> store.load("tenant-42"))
                    .as(column)
                    .isInstanceOf(KeychainSealBrokenException.class);
            store.reindex("tenant-42");
            assertThat(store.load("tenant-42")).isPresent();
        }

        @Test
        void ofARoleIsSeen() throws Exception {
            database.edit(
                    "UPDATE keywrap_term SET role = ? WHERE keychain_id = 'tenant-42' AND kind = 'RECIPIENT'",
                    Role.RETAINED.name());
            assertSeenAndRepaired();
        }

        @Test
        void ofATermMoreIsSeen() throws Exception {
            database.edit(
                    "INSERT INTO keywrap_term VALUES ('tenant-42', 'RECIPIENT', 'CONTROL', ?, '')",
                    "keystore:main#mine");
            assertThat(store.list(KeychainFilter.all().withKek(Products.OTHER), Optional.empty(), 10))
                    .isEmpty();
            assertSeenAndRepaired();
        }

        @Test
        void ofATermLessIsSeen() throws Exception {
            assertThat(database.edit("DELETE FROM keywrap_term WHERE keychain_id = 'tenant-42' AND kind = 'CONTEXT'"))
                    .isEqualTo(1);
            assertSeenAndRepaired();
        }
    }

    /** Columns and terms stay as they were: the store itself sees that they do not fit. */
    @Nested
    class ARecordAlone {
        @ParameterizedTest
        @EnumSource(Forgery.class)
        void isSeenByTheStoreAndOnceItsColumnsFitByTheSeal(Forgery forgery) throws Exception {
            Keychain running = keychains.open("tenant-42");
            KeychainRecord honest = running.record();
            byte[] forged = forgery.of(honest).toBytes();
            edit("record = ?", forged);
            assertThatThrownBy(() -> store.load("tenant-42")).isInstanceOf(KeychainSealBrokenException.class);
            assertThatThrownBy(() -> store.list(KeychainFilter.all(), Optional.empty(), 10))
                    .isInstanceOf(KeychainSealBrokenException.class);
            assertNamedAlone();
            assertNothingWorks(running, forged);
            store.reindex("tenant-42");
            assertThat(store.load("tenant-42")).isPresent();
            assertNothingWorks(running, forged);
            assertOthersOpen();
            database.overwrite("tenant-42", honest);
            running.rotate();
        }

        private void assertNothingWorks(Keychain running, byte[] forged) throws Exception {
            assertRefused();
            for (ThrowingCallable use : List.<ThrowingCallable>of(
                    running::refresh,
                    running::rotate,
                    () -> running.repair(Set.of(Products.CUSTOMER)),
                    () -> running.changeRecipients(to -> to.control(Products.OTHER)),
                    running::whoCanStillOpen,
                    () -> running.destroyDek(running.record().deks().get(0).id(), Optional.empty()),
                    () -> running.destroy(Optional.empty()))) {
                assertThatThrownBy(use).isInstanceOf(KeychainSealBrokenException.class);
            }
            try (Connection connection = database.source.getConnection()) {
                assertThat(Kept.find(connection, "tenant-42")
                                .orElseThrow()
                                .kept()
                                .bytes())
                        .as("written nothing")
                        .isEqualTo(forged);
            }
        }
    }

    @Nested
    class ATermThatLies {
        @Test
        void findsNothingThatTheRecordDoesNotSay() throws Exception {
            database.edit(
                    "UPDATE keywrap_term SET name = ? WHERE keychain_id = 'tenant-42' AND kind = 'WRAP'",
                    Products.OTHER.uri());
            assertThat(store.list(KeychainFilter.all().withKek(Products.OTHER), Optional.empty(), 10))
                    .isEmpty();
        }
    }

    @Nested
    class ARecord {
        @Test
        void ofAnotherKeychainIsRefused() throws Exception {
            byte[] other = recordOf("tenant-43");
            edit("record = ?", other);
            assertRefused();
            assertOthersOpen();
            assertNamedAlone();
            assertThatThrownBy(() -> store.reindex("tenant-42")).isInstanceOf(KeychainSealBrokenException.class);
        }

        @Test
        void thatWasSwappedWithAnotherIsRefusedInBothPlaces() throws Exception {
            byte[] own = recordOf("tenant-42");
            byte[] other = recordOf("tenant-43");
            edit("record = ?", other);
            database.edit("UPDATE keywrap_keychain SET record = ? WHERE keychain_id = 'tenant-43'", own);
            assertRefused();
            assertThatThrownBy(() -> keychains.open("tenant-43")).isInstanceOf(KeychainSealBrokenException.class);
            assertThat(store.unreadable()).hasSize(2);
        }

        @Test
        void thatWasChangedIsRefused() throws Exception {
            byte[] bytes = recordOf("tenant-42");
            for (int place = 0; place < bytes.length; place += 7) {
                byte[] changed = bytes.clone();
                changed[place] ^= 1;
                edit("record = ?", changed);
                assertThatThrownBy(() -> products.keychains(store).open("tenant-42"))
                        .as("byte %s", place)
                        .isInstanceOfAny(KeychainSealBrokenException.class, UnsupportedEnvelopeException.class);
            }
        }

        @Test
        void thatWasMadeBySomebodyElseIsRefused() throws Exception {
            KeychainRecord planted = Rows.first("tenant-42");
            edit("record = ?", planted.toBytes());
            try (Connection connection = database.source.getConnection()) {
                assertThat(Kept.find(connection, "tenant-42")).isPresent();
            }
            store.reindex("tenant-42");
            assertThat(store.load("tenant-42")).isPresent();
            assertRefused();
        }

        @Test
        void ofAnEarlierTimeIsRefusedByWhoeverHasSeenALaterOne() throws Exception {
            byte[] first = recordOf("tenant-42");
            keychains.open("tenant-42").rotate();
            edit("record = ?", first);
            assertRefused();
            store.reindex("tenant-42");
            assertThat(store.load("tenant-42").orElseThrow().revision()).isEqualTo(1);
            assertThatThrownBy(() -> keychains.open("tenant-42")).isInstanceOf(KeychainSealBrokenException.class);
        }
    }
}
