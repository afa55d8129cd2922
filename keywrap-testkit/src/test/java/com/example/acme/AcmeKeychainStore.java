package com.example.acme;

import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.util.List;
import java.util.Optional;

/** A store of somebody's own. */
public final class AcmeKeychainStore implements KeychainStore {
    private final AcmeDatabase database;

    public AcmeKeychainStore(AcmeDatabase database) {
        this.database = database;
    }

    @Override
    public Optional<KeychainRecord> load(String keychainId) {
        return database.rows.load(keychainId);
    }

    @Override
    public void create(KeychainRecord record) {
        database.rows.create(record);
    }

    @Override
    public void replace(KeychainRecord record, long expectedRevision) {
        database.rows.replace(record, expectedRevision);
    }

    @Override
    public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
        return database.rows.list(filter, after, limit);
    }

    @Override
    public List<Unreadable> unreadable() {
        return database.rows.unreadable();
    }
}
