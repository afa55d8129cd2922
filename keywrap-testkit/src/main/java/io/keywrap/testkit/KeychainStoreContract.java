package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.KekId;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainExistsException;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
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
 * <p>It shows that no update is lost and nothing is half-written while the machine runs. What a store does when its process
 * or its disk dies is its maker's to test.
 */
public abstract class KeychainStoreContract {
    private final List<KeychainStore> opened = new ArrayList<>();
    private KeychainStore store;

    /** For the tests of a store. */
    protected KeychainStoreContract() {}

    /**
     * Opens the store. Every call within one test opens the same place, which is empty when the test begins. A store
     * that is {@link AutoCloseable} is closed by the suite.
     *
     * @return a store of its own over that place, or the same one if there can be no second
     * @throws Exception if it cannot be opened; the test fails
     */
    protected abstract KeychainStore open() throws Exception;

    @BeforeEach
    void openTheStore() throws Exception {
        store = another();
    }

    @AfterEach
    void closeAllStores() throws Exception {
        List<KeychainStore> all = List.copyOf(opened);
        opened.clear();
        for (KeychainStore one : all) {
            if (one instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
    }

    private KeychainStore another() throws Exception {
        KeychainStore one = open();
        opened.add(one);
        return one;
    }

    private void assertKept(KeychainRecord expected, KeychainStore where) {
        KeychainRecord kept = where.load(expected.keychainId()).orElseThrow();
        assertArrayEquals(expected.toBytes(), kept.toBytes(), () -> "kept is " + kept + ", not " + expected);
    }

    private void assertConflict(KeychainRecord record, long expectedRevision) {
        KeychainConflictException refused =
                assertThrows(KeychainConflictException.class, () -> store.replace(record, expectedRevision));
        assertEquals(record.keychainId(), refused.keychainId());
    }

    private List<String> list(KeychainFilter filter, int limit) {
        return StorePages.all(store, filter, limit);
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
            new StoreRace(List.of(store, another(), another())).readWhileReplacing(first, 50);
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
    class Pages {
        @Test
        void ofAnEmptyStoreAreEmpty() {
            assertEquals(List.of(), store.list(KeychainFilter.all(), Optional.empty(), 1));
            assertEquals(List.of(), store.list(KeychainFilter.all(), Optional.of("nobody"), 1));
        }

        @Test
        void ofAnySizeGiveEveryKeychainOnceAndInOneOrder() throws Exception {
            Set<String> ids = createMany(60);
            List<String> inOrder = store.list(KeychainFilter.all(), Optional.empty(), KeychainStore.MAX_PAGE);
            assertEquals(60, inOrder.size());
            assertEquals(ids, new HashSet<>(inOrder));
            for (int limit : new int[] {1, 7, 20, 59, 60, 61}) {
                assertEquals(inOrder, list(KeychainFilter.all(), limit), () -> "in pages of " + limit);
            }
            assertEquals(inOrder, StorePages.all(another(), KeychainFilter.all(), 7));
        }

        @Test
        void goOnBehindAnIdThatIsGone() {
            createMany(30);
            List<String> inOrder = list(KeychainFilter.all(), 100);
            for (String gone : List.of("tenant-7x", "~", "TENANT", "tenant-", "ключ")) {
                List<String> behind = store.list(KeychainFilter.all(), Optional.of(gone), 100);
                store.create(ContractRecords.first(gone));
                List<String> withIt = list(KeychainFilter.all(), 100);
                int place = withIt.indexOf(gone);
                assertEquals(withIt.subList(place + 1, withIt.size()), behind, () -> "behind " + gone);
                inOrder.add(place, gone);
                assertEquals(inOrder, withIt);
            }
        }

        @Test
        void giveOnceWhatWasThereWhileKeychainsAreAddedAndReplaced() {
            Set<String> before = createMany(30);
            List<String> seen = new ArrayList<>();
            Optional<String> last = Optional.empty();
            for (int more = 0; more < 40; more++) {
                List<String> page = store.list(KeychainFilter.all(), last, 4);
                seen.addAll(page);
                if (page.size() < 4) {
                    break;
                }
                last = Optional.of(page.get(3));
                store.create(ContractRecords.first("added-" + more));
                KeychainRecord kept = store.load(page.get(0)).orElseThrow();
                store.replace(ContractRecords.next(kept), kept.revision());
            }
            assertEquals(seen.size(), new HashSet<>(seen).size(), () -> "none twice in " + seen);
            assertTrue(seen.containsAll(before), () -> "all of " + before + " in " + seen);
        }

        @Test
        void haveALimitInItsRange() {
            for (int limit : new int[] {-1, 0, KeychainStore.MAX_PAGE + 1, Integer.MAX_VALUE}) {
                assertThrows(
                        IllegalArgumentException.class,
                        () -> store.list(KeychainFilter.all(), Optional.empty(), limit),
                        () -> "limit " + limit);
            }
        }

        private Set<String> createMany(int count) {
            Set<String> ids = new HashSet<>();
            for (int i = 0; i < count; i++) {
                ids.add("tenant-" + i);
                store.create(ContractRecords.first("tenant-" + i));
            }
            return ids;
        }
    }

    @Nested
    class AFilter {
        private static final KekId OTHER = KekId.of("memory:other");

        @BeforeEach
        void create() {
            for (int i = 0; i < 6; i++) {
                store.create(ContractRecords.first("a_" + i, ContractRecords.KEK, KeyManagement.CUSTOMER));
                store.create(ContractRecords.first("ab" + i, OTHER, KeyManagement.CUSTOMER));
                store.create(ContractRecords.first("A_" + i, OTHER, KeyManagement.VENDOR));
                store.create(ContractRecords.first("b%" + i, ContractRecords.KEK, KeyManagement.VENDOR));
            }
        }

        @Test
        void byPrefixTakesItToTheLetter() {
            assertFinds(KeychainFilter.all().withIdPrefix("a_"), "a_");
            assertFinds(KeychainFilter.all().withIdPrefix("a"), "a_", "ab");
            assertFinds(KeychainFilter.all().withIdPrefix("b%"), "b%");
            assertFinds(KeychainFilter.all().withIdPrefix("%"));
            assertFinds(KeychainFilter.all().withIdPrefix(""), "a_", "ab", "A_", "b%");
        }

        @Test
        void byKekFindsRecipientsAndWrapsButNotTheSeal() {
            assertFinds(KeychainFilter.all().withKek(OTHER), "ab", "A_");
            assertFinds(KeychainFilter.all().withKek(ContractRecords.SEAL_KEK));
            KekId next = KekId.of("memory:next");
            for (int i = 0; i < 6; i++) {
                store.replace(ContractRecords.withRecipient(store.load("ab" + i).orElseThrow(), next), 1);
            }
            assertFinds(KeychainFilter.all().withKek(next), "ab");
            assertFinds(KeychainFilter.all().withKek(OTHER), "ab", "A_");
        }

        @Test
        void byKeyManagementFollowsTheNewestRecord() {
            assertFinds(KeychainFilter.all().withKeyManagement(KeyManagement.VENDOR), "A_", "b%");
            for (int i = 0; i < 6; i++) {
                KeychainRecord kept = store.load("A_" + i).orElseThrow();
                store.replace(ContractRecords.withKeyManagement(kept, KeyManagement.CUSTOMER), 1);
            }
            assertFinds(KeychainFilter.all().withKeyManagement(KeyManagement.VENDOR), "b%");
            assertFinds(KeychainFilter.all().withKeyManagement(KeyManagement.CUSTOMER), "a_", "ab", "A_");
        }

        @Test
        void ofSeveralConditionsWantsThemAll() {
            assertFinds(KeychainFilter.all().withIdPrefix("a").withKek(OTHER), "ab");
            assertFinds(KeychainFilter.all().withKek(OTHER).withKeyManagement(KeyManagement.VENDOR), "A_");
            assertFinds(KeychainFilter.all().withIdPrefix("b").withKeyManagement(KeyManagement.CUSTOMER));
            assertFinds(
                    KeychainFilter.all()
                            .withIdPrefix("b")
                            .withKek(ContractRecords.KEK)
                            .withKeyManagement(KeyManagement.VENDOR),
                    "b%");
        }

        /** In pages that are full until the last, and in the order of the store. */
        private void assertFinds(KeychainFilter filter, String... beginnings) {
            List<String> expected = new ArrayList<>(list(KeychainFilter.all(), 100));
            expected.removeIf(id -> !List.of(beginnings).contains(id.substring(0, 2)));
            assertEquals(6 * beginnings.length, expected.size());
            for (int limit : new int[] {1, 4, 6, 100}) {
                assertEquals(expected, list(filter, limit), () -> filter + " in pages of " + limit);
            }
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
