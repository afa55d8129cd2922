package io.keywrap.rewrap;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TimeSource;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.rewrap.DekWork.Make;
import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves the DEKs of keychains: makes wraps and proves them, many at once, and commits them. */
final class MoveWork implements Engine.Work {
    /** DEKs that one compare-and-set is for. */
    static final int BATCH = 1_000;

    private static final int ATTEMPTS = 8;

    /**
     * The current versions of KEKs to be renewed.
     *
     * @param told what they tell
     * @param silent why others did not
     */
    record Versions(Map<KekId, Status> told, Map<KekId, KekException> silent) {}

    private static final Logger LOG = LoggerFactory.getLogger(MoveWork.class);

    private final Goal goal;
    private final Versions versions;
    private final DekTask task;
    private final Engine engine;
    private final ExecutorService threads;
    private final TimeSource time;
    private final AtomicBoolean broken = new AtomicBoolean();

    MoveWork(Settings settings, Goal goal, Versions versions, DekTask task, Engine engine, ExecutorService threads) {
        this.goal = goal;
        this.versions = versions;
        this.task = task;
        this.engine = engine;
        this.threads = threads;
        this.time = settings.time();
    }

    private Needs needs(KeychainRecord record) {
        return new Needs(goal, versions.told(), record, time.now());
    }

    @Override
    public boolean isPerhapsNeeded(KeychainRecord unchecked) {
        return !needs(unchecked).all().isEmpty();
    }

    @Override
    public void work(KeychainRecord first, Records records) {
        List<Item> obstacles = Obstacles.of(goal, first, needs(first));
        obstacles.forEach(engine.tally::add);
        if (Obstacles.areOfAll(obstacles)) {
            return;
        }
        KeychainRecord record = first;
        Set<DekId> looked = new HashSet<>();
        Owner owner = Owner.of(first);
        for (List<DekWork> batch = batch(record, looked); !batch.isEmpty(); batch = batch(record, looked)) {
            record = new Commit(records, batch(owner, batch)).from(record);
        }
        obstacles.forEach(item -> item.dekId().ifPresent(looked::add));
        long already = 0;
        for (DekEntry entry : Needs.live(record)) {
            if (!looked.contains(entry.id())) {
                Optional<KekException> why = silent(entry);
                why.ifPresent(e -> engine.tally.add(
                        Item.of(first.keychainId(), Optional.of(entry.id()), Outcome.FAILED_OLD_KEK, e)));
                already += why.isPresent() ? 0 : 1;
            }
        }
        engine.tally.add(Outcome.ALREADY, already);
    }

    /** Why it is not known whether a DEK is under an old version. */
    private Optional<KekException> silent(DekEntry entry) {
        return Needs.held(entry)
                .flatMap(wrap ->
                        Optional.ofNullable(versions.silent().get(wrap.wrapped().kekId())).stream())
                .findFirst();
    }

    private List<DekWork> batch(KeychainRecord record, Set<DekId> looked) {
        return needs(record).all().stream()
                .filter(work -> !looked.contains(work.entry().id()))
                .limit(BATCH)
                .peek(work -> looked.add(work.entry().id()))
                .toList();
    }

    private List<DekDone> batch(Owner owner, List<DekWork> batch) {
        Queue<Future<DekDone>> futures = new ArrayDeque<>();
        List<DekDone> all = new ArrayList<>();
        try {
            for (DekWork work : batch) {
                EncryptionContext context = owner.contextOf(work.entry().id());
                futures.add(threads.submit(() -> one(work, context)));
            }
            while (!futures.isEmpty()) {
                all.add(result(futures.remove()));
            }
            return all;
        } catch (RuntimeException | Error e) { // Ends the run, and nothing of it may go on behind its back.
            broken.set(true);
            futures.forEach(MoveWork::awaitEnd);
            throw e;
        }
    }

    private static void awaitEnd(Future<DekDone> future) {
        try {
            result(future);
        } catch (RuntimeException | Error e) {
            LOG.debug("another DEK has failed in the same way", e);
        }
    }

    private DekDone one(DekWork work, EncryptionContext context) {
        if (broken.get() || engine.isStopped()) {
            DekDone none = new DekDone(work);
            none.failed(Outcome.CANCELLED, null);
            return none;
        }
        DekDone done = task.run(work, context);
        engine.teller.perhaps();
        return done;
    }

