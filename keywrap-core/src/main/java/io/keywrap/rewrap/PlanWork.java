package io.keywrap.rewrap;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.rewrap.DekWork.Make;
import io.keywrap.rewrap.RewrapPlan.Calls;
import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.KeychainRecord;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts what a run would do, and does none of it. Thread-safe. */
final class PlanWork implements Engine.Work {
    private final Settings settings;
    private final Goal goal;
    private final Map<KekId, Status> statuses;
    private final Wraps wraps;
    private final Engine engine;
    private final Map<KekId, Map<Operation, Long>> calls = new HashMap<>();
    /** Of a KEK that is the target of a re-wrap inside of a KMS, which counts on its rate too. */
    private final Map<KekId, Long> asTarget = new HashMap<>();

    private long keychains;
    private long deks;
    private long unknownVersions;

    PlanWork(Settings settings, Goal goal, Map<KekId, Status> statuses, Wraps wraps, Engine engine) {
        this.settings = settings;
        this.goal = goal;
        this.statuses = statuses;
        this.wraps = wraps;
        this.engine = engine;
        statuses.keySet().forEach(kekId -> count(kekId, Operation.STATUS));
    }

    private Needs needs(KeychainRecord record) {
        return new Needs(goal, statuses, record, settings.time().now());
    }

    @Override
    public boolean isPerhapsNeeded(KeychainRecord unchecked) {
        return !needs(unchecked).all().isEmpty();
    }

    @Override
    public synchronized void checked() {
        count(settings.sealKek(), Operation.UNWRAP);
    }

    @Override
    public synchronized void work(KeychainRecord record, Records records) {
        Needs needs = needs(record);
        List<Item> obstacles = Obstacles.of(goal, record, needs);
        obstacles.forEach(engine.tally::add);
        if (Obstacles.areOfAll(obstacles)) {
            return;
        }
        List<DekWork> all = needs.all();
        all.forEach(this::count);
        keychains += all.isEmpty() ? 0 : 1;
        deks += all.size();
        unknownVersions += needs.unknownVersions();
        Set<DekId> told = new HashSet<>();
        obstacles.forEach(item -> item.dekId().ifPresent(told::add));
        all.forEach(one -> told.add(one.entry().id())); // A DEK may be among both.
        engine.tally.add(Outcome.ALREADY, Needs.live(record).size() - told.size());
    }

    private void count(DekWork work) {
        for (Make make : work.makes()) {
            if (make.there().isPresent()) {
                make.closing().ifPresent(wrapped -> count(wrapped.kekId(), Operation.UNWRAP));
            } else {
                make.source().ifPresent(source -> count(source, make.to()));
            }
            count(make.to(), Operation.UNWRAP);
        }
        for (WrappedDek old : work.renews()) {
            count(old, old.kekId());
            count(old.kekId(), Operation.UNWRAP);
        }
        work.proves().forEach(wrapped -> count(wrapped.kekId(), Operation.UNWRAP));
    }

    private void count(WrappedDek source, KekId to) {
        KekId from = source.kekId();
        if (wraps.isServerSide(new Move(from, to))) {
            count(from, Operation.REWRAP);
            if (!from.equals(to)) {
                asTarget.merge(to, 1L, Long::sum);
            }
        } else {
            count(from, Operation.UNWRAP);
            count(to, Operation.WRAP);
        }
    }

    private void count(KekId kekId, Operation operation) {
        calls.computeIfAbsent(kekId, id -> new EnumMap<>(Operation.class)).merge(operation, 1L, Long::sum);
    }

    synchronized RewrapPlan plan() {
        List<Calls> all = Gate.sorted(calls.entrySet().stream()
                .flatMap(kek -> kek.getValue().entrySet().stream()
                        .map(one -> new Calls(kek.getKey(), one.getKey(), one.getValue())))
                .toList());
        return new RewrapPlan(
                keychains,
                deks,
                engine.tally.done(),
                unknownVersions,
                engine.tally.items(),
                all,
                estimate(settings, all, asTarget));
    }

    /** How long calls take, of which some count on the rate of another KEK too. */
    static Duration estimate(Settings settings, List<Calls> all, Map<KekId, Long> onOthers) {
        Map<KekId, Long> turns = new HashMap<>(onOthers);
        long sum = 0;
        for (Calls one : all) {
            turns.merge(one.kekId(), one.count(), Long::sum);
            sum += one.count();
        }
        long most = turns.values().stream().mapToLong(Long::longValue).max().orElse(0);
        Duration byRate = Duration.ofMillis((long) (1_000 * most / settings.rate()));
        Duration byLatency = RewrapPlan.LATENCY.multipliedBy(sum).dividedBy(settings.concurrency());
        return byRate.compareTo(byLatency) > 0 ? byRate : byLatency;
    }
}
