package io.keywrap.keychain;

import io.keywrap.Dek;
import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.proof.CheckValue;
import io.keywrap.proof.WrappedDeks;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes a key that was there before a DEK of a keychain, once. */
final class Adoption {
    private final HeldRecord held;
    private final WrappedDeks deks;

    Adoption(HeldRecord held, WrappedDeks deks) {
        this.held = held;
        this.deks = deks;
    }

    DekId of(Dek existing) {
        if (existing.withBytes(key -> MessageDigest.isEqual(key, new byte[Dek.BYTES]))) {
            throw new IllegalArgumentException("all bytes of this key are 0: it was wiped, or never set");
        }
        try (Dek own = deks.own(existing)) {
            held.update(current -> {
                Primaries.requireAlive(current);
                return adopted(current, own).isPresent()
                        ? Optional.empty()
                        : Optional.of(next -> next.deks(with(current, deks.adopt(Owner.of(current), own))));
            });
            return adopted(held.get(), own).orElseThrow().id();
        }
    }

    /** The entry of a key that was adopted before, under whatever id. */
    private static Optional<DekEntry> adopted(KeychainRecord current, Dek existing) {
        Optional<DekEntry> same = current.deks().stream()
                .filter(entry -> CheckValue.matches(entry, existing))
                .findFirst();
        if (same.isEmpty()) {
            return same;
        }
        if (same.get().state() == State.DESTROYED) {
            throw new DekDestroyedException(current.keychainId(), same.get().id());
        }
        if (same.get().usage() != Usage.OUTSIDE) {
            throw new IllegalArgumentException("the key is DEK " + same.get().id() + " of keychain '"
                    + current.keychainId() + "', which serves envelopes; a DEK never serves both uses");
        }
        return same;
    }

    private static List<DekEntry> with(KeychainRecord current, DekEntry more) {
        List<DekEntry> entries = new ArrayList<>(current.deks());
        entries.add(more);
        return entries;
    }
}
