package io.keywrap.cli;

import io.keywrap.KekId;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/** What holds for every list of KEKs. */
final class Keks {
    private Keks() {}

    /** Refuses a KEK that is named twice, which may stand for another that was meant. */
    static void requireDistinct(List<KekId> keks) {
        if (new HashSet<>(keks).size() < keks.size()) {
            throw new UsageException("--kek names a KEK twice");
        }
    }

    /** All of them on one line. */
    static String text(List<KekId> keks) {
        return keks.stream().map(KekId::uri).collect(Collectors.joining(", "));
    }
}
