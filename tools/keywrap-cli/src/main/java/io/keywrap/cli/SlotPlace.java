package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.byok.ByokKms;
import io.keywrap.store.StoreNotes;
import java.util.List;
import java.util.Optional;

/**
 * Where slots of uploaded keys are, and whose KEKs wrap them.
 *
 * @param store where they are
 * @param vendorKeks the vendor's KEK, and behind it those that are accepted too
 */
record SlotPlace(StorePlace store, List<KekId> vendorKeks) {
    /** The notes of the store, which must be there. */
    StoreNotes notes(KeywrapCommand root) {
        if (store.existing(root) instanceof StoreNotes notes) {
            return notes;
        }
        throw new ConfigurationException("the store has no notes, in which slots are kept; to do: use another store");
    }

    /** The slots, to be registered, bound and closed. */
    ByokKms open(KeywrapCommand root) {
        return open(root, Optional.empty());
    }

    /** The same, with keychains in another store. */
    ByokKms open(KeywrapCommand root, Optional<StorePlace> keychains) {
        try {
            ByokKms.Builder builder = ByokKms.builder(notes(root), vendorKek());
            others().forEach(builder::accept);
            keychains.ifPresent(place -> builder.keychains(place.existing(root)));
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new UsageException("the KEK of slots: " + e.getMessage());
        }
    }

    KekId vendorKek() {
        return vendorKeks.get(0);
    }

    List<KekId> others() {
        return vendorKeks.subList(1, vendorKeks.size());
    }
}
