package io.keywrap.testkit;

import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;

/** Who edits the store in memory achieves nothing. */
class InMemoryHostileStoreTest extends HostileStoreContract {
    private final InMemoryKeychainStore store = new InMemoryKeychainStore();

    @Override
    protected KeychainStore open() {
        return store;
    }

    @Override
    protected void overwrite(String keychainId, KeychainRecord record) {
        store.overwrite(keychainId, record);
    }
}
