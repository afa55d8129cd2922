package io.keywrap.keychain;

import io.keywrap.Deadline;
import io.keywrap.DekDestroyedException;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TimeSource;
import io.keywrap.proof.SealedRecords;
import io.keywrap.proof.Succession;
import io.keywrap.proof.WrappedDeks;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.provider.KeptDeks;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The record that an open keychain works on: read again when it is too old, and changed by compare-and-set. */
final class HeldRecord {
    private static final Logger LOG = LoggerFactory.getLogger(HeldRecord.class);
    private static final int MAX_ATTEMPTS = 8;
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final SealedRecords records;
    private final WrappedDeks deks;
    private final TimeSource time;
    private final long mostAge;
    private final long mostAgeInOutage;
    private final long pause;
    private final AtomicBoolean reading = new AtomicBoolean();
    private volatile KeychainRecord record;
    private volatile long readAt;
    private volatile long nextReadAt;

    HeldRecord(SealedRecords records, WrappedDeks deks, KeptDeks kept, TimeSource time, KeychainRecord record) {
        this.records = records;
        this.deks = deks;
        this.time = time;
        this.mostAge = kept.deadline().toNanos();
        this.mostAgeInOutage = kept.maxInFlight().toNanos();
        this.pause =
                Math.min(PAUSE.toNanos(), mostAge); // What openers are told holds in the minute after an outage too.
        this.record = record;
        this.readAt = time.nanoTime();
        this.nextReadAt = readAt + mostAge;
    }

    KeychainRecord get() {
        return record;
    }

    String id() {
        return record.keychainId();
    }

    void refresh() {
        long began = time.nanoTime();
        advance(records.load(id()));
        wasRead(began);
    }

    private void wasRead(long began) {
        readAt = began;
        nextReadAt = began + mostAge;
    }

    /** Whether the record need not be read again now. */
    boolean isFresh() {
        return time.nanoTime() - nextReadAt < 0;
    }

    /**
     * Reads the record again once it is as old as a kept DEK may be, so that what others have destroyed or changed is known
     * here by then. Where it cannot be read, what is known goes on for a while, as a lease does in an outage.
     */
    void freshen(Deadline deadline) {
        long now = time.nanoTime();
        if (now - nextReadAt < 0) {
            return;
        }
        if (!reading.compareAndSet(false, true)) {
            requireNotTooOld(now); // Who reads may hang.
            return;
        }
        try {
            advance(records.within(deadline).loadAgain(record));
            wasRead(now);
        } catch (StoreUnavailableException | KekException e) {
            if (e instanceof InvalidWrappedDekException || now - readAt >= mostAgeInOutage) {
                throw e;
            }
            nextReadAt = now + Math.min(pause, mostAgeInOutage - (now - readAt));
            LOG.warn("keychain {} goes on with revision {}, since it cannot be read again", id(), record.revision(), e);
        } finally {
            reading.set(false);
        }
    }

    private void requireNotTooOld(long now) {
        if (now - readAt >= mostAgeInOutage) {
            throw new StoreUnavailableException(
                    "keychain '" + id() + "' was not read for " + Duration.ofNanos(now - readAt)
                            + ", too long to go on with what is known; find out why the store does not answer",
                    null);
        }
    }

    /** Several threads may read the store at once; the newest record stays. */
    private synchronized void advance(KeychainRecord next) {
        if (next.revision() <= record.revision()) {
            return;
        }
        Succession.violation(record, next).ifPresent(reason -> {
            throw new KeychainSealBrokenException(
                    id(),
                    "revision " + next.revision() + " does not follow revision " + record.revision()
                            + ", which was seen before (" + reason + "): the store was restored or replaced",
                    null);
        });
        KeychainRecord before = record;
        record = next;
        Map<EncryptionContext, DekDestroyedException> destroyed = new HashMap<>();
        for (DekEntry entry : before.deks()) {
            if (entry.state() != State.DESTROYED
                    && next.dek(entry.id())
                            .filter(now -> now.state() == State.DESTROYED)
                            .isPresent()) {
                destroyed.put(Owner.of(next).contextOf(entry.id()), new DekDestroyedException(id(), entry.id()));
            }
        }
        if (!destroyed.isEmpty()) {
            deks.end(destroyed);
        }
    }

    /** Commits a change; a loser of the race against another process discards it and looks again. */
    void update(Change change) {
        update(records, change);
    }

    /** Likewise, and asks the KEK of the seal no longer than until a deadline. */
    void update(Deadline deadline, Change change) {
        update(records.within(deadline), change);
    }

    private void update(SealedRecords records, Change change) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            // What is in the store now, and not what this object knows: nothing that others added may be lost.
            long began = time.nanoTime();
            KeychainRecord current = records.load(id());
            advance(current);
            Optional<UnaryOperator<KeychainRecord.Builder>> needed = change.of(current);
            wasRead(began);
            if (needed.isEmpty()) {
                return;
            }
            try {
                advance(records.replace(current, needed.get()));
                LOG.debug("keychain {} has revision {}", id(), record.revision());
                return;
            } catch (KeychainConflictException e) {
                LOG.debug("keychain {} was changed by another process, attempt {}", id(), attempt);
            }
        }
        throw new KeychainConflictException(id());
    }

    /** What to change, seen from the newest record; empty if nothing is left to do. */
    interface Change {
        Optional<UnaryOperator<KeychainRecord.Builder>> of(KeychainRecord current);
    }
}
