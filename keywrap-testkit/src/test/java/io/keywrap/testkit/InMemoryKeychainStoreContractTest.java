package io.keywrap.testkit;

import io.keywrap.store.KeychainStore;

/** The store in memory keeps the contract of stores. */
class InMemoryKeychainStoreContractTest extends KeychainStoreContract {
    private final InMemoryKeychainStore store = new InMemoryKeychainStore();

    @Override
    protected KeychainStore open() {
        return store;
    }

    @Override
    protected void damage(String keychainId) {
        store.damage(keychainId);
    }
}
