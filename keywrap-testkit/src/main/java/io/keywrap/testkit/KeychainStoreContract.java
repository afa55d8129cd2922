package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainExistsException;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What every {@link KeychainStore} does: a suite of tests for whoever makes one.
 *
 * <pre>{@code
 * class MyStoreTest extends KeychainStoreContract {
 *     @Override
 *     protected KeychainStore open() {
 *         return new MyStore(database);
 *     }
 * }
 * }</pre>
 *
 * <p>Override {@link #damage} too, so that a damaged record is not taken for none.
 *
 * <p>It shows that no update is lost and nothing is half-written while the machine runs. What a store does when its process
 * or its disk dies is its maker's to test.
 */
public abstract class KeychainStoreContract extends StoreDamageContract {
    /** For the tests of a store. */
    protected KeychainStoreContract() {}

    /**
     * Opens the store. Every call within one test opens the same place, which is empty when the test begins. A store
     * that is {@link AutoCloseable} is closed by the suite.
     *
     * @return a store of its own over that place, or the same one if there can be no second
     * @throws Exception if it cannot be opened; the test fails
     */
    @Override
    protected abstract KeychainStore open() throws Exception;

    /**
     * Damages what is kept of a keychain behind the store's back, so that it is no record any more: overwrite it with
     * other bytes. Skipped unless overridden, and the report says so.
     *
     * @param keychainId a keychain that is there
     * @throws Exception if it cannot be damaged; the test fails
     */
    @Override
    protected void damage(String keychainId) throws Exception {
        throw Skipped.because("this test cannot damage what its store keeps");
    }

    private void assertKept(KeychainRecord expected, KeychainStore where) {
        KeychainRecord kept =
                where.load(expected.keychainId()).orElseThrow(() -> new AssertionError(expected + " is not there"));
        assertArrayEquals(expected.toBytes(), kept.toBytes(), () -> "kept is " + kept + ", not " + expected);
    }

    private void assertConflict(KeychainRecord record, long expectedRevision) {
        KeychainConflictException refused =
                assertThrows(KeychainConflictException.class, () -> store.replace(record, expectedRevision));
        assertEquals(record.keychainId(), refused.keychainId());
    }

    @Nested
    class AnAbsentKeychain {
        @Test
        void isNeitherLoadedNorListed() {
            store.create(ContractRecords.first("another"));
            assertEquals(Optional.empty(), store.load("tenant-42"));
            assertEquals(List.of("another"), store.list(KeychainFilter.all(), Optional.empty(), 10));
        }

        @Test
        void cannotBeReplaced() {
            KeychainRecord first = ContractRecords.first("tenant-42");
            assertConflict(first, 0);
            assertConflict(ContractRecords.next(first), 1);
            assertEquals(Optional.empty(), store.load("tenant-42"));
        }
    }

    @Nested
    class ACreatedKeychain {
        @Test
        void comesBackByteForByte() {
            List<KeychainRecord> records = List.of(ContractRecords.first("plain"), ContractRecords.full("full"));
            records.forEach(store::create);
            records.forEach(record -> assertKept(record, store));
        }

        @Test
        void mayBeginWithAnyRevision() {
            KeychainRecord seventh = ContractRecords.ofRevision("tenant-42", 7);
            store.create(seventh);
            assertKept(seventh, store);
        }

        @Test
        void isSeenThroughAnotherStoreObjectAtOnce() throws Exception {
            KeychainStore other = another();
            KeychainRecord record = ContractRecords.first("tenant-42");
            assertEquals(Optional.empty(), other.load("tenant-42"));
            store.create(record);
            assertKept(record, other);
            assertEquals(List.of("tenant-42"), other.list(KeychainFilter.all(), Optional.empty(), 10));
        }

        @Test
        void isThereWhenTheStoreIsClosedAndOpenedAgain() throws Exception {
            KeychainRecord record = ContractRecords.full("tenant-42");
            store.create(record);
            closeAllStores();
            assertKept(record, another());
        }

        @Test
        void cannotBeCreatedAgainAndStaysAsItWas() throws Exception {
            KeychainRecord record = ContractRecords.ofRevision("tenant-42", 3);
            store.create(record);
            for (KeychainStore one : List.of(store, another())) {
                for (int revision : new int[] {1, 3, 4}) {
                    KeychainRecord second = ContractRecords.ofRevision("tenant-42", revision);
                    KeychainExistsException refused =
                            assertThrows(KeychainExistsException.class, () -> one.create(second));
                    assertEquals("tenant-42", refused.keychainId());
                    assertKept(record, store);
                }
            }
        }
    }

    @Nested
    class AReplacedKeychain {
        private final KeychainRecord first = ContractRecords.first("tenant-42");
        private final KeychainRecord second = ContractRecords.next(first);
        private final KeychainRecord third = ContractRecords.next(second);

        @BeforeEach
        void create() {
            store.create(first);
        }

        @Test
        void comesBackByteForByteAndMayJumpOverRevisions() {
            KeychainRecord fifth = ContractRecords.next(ContractRecords.next(third));
            store.replace(second, 1);
            assertKept(second, store);
            store.replace(fifth, 2);
            assertKept(fifth, store);
        }

        @Test
        void isSeenThroughAnotherStoreObjectThatHadReadItBefore() throws Exception {
            KeychainStore other = another();
            assertKept(first, other);
            store.replace(second, 1);
            assertKept(second, other);
            other.replace(third, 2);
            assertKept(third, store);
        }

        @Test
        void isThereWhenTheStoreIsClosedAndOpenedAgain() throws Exception {
            store.replace(second, 1);
            closeAllStores();
            assertKept(second, another());
        }

        @Test
        void refusesAWriterWhoExpectsAnEarlierRevisionAndStaysAsItWas() {
            store.replace(second, 1);
            assertConflict(ContractRecords.next(first), 1);
            assertConflict(third, 1);
            assertConflict(third, 0);
            assertKept(second, store);
        }

        @Test
        void refusesAWriterWhoExpectsALaterRevisionAndStaysAsItWas() {
            assertConflict(third, 2);
            assertConflict(ContractRecords.next(third), 3);
            assertKept(first, store);
        }

        @Test
        void refusesARecordThatIsNotLaterAndStaysAsItWas() {
            store.replace(second, 1);
            assertThrows(IllegalArgumentException.class, () -> store.replace(ContractRecords.next(first), 2));
            assertThrows(IllegalArgumentException.class, () -> store.replace(first, 2));
            assertKept(second, store);
        }

        @Test
        void leavesEveryOtherKeychainAsItWas() {
            KeychainRecord other = ContractRecords.first("tenant-43");
            store.create(other);
            store.replace(second, 1);
            assertKept(other, store);
        }
    }

    @Nested
    class ManyWriters {
        @Test
        void loseNoUpdate() throws Exception {
            store.create(ContractRecords.first("tenant-42"));
            new StoreRace(List.of(store, another(), another(), store)).addDeks("tenant-42", 25);
        }

        @Test
        void showReadersWholeRecordsAndNeverAnEarlierOne() throws Exception {
            KeychainRecord first = ContractRecords.full("tenant-42");
            store.create(first);
            new StoreRace(List.of(store, another(), another())).readWhileReplacing(first);
        }

        @Test
        void haveOneWhoCreatesAKeychain() throws Exception {
            StoreRace race = new StoreRace(List.of(store, another(), another(), store));
            for (int round = 0; round < 25; round++) {
                race.create("tenant-" + round);
            }
        }
    }

    @Nested
    class AnId {
        @Test
        void mayHoldAnyCharacter() {
            List<String> ids = List.of(
                    "/",
                    ".",
                    "..",
                    "../../etc/passwd",
                    "a/b",
                    "a\\b",
                    "con",
                    "a b",
                    " ",
                    "*",
                    "%",
                    "_",
                    "'\"$(x)`;--",
                    "{}",
                    "null",
                    "0",
                    "ключ",
                    "🔑",
                    "\ufeff",
                    "\u202e");
            assertAllKeptApart(ids);
        }

        @Test
        void isAnotherInAnotherCaseOrNormalFormOrWithASpaceMore() {
            assertAllKeptApart(List.of(
                    "Tenant",
                    "tenant",
                    "TENANT",
                    "straße",
                    "strasse",
                    "caf\u00e9",
                    "cafe\u0301",
                    "a",
                    "a ",
                    " a",
                    "aa"));
        }

        @Test
        void mayHave256Bytes() {
            assertAllKeptApart(List.of("x".repeat(256), "x".repeat(255) + "y", "é".repeat(128), "🔑".repeat(64)));
        }

        private void assertAllKeptApart(List<String> ids) {
            List<KeychainRecord> records =
                    ids.stream().map(ContractRecords::first).toList();
            records.forEach(store::create);
            records.forEach(record -> assertKept(record, store));
            assertEquals(new TreeSet<>(ids), new TreeSet<>(list(KeychainFilter.all(), 3)));
            ids.forEach(id -> assertTrue(
                    list(KeychainFilter.all().withIdPrefix(id), 100).contains(id), () -> "by the prefix " + id));
        }
    }

    @Nested
    class ARecordOfSeveralMebibytes {
        @Test
        void isCreatedReplacedAndListedLikeAnyOther() throws Exception {
            KeychainRecord great = ContractRecords.great("great");
            assertTrue(great.toBytes().length > 4 << 20);
            store.create(great);
            assertKept(great, another());
            KeychainRecord next = ContractRecords.next(great);
            store.replace(next, 1);
            assertKept(next, another());
            assertEquals(List.of("great"), list(KeychainFilter.all().withKek(ContractRecords.KEK), 1));
        }
    }
}
