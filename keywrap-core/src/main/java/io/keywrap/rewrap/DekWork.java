package io.keywrap.rewrap;

import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord.Role;
import java.util.List;
import java.util.Optional;

/**
 * What is to be done with one DEK.
 *
 * @param entry the DEK
 * @param makes moves to another KEK
 * @param renews wraps to be made anew by their KEK
 * @param proves wraps that must open before others may go
 */
record DekWork(DekEntry entry, List<Make> makes, List<WrappedDek> renews, List<WrappedDek> proves) {
    boolean isEmpty() {
        return makes.isEmpty() && renews.isEmpty() && proves.isEmpty();
    }

    /** Whether a wrap is used that does not need the CONTROL KEKs. */
    boolean goesWithoutControl() {
        return makes.stream()
                        .anyMatch(make -> make.source().filter(this::isReplica).isPresent())
                || renews.stream().anyMatch(this::isReplica);
    }

    private boolean isReplica(WrappedDek wrapped) {
        return entry.wrapUnder(wrapped.kekId())
                .filter(wrap -> wrap.role() == Role.REPLICA)
                .isPresent();
    }

    /**
     * One move.
     *
     * @param move from which KEK to which
     * @param source what to make the new wrap of; empty if there is none that may be used
     * @param there a wrap under the new KEK that is there already
     * @param closing the wrap that loses the role CONTROL
     */
    record Make(Move move, Optional<WrappedDek> source, Optional<WrappedDek> there, Optional<WrappedDek> closing) {
        KekId to() {
            return move.to();
        }
    }
}
