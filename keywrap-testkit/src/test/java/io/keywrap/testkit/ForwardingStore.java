package io.keywrap.testkit;

import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.util.List;
import java.util.Optional;

/** A store with something in between, which a test writes. */
class ForwardingStore implements KeychainStore {
    private final KeychainStore store;

    ForwardingStore(KeychainStore store) {
        this.store = store;
    }

    @Override
    public Optional<KeychainRecord> load(String keychainId) {
        return store.load(keychainId);
    }

    @Override
    public void create(KeychainRecord record) {
        store.create(record);
    }

    @Override
    public void replace(KeychainRecord record, long expectedRevision) {
        store.replace(record, expectedRevision);
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
