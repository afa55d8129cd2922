package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.KekId;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The part of {@link KeychainStoreContract} that is about lists, and what all its parts stand on. */
abstract class StoreListingContract {
    KeychainStore store;

    private final List<KeychainStore> opened = new ArrayList<>();

    /** As {@link KeychainStoreContract} says. */
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

    KeychainStore another() throws Exception {
        KeychainStore one = open();
        opened.add(one);
        return one;
    }

    List<String> list(KeychainFilter filter, int limit) {
        return StorePages.all(store, filter, limit);
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
        void holdMoreThanAThousandIds() {
            Set<String> ids = createMany(1_050);
            List<String> inOrder = store.list(KeychainFilter.all(), Optional.empty(), KeychainStore.MAX_PAGE);
            assertEquals(ids.size(), inOrder.size(), "ids in a page of " + KeychainStore.MAX_PAGE);
            assertEquals(ids, new HashSet<>(inOrder));
            for (int limit : new int[] {999, 1_001, 1_050, 1_051}) {
                assertEquals(inOrder, list(KeychainFilter.all(), limit), () -> "in pages of " + limit);
            }
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

        @Test
        void ofAHealthyStoreLeaveNothingOut() {
            createMany(5);
            assertEquals(List.of(), store.unreadable());
            assertEquals(
                    list(KeychainFilter.all(), 2), list(KeychainFilter.all().leavingOutUnreadable(), 2));
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
        void byRoleAndVersionWantsThemOfOneWrap() {
            KekId replica = KekId.of("memory:replica");
            replaceAll("ab", kept -> ContractRecords.withReplica(kept, replica, "v2"));
            assertFinds(KeychainFilter.all().withRole(Role.REPLICA), "ab");
            assertFinds(KeychainFilter.all().withKek(replica).withRole(Role.REPLICA), "ab");
            assertFinds(KeychainFilter.all().withKek(replica).withRole(Role.CONTROL));
            assertFinds(KeychainFilter.all().withKek(replica).withKekVersion("v2"), "ab");
            assertFinds(KeychainFilter.all().withKek(OTHER).withKekVersion("v2"));
            assertFinds(KeychainFilter.all().withKek(OTHER).withKekVersion(""), "ab", "A_");
            assertFinds(KeychainFilter.all().withKek(replica).withKekVersion(""));
            assertFinds(KeychainFilter.all().withRole(Role.CONTROL), "a_", "ab", "A_", "b%");
        }

        @Test
        void byStateAndAgeWantsThemOfOneDek() {
            Instant old = ContractRecords.MADE.minusSeconds(60);
            replaceAll("a_", kept -> ContractRecords.withMore(kept, ContractRecords.decryptOnly(old)));
            assertFinds(KeychainFilter.all().withDekState(State.DECRYPT_ONLY), "a_");
            assertFinds(KeychainFilter.all().withDekState(State.DESTROYED));
            assertFinds(KeychainFilter.all().withDekMadeBefore(ContractRecords.MADE), "a_");
            assertFinds(KeychainFilter.all().withDekMadeBefore(old));
            assertFinds(KeychainFilter.all().withDekMadeBefore(old.plusNanos(1)), "a_");
            KeychainFilter due = KeychainFilter.all().withDekState(State.PRIMARY);
            assertFinds(due.withDekMadeBefore(ContractRecords.MADE));
            assertFinds(due.withDekMadeBefore(ContractRecords.MADE.plusMillis(1)), "a_", "ab", "A_", "b%");
            assertFinds(due.withDekMadeBefore(Instant.MAX), "a_", "ab", "A_", "b%");
            assertFinds(due.withDekMadeBefore(Instant.MIN));
        }

        @Test
        void byKeyContextTakesEveryPairToTheLetter() {
            for (String id : List.of("t1", "t2", "t3")) {
                store.create(ContractRecords.ofTenant(id, "acme"));
            }
            store.create(ContractRecords.ofTenant("u1", "acme\0"));
            store.create(ContractRecords.ofTenant("u2", "ACME"));
            store.create(ContractRecords.ofTenant("u3", "acme\u0001"));
            KeychainFilter acme = KeychainFilter.all().withKeyContext("tenant", "acme");
            assertEquals(Set.of("t1", "t2", "t3"), new HashSet<>(list(acme, 2)));
            assertEquals(List.of("t2"), list(acme.withKeyContext("id", "t2"), 2));
            assertEquals(List.of(), list(acme.withKeyContext("id", "u1"), 2));
            assertEquals(List.of("u1"), list(KeychainFilter.all().withKeyContext("tenant", "acme\0"), 1));
            assertEquals(List.of("u3"), list(KeychainFilter.all().withKeyContext("tenant", "acme\u0001"), 1));
        }

        private void replaceAll(String beginning, UnaryOperator<KeychainRecord> change) {
            for (int i = 0; i < 6; i++) {
                KeychainRecord kept = store.load(beginning + i).orElseThrow();
                store.replace(change.apply(kept), kept.revision());
            }
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
}
