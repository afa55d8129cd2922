package io.keywrap.rewrap;

import io.keywrap.DekId;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.rewrap.RewrapReport.Outcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What came of the work on one DEK. Filled by one thread, read by another after it. */
final class DekDone {
    private final DekWork work;
    /** Wraps under the new KEKs, all proven. */
    final Map<Move, WrappedDek> moved = new HashMap<>();
    /** New wraps by old ones, all proven. */
    final Map<WrappedDek, WrappedDek> renewed = new HashMap<>();
    /** Wraps that opened just now. */
    final Set<WrappedDek> proven = new HashSet<>();
    /** KEKs that opened the DEK just now. */
    final Set<KekId> opened = new HashSet<>();

    private @Nullable Outcome outcome;
    private @Nullable KekException failure;

    DekDone(DekWork work) {
        this.work = work;
    }

    DekWork work() {
        return work;
    }

    DekId dekId() {
        return work.entry().id();
    }

    void made(WrappedDek wrapped) {
        proven.add(wrapped);
        opened.add(wrapped.kekId());
    }

    /** The first failure is told. */
    void failed(Outcome how, @Nullable KekException why) {
        if (outcome == null) {
            outcome = how;
            failure = why;
        }
    }

    /** How it failed; null if it did not. */
    @Nullable
    Outcome outcome() {
        return outcome;
    }

    @Nullable
    KekException failure() {
        return failure;
    }
}
