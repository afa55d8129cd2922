package io.keywrap.byok;

import io.keywrap.KekId;
import java.util.Set;

/**
 * Which KEKs may have wrapped the keys of slots.
 *
 * @param current wraps whatever is new
 * @param others those that are accepted beside it, while slots are moved from one to the other
 */
record VendorKeks(KekId current, Set<KekId> others) {
    boolean accept(KekId kekId) {
        return kekId.equals(current) || others.contains(kekId);
    }
}
