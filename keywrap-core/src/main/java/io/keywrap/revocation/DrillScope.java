package io.keywrap.revocation;

import io.keywrap.KekId;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.Optional;

/**
 * Which wraps a drill is for.
 *
 * @param only the one KEK that is asked
 * @param without the KEK that is taken for gone
 * @param eachDek whether each wrap is unwrapped
 * @param retained whether RETAINED KEKs are asked too
 */
record DrillScope(Optional<KekId> only, Optional<KekId> without, boolean eachDek, boolean retained) {
    boolean isMeant(Wrap wrap) {
        return (retained || wrap.role() != Role.RETAINED)
                && isMeant(wrap.wrapped().kekId());
    }

    private boolean isMeant(KekId kekId) {
        return (only.isEmpty() || only.get().equals(kekId)) && !isGone(kekId);
    }

    private boolean isGone(KekId kekId) {
        return without.filter(kekId::equals).isPresent();
    }

    /** Whether a DEK lacks a wrap, or one that it opens with would be gone. */
    boolean isIncomplete(KeychainRecord record, DekEntry entry) {
        return record.missing(entry).stream().anyMatch(recipient -> isMeant(recipient.kekId()))
                || (without.isPresent() && !opensWithout(entry));
    }

    /** A CONTROL KEK that is gone closes the DEK, whatever else could open it. */
    private boolean opensWithout(DekEntry entry) {
        return entry.wraps().stream().anyMatch(wrap -> wrap.role() == Role.CONTROL)
                && entry.wraps().stream()
                        .filter(wrap -> wrap.role() == Role.CONTROL)
                        .noneMatch(wrap -> isGone(wrap.wrapped().kekId()));
    }
}
