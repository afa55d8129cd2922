package io.keywrap.rewrap;

import io.keywrap.KekId;
import io.keywrap.byok.ByokKms;
import io.keywrap.byok.ByokSlots;
import io.keywrap.byok.SlotStatus;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.StoreNotes;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Where slots of uploaded keys are, and which KEKs of the vendor's may have sealed them.
 *
 * @param notes the store
 * @param vendorKek wraps new keys
 * @param others may have sealed slots too
 */
record DependentSlots(Optional<StoreNotes> notes, KekId vendorKek, Set<KekId> others) {
    private static final String NOTES = "byok-";

    void read(KeyProviders providers, Consumer<SlotStatus> believed, BiConsumer<String, String> refused) {
        if (notes.isEmpty()) {
            return;
        }
        if (vendorKek.scheme().equals(ByokKms.SCHEME)) {
            notes.get()
                    .noteNames(NOTES, Optional.empty(), 1)
                    .forEach(note -> refused.accept(
                            note, "the KEK that seals the slots of uploaded keys is not named; to do: name it"));
            return;
        }
        ByokKms.Builder builder = ByokKms.builder(notes.get(), vendorKek);
        others.forEach(builder::accept);
        try (ByokKms byok = builder.build()) {
            ByokSlots slots = byok.slots(providers);
            slots.scan(believed, (place, failure) -> refused.accept(place, String.valueOf(failure.getMessage())));
        }
    }

    /** What new keys are wrapped by, if there is any slot. */
    Optional<KekId> wrappedBy() {
        return notes.filter(some -> !some.noteNames(NOTES, Optional.empty(), 1).isEmpty())
                .map(some -> vendorKek);
    }
}
