package io.keywrap.testkit;

import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A store that forgets everything with the JVM.
 *
 * <p>It keeps the canonical bytes of each record and parses them anew at each {@link #load}, as a real store does, so a
 * test never sees an object that did not pass through the encoding.
 *
 * <p><b>Thread safety:</b> thread-safe. Never blocks.
 */
public final class InMemoryKeychainStore implements KeychainStore, StoreNotes {
    private final ConcurrentSkipListMap<String, byte[]> records = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<String, Note> notes = new ConcurrentSkipListMap<>();

    /** Makes an empty store. */
    public InMemoryKeychainStore() {}

    @Override
    public Optional<KeychainRecord> load(String keychainId) {
        return Optional.ofNullable(records.get(keychainId)).map(kept -> read(keychainId, kept));
    }

    @Override
    public void create(KeychainRecord record) {
        if (records.putIfAbsent(record.keychainId(), record.toBytes()) != null) {
            throw new KeychainExistsException(record.keychainId());
        }
    }

    @Override
    public void replace(KeychainRecord record, long expectedRevision) {
        if (record.revision() <= expectedRevision) {
            throw new IllegalArgumentException(
                    "revision " + record.revision() + " is not later than revision " + expectedRevision);
        }
        String id = record.keychainId();
        byte[] before = records.get(id);
        boolean follows = before != null && read(id, before).revision() == expectedRevision;
        if (!follows || !records.replace(id, before, record.toBytes())) {
            throw new KeychainConflictException(id);
        }
    }

    @Override
    public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new IllegalArgumentException("a page has 1 to " + MAX_PAGE + " ids, not " + limit);
        }
        Map<String, byte[]> rest = after.<Map<String, byte[]>>map(last -> records.tailMap(last, false))
                .orElse(records);
        return rest.entrySet().stream()
                .flatMap(kept -> listed(kept, filter).stream())
                .filter(filter::matches)
                .limit(limit)
                .map(KeychainRecord::keychainId)
                .toList();
    }

    @Override
    public List<Unreadable> unreadable() {
        List<Unreadable> places = new ArrayList<>();
        records.forEach((id, kept) -> {
            try {
                read(id, kept);
            } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
                places.add(new Unreadable(id, String.valueOf(e.getMessage())));
            }
        });
        return places;
    }

    @Override
    public Optional<Note> note(String name) {
        return Optional.ofNullable(notes.get(StoreNotes.requireName(name)));
    }

    @Override
    public boolean putNote(String name, long expectedRevision, byte[] content) {
        StoreNotes.requireWritable(name, expectedRevision, content);
        Note next = Note.of(expectedRevision + 1, content);
        Note before = notes.get(name);
        if (before == null) {
            return expectedRevision == 0 && notes.putIfAbsent(name, next) == null;
        }
        return expectedRevision == before.revision() && notes.replace(name, before, next);
    }

    @Override
    public List<String> noteNames(String prefix, Optional<String> after, int limit) {
        StoreNotes.requirePage(limit);
        return notes.tailMap(after.orElse(""), false).keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .limit(limit)
                .toList();
    }

    /** Overwrites what is kept of a keychain. */
    void damage(String keychainId) {
        records.replace(keychainId, new byte[] {1, 2, 3});
    }

    /** Puts a record in the place of another one, whatever their revisions. */
    void overwrite(String keychainId, KeychainRecord record) {
        records.replace(keychainId, record.toBytes());
    }

    private static Optional<KeychainRecord> listed(Map.Entry<String, byte[]> kept, KeychainFilter filter) {
        try {
            return Optional.of(read(kept.getKey(), kept.getValue()));
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
            if (filter.leavesOutUnreadable()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static KeychainRecord read(String keychainId, byte[] kept) {
        try {
            return KeychainRecord.parse(kept);
        } catch (UnsupportedEnvelopeException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new KeychainSealBrokenException(keychainId, "it is no record: " + e.getMessage(), e);
        }
    }

    /**
     * How many keychains there are.
     *
     * @return such as {@code InMemoryKeychainStore[3 keychains]}
     */
    @Override
    public String toString() {
        return "InMemoryKeychainStore[" + records.size() + " keychains]";
    }
}
