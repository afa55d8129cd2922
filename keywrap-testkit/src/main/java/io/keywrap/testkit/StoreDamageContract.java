package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.store.KeychainFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The part of {@link KeychainStoreContract} that is about what is kept and is no record any more. */
abstract class StoreDamageContract extends StoreListingContract {
    /** As {@link KeychainStoreContract} says. */
    protected abstract void damage(String keychainId) throws Exception;

    @Nested
    class ADamagedRecord {
        private final List<String> others = new ArrayList<>();

        @BeforeEach
        void damageOne() throws Exception {
            for (String id : List.of("tenant-40", "tenant-41", "tenant-42", "tenant-43", "tenant-44")) {
                store.create(ContractRecords.first(id));
            }
            others.addAll(list(KeychainFilter.all(), 10));
            others.remove("tenant-42");
            damage("tenant-42");
        }

        @Test
        void isToldByALoadAndNotTakenForNone() {
            assertThrows(KeychainSealBrokenException.class, () -> store.load("tenant-42"));
        }

        @Test
        void isToldByAListAndNotLeftOut() {
            assertThrows(
                    KeychainSealBrokenException.class, () -> store.list(KeychainFilter.all(), Optional.empty(), 10));
        }

        @Test
        void isLeftOutOfAListThatAsksForIt() {
            assertEquals(others, list(KeychainFilter.all().leavingOutUnreadable(), 10));
            assertEquals(others, list(KeychainFilter.all().leavingOutUnreadable(), 1));
        }

        @Test
        void isNamedForWhoeverRepairsTheStore() {
            assertTrue(!store.unreadable().isEmpty(), "what cannot be read");
        }

        @Test
        void isNotOverwrittenByACreation() {
            assertThrows(KeychainExistsException.class, () -> store.create(ContractRecords.first("tenant-42")));
            assertThrows(KeychainSealBrokenException.class, () -> store.load("tenant-42"));
        }

        @Test
        void leavesEveryOtherKeychainReadable() {
            others.forEach(id -> assertEquals(1, store.load(id).orElseThrow().revision()));
        }
    }
}
