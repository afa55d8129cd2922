package io.keywrap.keychain;

import io.keywrap.StoreUnavailableException;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.util.List;
import java.util.Optional;

/** A store that fails to write, or lets a rival write in between, when a test says so. */
final class FailingStore implements KeychainStore {
    KeychainStore delegate;
    boolean failing;
    int loads;
    Runnable afterLoad;
    Runnable afterCreate;
    Runnable beforeReplace;
    Runnable afterReplace;
    Runnable everyTime;

    FailingStore() {}

    FailingStore(KeychainStore delegate) {
        this.delegate = delegate;
    }

    @Override
    public Optional<KeychainRecord> load(String keychainId) {
        loads++;
        Optional<KeychainRecord> record = delegate.load(keychainId);
        Runnable rival = afterLoad;
        afterLoad = null;
        run(rival);
        return record;
    }

    @Override
    public void create(KeychainRecord record) {
        failIfToldTo();
        delegate.create(record);
        run(afterCreate);
    }

    @Override
    public void replace(KeychainRecord record, long expectedRevision) {
        failIfToldTo();
        Runnable rival = beforeReplace;
        beforeReplace = null;
        run(rival);
        run(everyTime);
        delegate.replace(record, expectedRevision);
        Runnable successor = afterReplace;
        afterReplace = null;
        run(successor);
    }

    @Override
    public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
        return delegate.list(filter, after, limit);
    }

    @Override
    public List<Unreadable> unreadable() {
        return delegate.unreadable();
    }

    private static void run(Runnable rival) {
        if (rival != null) {
            rival.run();
        }
    }

    private void failIfToldTo() {
        if (failing) {
            throw new StoreUnavailableException("the disk is full", null);
        }
    }
}
