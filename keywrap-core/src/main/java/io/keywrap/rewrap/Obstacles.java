package io.keywrap.rewrap;

import io.keywrap.KekId;
import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.KeychainRecord;
import java.util.List;

/** Why a keychain, or a DEK of it, cannot be worked on, as its record tells. */
final class Obstacles {
    static final String NO_ROOM = "a keychain has at most " + KeychainRecord.MAX_WRAPS
            + " recipients, and a DEK as many wraps, and those of a portable one must fit into a header; drop RETAINED"
            + " ones first";

    static final String OTHER_VERSION =
            "the new wrap is under another version than its KEK tells as the current one: the KEK was"
                    + " rotated during the job, or a short time before; run the job again later";

    private Obstacles() {}

    static String closed(KekId control) {
        return "CONTROL KEK " + control
                + " has opened no DEK of the keychain that it holds, so it is not taken out; see"
                + " the other DEKs of the keychain, and run the job again";
    }

    /** Whether nothing of the keychain can be worked on. */
    static boolean areOfAll(List<Item> obstacles) {
        return obstacles.stream().anyMatch(item -> item.dekId().isEmpty());
    }

    static List<Item> of(Goal goal, KeychainRecord record, Needs needs) {
        if (record.destroyed()) {
            return List.of();
        }
        String keychainId = record.keychainId();
        if (goal.changesManagement(record) && !record.migratable()) {
            return List.of(Item.of(
                    keychainId,
                    Outcome.NOT_MIGRATABLE,
                    "its key management is " + record.keyManagement() + " for good: it was not made migratable"));
        }
        if (needs.recipients() > KeychainRecord.MAX_WRAPS) {
            return List.of(Item.of(keychainId, Outcome.NO_ROOM, NO_ROOM));
        }
        return Needs.live(record).stream()
                .filter(entry -> goal.isElsewhere(record, entry))
                .map(entry -> Item.of(
                                keychainId,
                                Outcome.NOT_RECIPIENT,
                                "the keychain is meant for other KEKs than those of the job; repair the keychain")
                        .with(entry.id()))
                .toList();
    }
}
