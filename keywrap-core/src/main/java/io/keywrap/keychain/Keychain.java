package io.keywrap.keychain;

import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.keychain.WrappedDeks.Owner;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.DekEntry;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One opened keychain: leases its DEKs, and rotates them.
 *
 * <p>It works on the record that it read when it was opened. It reads the store again when it is asked for a DEK that it
 * does not know, when it rotates, and on {@link #refresh()}; so changes that other processes make are seen then.
 *
 * <p><b>Thread safety:</b> thread-safe. Calls block on the KMS, and on the store where they read it.
 */
public final class Keychain {
    private static final Logger LOG = LoggerFactory.getLogger(Keychain.class);
    private static final int MAX_ATTEMPTS = 8;

    private final SealedRecords records;
    private final WrappedDeks deks;
    private volatile KeychainRecord record;

    Keychain(SealedRecords records, WrappedDeks deks, KeychainRecord record) {
        this.records = records;
        this.deks = deks;
        this.record = record;
    }

    /**
     * Which keychain.
     *
     * @return its id
     */
    public String id() {
        return record.keychainId();
    }

    /**
     * The record that this object works on, its seal checked.
     *
     * @return the record
     */
    public KeychainRecord record() {
        return record;
    }

    /**
     * Leases the DEK that new data of your own format is encrypted with. The first call makes and commits one.
     *
     * @return the lease; keep its {@link DekLease#dekId()} beside the data, and close it
     * @throws io.keywrap.KekException if a KEK cannot be used
     * @throws io.keywrap.KeychainException if the keychain or the store is not as it should be
     */
    public DekLease primary() {
        return primary(Usage.OUTSIDE);
    }

    /**
     * Leases the DEK that new data is encrypted with.
     *
     * @param usage what for; {@link Usage#ENVELOPES} is for {@code EnvelopeCipher}
     * @return the lease, to be closed
     * @throws io.keywrap.KekException if a KEK cannot be used
     * @throws io.keywrap.KeychainException if the keychain or the store is not as it should be
     */
    public DekLease primary(Usage usage) {
        if (record.primary(usage).isEmpty()) {
            update(current -> current.primary(usage).isPresent() ? Set.of() : EnumSet.of(usage));
        }
        return lease(record.primary(usage).orElseThrow());
    }

    /**
     * Leases a DEK to decrypt data of your own format.
     *
     * @param dekId the DEK that the data was encrypted with
     * @return the lease, to be closed
     * @throws KeychainNotFoundException if the keychain has no such DEK, or it serves envelopes
     * @throws DekDestroyedException if it was destroyed
     * @throws io.keywrap.KekException if a KEK cannot be used
     */
    public DekLease lease(DekId dekId) {
        return lease(dekId, Usage.OUTSIDE);
    }

    /**
     * Leases a DEK to decrypt data.
     *
     * @param dekId the DEK that the data was encrypted with
     * @param usage what for; a DEK never serves another use than the one it was made for
     * @return the lease, to be closed
     * @throws KeychainNotFoundException if the keychain has no such DEK, or it serves another use
     * @throws DekDestroyedException if it was destroyed
     * @throws io.keywrap.KekException if a KEK cannot be used
     */
    public DekLease lease(DekId dekId, Usage usage) {
        if (record.dek(dekId).isEmpty()) {
            refresh();
        }
        return lease(record.dek(dekId)
                .filter(entry -> entry.usage() == usage)
                .orElseThrow(() -> new KeychainNotFoundException(id(), dekId)));
    }

    /**
     * Makes a new primary DEK for every use that has one, and commits it. Older DEKs go on decrypting.
     *
     * @throws KeychainConflictException if other processes were always faster
     * @throws io.keywrap.KekException if a KEK cannot be used; nothing has changed then
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     */
    public void rotate() {
        update(current -> {
            Set<Usage> usages = EnumSet.allOf(Usage.class);
            usages.removeIf(usage -> current.primary(usage).isEmpty());
            return usages;
        });
    }

    /**
     * Reads the record again.
     *
     * @throws io.keywrap.KeychainSealBrokenException if it is not what keywrap wrote, or older than it was
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     */
    public void refresh() {
        advance(records.load(id()));
    }

    /** Several threads may read the store at once; the newest record stays. */
    private synchronized void advance(KeychainRecord next) {
        if (next.revision() > record.revision()) {
            record = next;
        }
    }

    private DekLease lease(DekEntry entry) {
        if (entry.state() == State.DESTROYED) {
            throw new DekDestroyedException(id(), entry.id());
        }
        return DekLease.takeOwnershipOf(deks.unwrap(Owner.of(record), entry));
    }

    /** Gives some uses a new primary; a loser of the race against another process discards its DEK and looks again. */
    private void update(NewPrimaries needed) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            // What is in the store now, and not what this object knows: nothing that others added may be lost.
            KeychainRecord current = records.load(id());
            advance(current);
            Set<Usage> usages = needed.of(current);
            if (usages.isEmpty()) {
                return;
            }
            try {
                advance(records.replace(current, next -> next.deks(withNewPrimaries(current, usages))));
                LOG.debug("keychain {} has revision {} with a new primary DEK", id(), record.revision());
                return;
            } catch (KeychainConflictException e) {
                LOG.debug("keychain {} was changed by another process, attempt {}", id(), attempt);
            }
        }
        throw new KeychainConflictException(id());
    }

    private List<DekEntry> withNewPrimaries(KeychainRecord current, Set<Usage> usages) {
        List<DekEntry> entries = new ArrayList<>();
        for (DekEntry entry : current.deks()) {
            boolean replaced = entry.state() == State.PRIMARY && usages.contains(entry.usage());
            entries.add(replaced ? entry.inState(State.DECRYPT_ONLY) : entry);
        }
        for (Usage usage : usages) {
            entries.add(deks.create(Owner.of(current), usage));
        }
        return entries;
    }

    /**
     * Id and revision.
     *
     * @return such as {@code Keychain[tenant-42, revision 3]}
     */
    @Override
    public String toString() {
        return "Keychain[" + id() + ", revision " + record.revision() + "]";
    }

    /** Which uses need a new primary, seen from the newest record. */
    private interface NewPrimaries {
        Set<Usage> of(KeychainRecord current);
    }
}
