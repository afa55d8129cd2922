package io.keywrap.rewrap;

import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.crypto.Jca;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.rewrap.Gate.Asked;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;

/** One plan or run of a job. */
final class RewrapJob {
    private static final int NAME_DIGITS = 32;

    private final Settings settings;
    private final Goal goal;
    private final BooleanSupplier cancelled;

    RewrapJob(Settings settings, Goal goal, BooleanSupplier cancelled) {
        this.settings = settings;
        this.goal = goal;
        this.cancelled = cancelled;
    }

    RewrapPlan plan() {
        Engine engine = new Engine(settings.withoutListener(), goal.passes(settings.filter()), "", cancelled);
        Map<KekId, Status> statuses = new HashMap<>();
        goal.renewed().forEach(kekId -> statuses.put(kekId, status(engine, kekId)));
        PlanWork work = new PlanWork(settings, goal, statuses, new Wraps(settings.providers(), engine.gate), engine);
        engine.run(work);
        if (engine.isStopped()) {
            throw new CancellationException("the plan was not made to the end");
        }
        return work.plan();
    }

    RewrapReport run() {
        Engine engine = new Engine(settings, goal.passes(settings.filter()), name(), cancelled);
        Map<KekId, Status> statuses = new HashMap<>();
        Map<KekId, KekException> silent = new HashMap<>();
        for (KekId kekId : cancelled.getAsBoolean() ? List.<KekId>of() : goal.renewed()) {
            try {
                statuses.put(kekId, status(engine, kekId));
            } catch (KekException e) {
                silent.put(kekId, e.withoutTrace());
            }
        }
        ExecutorService threads = Engine.threads(settings.concurrency(), "keywrap-rewrap");
        try {
            DekTask task = new DekTask(
                    new Wraps(settings.providers(), engine.gate),
                    settings.providers().states());
            engine.run(new MoveWork(settings, goal, new MoveWork.Versions(statuses, silent), task, engine, threads));
        } finally {
            threads.shutdown();
        }
        return new RewrapReport(
                engine.tally.outcomes(),
                engine.tally.items(),
                engine.tally.moreItems(),
                engine.tally.keychains(),
                engine.gate.calls(),
                engine.teller.elapsed(),
                engine.isStopped());
    }

    private Status status(Engine engine, KekId kekId) {
        return engine.gate.call(
                new Asked(kekId, Operation.STATUS, ""),
                deadline -> settings.providers().provider(kekId).status(deadline));
    }

    /** The same for the same job; nothing depends on it that must be right. */
    private String name() {
        String what = goal.moves() + " " + goal.renewed() + " " + goal.keyManagement() + " " + goal.dropRetained() + " "
                + settings.filter();
        byte[] digest = Jca.of(settings.providers().cryptoProvider()).sha256(what.getBytes(StandardCharsets.UTF_8));
        return "rewrap-" + HexFormat.of().formatHex(digest).substring(0, NAME_DIGITS);
    }
}
