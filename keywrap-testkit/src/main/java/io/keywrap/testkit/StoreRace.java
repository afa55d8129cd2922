package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.DekId;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainExistsException;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that write one place at once, each through a store object that it is given. */
final class StoreRace {
    private static final int LEAST_WRITES = 20;
    private static final int MOST_WRITES = 2_000;
    private static final int ENOUGH_READS = 400;

    private final List<KeychainStore> stores;

    StoreRace(List<KeychainStore> stores) {
        this.stores = stores;
    }

    /** Every thread adds so many DEKs, each by a load and a compare-and-set; none is lost. */
    void addDeks(String keychainId, int each) {
        long before = stores.get(0).load(keychainId).orElseThrow().revision();
        List<Callable<List<DekId>>> writers = new ArrayList<>();
        stores.forEach(store -> writers.add(() -> add(store, keychainId, each)));
        List<DekId> committed = new ArrayList<>();
        ThreadStorm.together(writers).forEach(committed::addAll);

        KeychainRecord record = stores.get(0).load(keychainId).orElseThrow();
        List<DekId> kept = record.deks().stream().map(DekEntry::id).toList();
        assertEquals(stores.size() * each, committed.size());
        assertTrue(new HashSet<>(kept).containsAll(committed), () -> "a DEK was committed and is lost");
        assertEquals(before + committed.size(), record.revision(), "one revision for each that was committed");
    }

    /** While one thread replaces a record again and again, the others never see half of one, nor an earlier one. */
    void readWhileReplacing(KeychainRecord first) {
        AtomicInteger reads = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        List<Callable<Long>> threads = new ArrayList<>();
        threads.add(() -> {
            try {
                return replaceUntilRead(first, reads);
            } finally {
                over.set(true);
            }
        });
        for (KeychainStore store : stores.subList(1, stores.size())) {
            threads.add(() -> readUntil(over, store, first, reads));
        }
        List<Long> seenLast = ThreadStorm.together(threads);
        assertEquals(Set.of(seenLast.get(0)), Set.copyOf(seenLast), "the last revision, as each thread sees it");
    }

    private long replaceUntilRead(KeychainRecord first, AtomicInteger reads) {
        KeychainRecord record = first;
        for (int i = 0; i < LEAST_WRITES || (i < MOST_WRITES && reads.get() < ENOUGH_READS); i++) {
            KeychainRecord next = ContractRecords.next(record);
            stores.get(0).replace(next, record.revision());
            record = next;
        }
        return record.revision();
    }

    private static long readUntil(AtomicBoolean over, KeychainStore store, KeychainRecord first, AtomicInteger reads) {
        long newest = first.revision();
        try {
            boolean last;
            do {
                last = over.get();
                newest = assertNotBefore(newest, store.load(first.keychainId()));
                reads.incrementAndGet();
            } while (!last);
            return newest;
        } finally {
            reads.addAndGet(ENOUGH_READS); // Nobody writes for a reader that has failed.
        }
    }

    /** Every thread creates one keychain, with a record of its own; one gets through. */
    void create(String keychainId) {
        List<Callable<Optional<KeychainRecord>>> writers = new ArrayList<>();
        for (KeychainStore store : stores) {
            KeychainRecord own = ContractRecords.first(keychainId);
            writers.add(() -> {
                try {
                    store.create(own);
                    return Optional.of(own);
                } catch (KeychainExistsException e) {
                    return Optional.empty();
                }
            });
        }
        List<KeychainRecord> created =
                ThreadStorm.together(writers).stream().flatMap(Optional::stream).toList();
        assertEquals(1, created.size(), () -> "how many created the keychain");
        assertArrayEquals(
                created.get(0).toBytes(),
                stores.get(0).load(keychainId).orElseThrow().toBytes());
    }

    private List<DekId> add(KeychainStore store, String keychainId, int count) {
        List<DekId> committed = new ArrayList<>();
        int refused = 0;
        while (committed.size() < count) {
            KeychainRecord current = store.load(keychainId).orElseThrow();
            DekEntry more = ContractRecords.dek(Usage.ENVELOPES, State.DECRYPT_ONLY, ContractRecords.KEK);
            try {
                store.replace(ContractRecords.withMore(current, more), current.revision());
                committed.add(more.id());
            } catch (KeychainConflictException e) {
                refused++;
                // Each refusal is for a commit of another thread, and there are no more of those.
                assertTrue(refused <= (stores.size() - 1) * count, () -> "refused though nobody else has written");
            }
        }
        return committed;
    }

    private static long assertNotBefore(long newest, Optional<KeychainRecord> seen) {
        KeychainRecord record = seen.orElseThrow(() -> new AssertionError("the keychain is gone"));
        assertTrue(ContractRecords.isWhole(record), () -> record + " is not whole");
        assertTrue(record.revision() >= newest, () -> record + " was seen after revision " + newest);
        return record.revision();
    }
}
