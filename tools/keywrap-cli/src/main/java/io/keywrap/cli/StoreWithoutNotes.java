package io.keywrap.cli;

import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.util.List;
import java.util.Optional;

/**
 * A store that is only read. Who watches by it takes no part in the choice of the one process that monitors the store: a person
 * who looks on must not take that from the vendor's servers.
 *
 * @param store the store
 */
record StoreWithoutNotes(KeychainStore store) implements KeychainStore {
    @Override
    public Optional<KeychainRecord> load(String keychainId) {
        return store.load(keychainId);
    }

    @Override
    public void create(KeychainRecord record) {
        throw new UnsupportedOperationException("it is only read");
    }

    @Override
    public void replace(KeychainRecord record, long expectedRevision) {
        throw new UnsupportedOperationException("it is only read");
    }

    @Override
    public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
        return store.list(filter, after, limit);
    }

    @Override
    public List<Unreadable> unreadable() {
        return store.unreadable();
    }
}
