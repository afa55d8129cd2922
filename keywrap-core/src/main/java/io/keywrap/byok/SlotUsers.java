package io.keywrap.byok;

import io.keywrap.KekId;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.byok.SlotRefusedException.Reason;
import io.keywrap.proof.SealedScan;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tells whether keychains still need a version of a slot. Seals are not looked at: whoever hides a wrap from a record destroys it, and a
 * record that claims one too much is only in the way. No index of the store is believed. Thread-safe.
 *
 * @param store where the keychains are; empty if that is not known
 */
record SlotUsers(Optional<KeychainStore> store) {
    private static final int NAMED = 3;
    private static final String NAME_IT =
            "name the store of the keychains ('--keychains' of the command, ByokKms.Builder.keychains)";

    /** Refuses to let go of a version that is or may be needed. One that is pending has wrapped nothing. */
    void requireNone(SlotRecord now, int version) {
        if (now.version(version).filter(one -> one.was() == SlotState.PENDING).isPresent()) {
            return;
        }
        KeychainStore keychains =
                store.orElseThrow(() -> needed(now, "it is not known where keychains are that may need it", NAME_IT));
        Found found = new Found(Slots.kekId(now.slot()), Integer.toString(version));
        found.read(keychains);
        if (found.nothing()) {
            throw needed(now, "the store that was looked at has no keychains at all, so it tells nothing", NAME_IT);
        }
        found.why().ifPresent(why -> {
            throw needed(
                    now,
                    "version " + version + " of the slot's key is or may be needed: " + why,
                    "re-wrap these keychains and their portable envelopes, ask what still depends on the version, and drop"
                            + " it then");
        });
    }

    private static SlotRefusedException needed(SlotRecord now, String what, String action) {
        return SlotErrors.refused(
                now.slot(),
                Reason.STILL_NEEDED,
                what,
                action + "; or type '" + ByokSlots.DROP_UNCHECKED + "', which loses what it alone opens");
    }

    /** What was found in a store. */
    private static final class Found {
        private final KekId kekId;
        private final String version;
        private final List<String> wraps = new ArrayList<>();
        private final List<String> portable = new ArrayList<>();
        private final List<String> unreadable = new ArrayList<>();
        private boolean any;

        Found(KekId kekId, String version) {
            this.kekId = kekId;
            this.version = version;
        }

        void read(KeychainStore store) {
            boolean all = SealedScan.ids(store, KeychainFilter.all(), id -> read(store, id));
            SealedScan.leftOut(all, store).forEach(place -> unreadable.add(place.place()));
        }

        private void read(KeychainStore store, String id) {
            try {
                store.load(id).ifPresent(this::add);
            } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
                unreadable.add(id);
            }
        }

        boolean nothing() {
            return !any && unreadable.isEmpty();
        }

        private void add(KeychainRecord record) {
            any = true;
            boolean wrapped = record.deks().stream()
                    .flatMap(dek -> dek.wraps().stream())
                    .map(KeychainRecord.Wrap::wrapped)
                    .anyMatch(wrap ->
                            wrap.kekId().equals(kekId) && wrap.kekVersion().equals(version));
            boolean sealed = record.sealKey().kekId().equals(kekId)
                    && record.sealKey().kekVersion().equals(version);
            if (wrapped || sealed) {
                wraps.add(record.keychainId());
            } else if (record.portable()
                    && record.recipients().stream()
                            .anyMatch(recipient -> recipient.kekId().equals(kekId))) {
                portable.add(record.keychainId());
            }
        }

        Optional<String> why() {
            List<String> reasons = new ArrayList<>();
            say(reasons, wraps, "wraps under it in the records of ");
            say(reasons, portable, "portable envelopes may carry wraps under it, of ");
            say(reasons, unreadable, "nothing is known of what cannot be read: ");
            return reasons.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", reasons));
        }

        private static void say(List<String> reasons, List<String> places, String what) {
            if (!places.isEmpty()) {
                String more = places.size() > NAMED ? " and " + (places.size() - NAMED) + " more" : "";
                reasons.add(what + String.join(", ", places.subList(0, Math.min(NAMED, places.size()))) + more);
            }
        }
    }
}
