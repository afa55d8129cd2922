package io.keywrap.revocation;

import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A store in memory that several "JVMs" share, and that can be out of reach. */
final class SharedStore implements KeychainStore, StoreNotes {
    final ConcurrentSkipListMap<String, byte[]> records = new ConcurrentSkipListMap<>();
    final Map<String, Note> notes = new ConcurrentHashMap<>();
    final List<Unreadable> unreadable = new CopyOnWriteArrayList<>();
    volatile boolean down;
    /** How often it was asked who depends on a KEK. */
    final AtomicInteger searches = new AtomicInteger();
    /** Runs while it lists keychains. */
    volatile Runnable during = () -> {};

    private void reach() {
        if (down) {
            throw new StoreUnavailableException("the store is down", null);
        }
    }

    @Override
    public Optional<KeychainRecord> load(String keychainId) {
        reach();
        try {
            return Optional.ofNullable(records.get(keychainId)).map(KeychainRecord::parse);
        } catch (IllegalArgumentException e) {
            throw new KeychainSealBrokenException(keychainId, "no record", e);
        }
    }

    @Override
    public void create(KeychainRecord record) {
        records.put(record.keychainId(), record.toBytes());
    }

    @Override
    public void replace(KeychainRecord record, long expectedRevision) {
        records.put(record.keychainId(), record.toBytes());
    }

    @Override
    public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
        reach();
        searches.addAndGet(filter.kek().isPresent() ? 1 : 0);
        during.run();
        Map<String, byte[]> rest = after.<Map<String, byte[]>>map(last -> records.tailMap(last, false))
                .orElse(records);
        return rest.entrySet().stream()
                .filter(kept -> filter.kek().isEmpty() || filter.matches(KeychainRecord.parse(kept.getValue())))
                .limit(limit)
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public List<Unreadable> unreadable() {
        return unreadable;
    }

    @Override
    public synchronized Optional<Note> note(String name) {
        reach();
        return Optional.ofNullable(notes.get(name));
    }

    @Override
    public synchronized List<String> noteNames(String prefix, Optional<String> after, int limit) {
        reach();
        return notes.keySet().stream()
                .filter(name -> name.startsWith(prefix) && name.compareTo(after.orElse("")) > 0)
                .sorted()
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized boolean putNote(String name, long expectedRevision, byte[] content) {
        reach();
        long kept = Optional.ofNullable(notes.get(name)).map(Note::revision).orElse(0L);
        if (kept != expectedRevision) {
            return false;
        }
        notes.put(name, Note.of(kept + 1, content));
        return true;
    }
}
