package io.keywrap.cli;

import io.keywrap.KeychainConflictException;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A store whose folder is made with its first keychain, so that work that fails before leaves nothing behind. For one
 * thread.
 */
final class StoreToMake implements KeychainStore {
    private final Path folder;
    private Optional<KeychainStore> made = Optional.empty();

    private StoreToMake(Path folder) {
        this.folder = folder;
    }

    /** The store in a folder, or one that will be. */
    static KeychainStore in(Path folder) {
        return Session.holdsStore(folder) ? FileKeychainStore.open(folder) : new StoreToMake(folder);
    }

    @Override
    public Optional<KeychainRecord> load(String keychainId) {
        return made.flatMap(store -> store.load(keychainId));
    }

    @Override
    public void create(KeychainRecord record) {
        KeychainStore store = made.orElseGet(() -> FileKeychainStore.open(folder));
        made = Optional.of(store);
        store.create(record);
    }

    @Override
    public void replace(KeychainRecord record, long expectedRevision) {
        made.orElseThrow(() -> new KeychainConflictException(record.keychainId()))
                .replace(record, expectedRevision);
    }

    @Override
    public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
        return made.map(store -> store.list(filter, after, limit)).orElse(List.of());
    }

    @Override
    public List<Unreadable> unreadable() {
        return made.map(KeychainStore::unreadable).orElse(List.of());
    }
}