    /** What is no failure of a KEK ends the run. */
    private static DekDone result(Future<DekDone> future) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true; // What was begun is finished.
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof Error error) {
                        throw error;
                    }
                    throw e.getCause() instanceof RuntimeException unchecked
                            ? unchecked
                            : new IllegalStateException(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** One compare-and-set, and again where the record has changed meanwhile. */
    private final class Commit {
        private final Records records;
        private final List<DekDone> all;
        /** Of a change that may have been written although the store gave no answer. */
        private final Set<DekId> perhapsChanged = new HashSet<>();

        Commit(Records records, List<DekDone> all) {
            this.records = records;
            this.all = all;
        }

        /** The newest record that is known then. */
        KeychainRecord from(KeychainRecord first) {
            KeychainRecord current = first;
            Optional<StoreUnavailableException> unavailable = Optional.empty();
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                try {
                    current = attempt == 0 ? current : again(current, attempt);
                    Merge merge = new Merge(goal, current, all, time.now());
                    KeychainRecord next = merge.changes() ? written(merge, current) : current;
                    tell(merge, current, next);
                    return next;
                } catch (KeychainConflictException e) {
                    unavailable = Optional.empty();
                } catch (StoreUnavailableException e) { // It may be written all the same; the next look tells.
                    unavailable = Optional.of(e);
                } catch (KeychainNotFoundException e) {
                    return current; // Nothing is left to be moved.
                } catch (KeychainSealBrokenException e) {
                    return failed(current, Outcome.SEAL_BROKEN, String.valueOf(e.getMessage()));
                } catch (IllegalArgumentException e) {
                    return failed(current, Outcome.NO_ROOM, String.valueOf(e.getMessage()));
                } catch (KekException e) {
                    all.forEach(one -> engine.tally.add(
                            Item.of(first.keychainId(), Optional.of(one.dekId()), Outcome.FAILED_SEAL_KEK, e)));
                    return current;
                }
            }
            return failed(
                    current,
                    unavailable.isPresent() ? Outcome.STORE : Outcome.CONFLICT,
                    unavailable
                            .map(e -> String.valueOf(e.getMessage()))
                            .orElse("other processes were always faster; run the job again"));
        }

        private KeychainRecord written(Merge merge, KeychainRecord current) {
            try {
                return records.sealed().replace(current, merge::fill);
            } catch (StoreUnavailableException e) {
                all.stream().map(DekDone::dekId).filter(merge::isChanged).forEach(perhapsChanged::add);
                throw e;
            }
        }

        private KeychainRecord again(KeychainRecord current, int attempt) {
            long most = 50L << Math.min(attempt, 5);
            Gate.sleep(time, Duration.ofMillis(ThreadLocalRandom.current().nextLong(most)));
            return records.load(current.keychainId());
        }

        private KeychainRecord failed(KeychainRecord current, Outcome outcome, String message) {
            all.forEach(one -> {
                if (one.outcome() == null) {
                    engine.tally.add(
                            Item.of(current.keychainId(), outcome, message).with(one.dekId()));
                } else {
                    tellFailure(current.keychainId(), one);
                }
            });
            return current;
        }

        private void tell(Merge merge, KeychainRecord before, KeychainRecord after) {
            Map<DekId, DekWork> left = new HashMap<>();
            new Needs(goal, versions.told(), after, merge.now())
                    .all()
                    .forEach(work -> left.put(work.entry().id(), work));
            String keychainId = before.keychainId();
            for (DekDone one : all) {
                if (one.outcome() != null) {
                    tellFailure(keychainId, one);
                } else if (merge.hasNoRoom(one.dekId())) {
                    engine.tally.add(Item.of(keychainId, Outcome.NO_ROOM, Obstacles.NO_ROOM)
                            .with(one.dekId()));
                } else if (left.containsKey(one.dekId())) {
                    engine.tally.add(left(merge, one, left.get(one.dekId()), keychainId));
                } else if (merge.isChanged(one.dekId()) || perhapsChanged.contains(one.dekId())) {
                    boolean made = !one.moved.isEmpty() || !one.renewed.isEmpty();
                    engine.tally.add(made ? Outcome.MOVED : Outcome.DROPPED, 1);
                } else {
                    engine.tally.add(Outcome.ALREADY, 1);
                }
            }
        }

        /** Why a DEK still needs something of which nothing has failed. */
        private Item left(Merge merge, DekDone one, DekWork left, String keychainId) {
            Optional<KekId> closed = left.makes().stream()
                    .map(Make::move)
                    .filter(merge::isRefused)
                    .map(Move::from)
                    .findFirst();
            if (closed.isPresent()) {
                return Item.of(keychainId, Outcome.FAILED_OLD_KEK, Obstacles.closed(closed.get()))
                        .with(one.dekId());
            }
            boolean renewed = left.makes().isEmpty() && one.renewed.values().containsAll(left.renews());
            return Item.of(
                            keychainId,
                            Outcome.CONFLICT,
                            renewed && !left.renews().isEmpty()
                                    ? Obstacles.OTHER_VERSION
                                    : "the keychain was changed meanwhile; run the job again")
                    .with(one.dekId());
        }

        private void tellFailure(String keychainId, DekDone one) {
            Outcome outcome = Objects.requireNonNull(one.outcome());
            KekException failure = one.failure();
            engine.tally.add(
                    failure == null
                            ? Item.of(keychainId, outcome, "the job ended before; run it again")
                                    .with(one.dekId())
                            : Item.of(keychainId, Optional.of(one.dekId()), outcome, failure));
        }
    }
}
