package io.keywrap.revocation;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.proof.SealedRecords;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Wrap;
import io.keywrap.store.KeychainStore;
import java.util.List;
import java.util.Optional;

/** Finds canaries in a store. A wrap is one only if the seal of its record holds. */
final class Canaries {
    private static final int PAGE = 20;
    private static final List<Role> ROLES = List.of(Role.CONTROL, Role.REPLICA);

    private final KeychainStore store;
    private final KeyProviders providers;
    private final SealedRecords records;
    private final KekId sealKek;

    Canaries(KeychainStore store, KeyProviders providers, KeychainSeal seal) {
        this.store = store;
        this.providers = providers;
        this.records = new SealedRecords(store, providers, seal.kekId());
        this.sealKek = seal.kekId();
    }

    /**
     * The wrap of a keychain that is a canary of a version of a KEK.
     *
     * @throws KeychainSealBrokenException if its record is not sealed
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     */
    Optional<Canary> in(String keychainId, VersionInUse kek) {
        Optional<KeychainRecord> record = store.load(keychainId).filter(one -> has(one, kek));
        record.ifPresent(one -> records.requireSealed(one, keychainId));
        return record.flatMap(one -> canary(one, kek));
    }

    /** Whether a canary is one still, as far as its record tells: its DEK may have been destroyed, or wrapped anew. */
    static boolean isIn(KeychainRecord record, Canary canary) {
        return record.keychainId().equals(canary.keychainId())
                && (record.sealKey().equals(canary.wrapped())
                        || record.deks().stream()
                                .filter(entry -> entry.state() != State.DESTROYED)
                                .flatMap(entry -> entry.wraps().stream())
                                .anyMatch(wrap -> wrap.role() != Role.RETAINED
                                        && wrap.wrapped().equals(canary.wrapped())));
    }

    /** Whether it is a version of the vendor's own KEK: its canaries are the keys of seals. */
    boolean isOfSeal(VersionInUse kek) {
        return kek.kekId().equals(sealKek);
    }

    /** Whether a record has one, before a call is made for its seal. */
    private boolean has(KeychainRecord record, VersionInUse kek) {
        return canary(record, kek).isPresent();
    }

    private Optional<Canary> canary(KeychainRecord record, VersionInUse kek) {
        if (kek.kekId().equals(sealKek) && record.sealKey().kekVersion().equals(kek.version())) {
            DekId id = record.sealKey().dekId();
            return Optional.of(new Canary(
                    record.keychainId(), record.sealKey(), EncryptionContext.ofSealKey(record.keychainId(), id)));
        }
        return record.deks().stream()
                .filter(entry -> entry.state() != State.DESTROYED)
                .flatMap(entry -> entry.wraps().stream()
                        .filter(wrap -> isWatched(wrap, kek))
                        .map(wrap -> canary(record, entry, wrap)))
                .findFirst();
    }

    private static Canary canary(KeychainRecord record, DekEntry entry, Wrap wrap) {
        return new Canary(
                record.keychainId(),
                wrap.wrapped(),
                EncryptionContext.ofDek(record.keychainId(), entry.id(), record.keyContext()));
    }

    private static boolean isWatched(Wrap wrap, VersionInUse kek) {
        return wrap.role() != Role.RETAINED
                && wrap.wrapped().kekId().equals(kek.kekId())
                && wrap.wrapped().kekVersion().equals(kek.version());
    }

    /** How far a store was searched for the canary of a version of a KEK. Thread-safe. */
    static final class Cursor {
        private int role;
        private Optional<String> after = Optional.empty();

        synchronized boolean isOver() {
            return role >= ROLES.size();
        }

        /** Begins again, if it is over: other keychains may be there now. */
        synchronized void restart() {
            if (isOver()) {
                role = 0;
            }
        }
    }

    /**
     * Some more keychains that may have a canary of a version of a KEK, as their records claim; a store with indexes finds them
     * at once.
     *
     * @return a page of them; empty if there are none any more
     */
    List<String> more(VersionInUse kek, Cursor cursor) {
        synchronized (cursor) {
            List<String> found = List.of();
            while (found.isEmpty() && !cursor.isOver()) {
                // Of the vendor's own it is the keys of seals, by which nobody can search.
                KeychainFilter filter = isOfSeal(kek)
                        ? KeychainFilter.all()
                        : KeychainFilter.all()
                                .withKek(kek.kekId())
                                .withKekVersion(kek.version())
                                .withRole(ROLES.get(cursor.role));
                found = store.list(filter.leavingOutUnreadable(), cursor.after, PAGE);
                boolean last = found.size() < PAGE;
                cursor.after = last ? Optional.empty() : Optional.of(found.get(PAGE - 1));
                cursor.role += last ? 1 : 0;
            }
            return found;
        }
    }

    /** What fails together with the vendor's own KEK. */
    String sealService() {
        return providers.provider(sealKek).place().service();
    }
}
