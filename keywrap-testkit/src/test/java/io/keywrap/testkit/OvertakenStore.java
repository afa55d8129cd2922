package io.keywrap.testkit;

import io.keywrap.KeychainConflictException;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.util.concurrent.atomic.AtomicInteger;

/** Where others were faster with the first so many changes, each time by what they do meanwhile. */
final class OvertakenStore extends ForwardingStore {
    final AtomicInteger tries = new AtomicInteger();
    private final int times;
    private final Runnable meanwhile;

    OvertakenStore(KeychainStore store, int times, Runnable meanwhile) {
        super(store);
        this.times = times;
        this.meanwhile = meanwhile;
    }

    @Override
    public void replace(KeychainRecord record, long expectedRevision) {
        if (tries.incrementAndGet() <= times) {
            meanwhile.run();
            throw new KeychainConflictException(record.keychainId());
        }
        super.replace(record, expectedRevision);
    }
}
