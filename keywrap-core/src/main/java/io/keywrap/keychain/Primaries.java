package io.keywrap.keychain;

import io.keywrap.KeychainDestroyedException;
import io.keywrap.proof.Roles;
import io.keywrap.proof.WrappedDeks;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Usage;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Makes DEKs that take the place of primaries. */
final class Primaries {
    private final WrappedDeks deks;

    Primaries(WrappedDeks deks) {
        this.deks = deks;
    }

    static Set<Usage> usages(KeychainRecord current) {
        Set<Usage> usages = EnumSet.allOf(Usage.class);
        usages.removeIf(usage -> current.primary(usage).isEmpty());
        return usages;
    }

    /** The DEKs of a record, with new primaries. */
    List<DekEntry> with(Owner owner, KeychainRecord current, List<DekEntry> before, Set<Usage> usages) {
        requireAlive(current);
        List<DekEntry> entries = before;
        for (Usage usage : usages) {
            entries = Roles.withPrimary(current.portable(), entries, deks.create(owner, usage));
        }
        return entries;
    }

    static void requireAlive(KeychainRecord current) {
        if (current.destroyed()) {
            throw new KeychainDestroyedException(current.keychainId());
        }
    }
}
