package io.keywrap.rewrap;

import io.keywrap.KekId;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.rewrap.RewrapPlan.Calls;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts the primaries that would be made, and makes none. Thread-safe. */
final class RotationPlan implements Engine.Work {
    private final Settings settings;
    private final Instant before;
    private final Engine engine;
    private final Map<KekId, Map<Operation, Long>> calls = new HashMap<>();
    private long keychains;
    private long primaries;

    RotationPlan(Settings settings, Instant before, Engine engine) {
        this.settings = settings;
        this.before = before;
        this.engine = engine;
    }

    @Override
    public boolean isPerhapsNeeded(KeychainRecord unchecked) {
        return !OldPrimaries.of(unchecked, before).isEmpty();
    }

    @Override
    public synchronized void work(KeychainRecord record, Records records) {
        count(settings.sealKek(), Operation.UNWRAP);
        List<Usage> usages = OldPrimaries.of(record, before);
        if (!OldPrimaries.hasRoom(record, usages.size())) {
            engine.tally.add(RotationWork.noRoom(record.keychainId()));
            return;
        }
        for (Usage usage : usages) {
            Operation operation = Operation.GENERATE;
            for (Recipient recipient : OldPrimaries.targets(record)) {
                count(recipient.kekId(), operation);
                operation = Operation.WRAP;
            }
        }
        keychains += usages.isEmpty() ? 0 : 1;
        primaries += usages.size();
        engine.tally.add(Outcome.ALREADY, Needs.live(record).size() - usages.size());
    }

    private void count(KekId kekId, Operation operation) {
        calls.computeIfAbsent(kekId, id -> new EnumMap<>(Operation.class)).merge(operation, 1L, Long::sum);
    }

    synchronized RewrapPlan plan() {
        List<Calls> all = new ArrayList<>();
        calls.forEach(
                (kekId, counts) -> counts.forEach((operation, count) -> all.add(new Calls(kekId, operation, count))));
        List<Calls> sorted = Gate.sorted(all);
        return new RewrapPlan(
                keychains,
                primaries,
                engine.tally.done(),
                0,
                engine.tally.items(),
                sorted,
                PlanWork.estimate(settings, sorted, Map.of()));
    }
}
