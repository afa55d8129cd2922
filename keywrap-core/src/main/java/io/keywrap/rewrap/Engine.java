package io.keywrap.rewrap;

import io.keywrap.KekException;
import io.keywrap.KeychainException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.rewrap.Checkpoint.Mark;
import io.keywrap.rewrap.Goal.Pass;
import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.KeychainRecord;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * Runs a job over the keychains of a store: lists them, reads and checks their records, has the job work on them, some at once, and
 * collects what comes of it. What the work on one keychain consists of is the job's.
 */
final class Engine {
    private final Settings settings;
    private final List<Pass> passes;
    private final BooleanSupplier cancelled;
    private volatile boolean interrupted;
    private volatile Optional<Sweep.Place> last = Optional.empty();
    private final Checkpoint checkpoint;
    private final boolean leavesMarks;
    final Gate gate;
    final Tally tally = new Tally();
    final Teller teller;

    /** What a job does with one keychain. */
    interface Work {
        /** Whether a record is worth to be checked and worked on; must believe none of it. */
        boolean isPerhapsNeeded(KeychainRecord unchecked);

        /** Is told, once of each keychain, that its seal was checked; whether or not there is work on it. */
        default void checked() {}

        /** Works on a record whose seal holds. */
        void work(KeychainRecord record, Records records);
    }

    /** A job that leaves notes under a name of how far it is, or none under the empty name. */
    Engine(Settings settings, List<Pass> passes, String name, BooleanSupplier cancelled) {
        this.settings = settings;
        this.passes = passes;
        this.cancelled = cancelled;
        this.leavesMarks = !name.isEmpty();
        this.checkpoint = new Checkpoint(settings.store(), leavesMarks ? name : "none", settings.time());
        this.gate = new Gate(settings.providers(), settings.rate(), settings.concurrency());
        this.teller = new Teller(settings.time(), tally, settings.listener());
    }

    /** Whether nothing more is to be begun. */
    boolean isStopped() {
        return interrupted || cancelled.getAsBoolean();
    }

    /** Goes over all of them, and returns when nothing is under way any more. What fails is told by the tally. */
    void run(Work work) {
        ExecutorService threads = threads(settings.concurrency(), "keywrap-rewrap-keychain");
        try {
            Sweep sweep = new Sweep(
                    settings.store(),
                    passes,
                    threads,
                    settings.concurrency(),
                    this::isStopped,
                    () -> interrupted = true,
                    this::note);
            if (settings.listener().isPresent()) {
                teller.total(sweep.count());
            }
            Optional<Mark> mark = settings.resume() && leavesMarks ? checkpoint.read() : Optional.empty();
            mark.ifPresent(one -> teller.before(one.keychains(), one.deks()));
            sweep.run((keychainId, pass, again) -> visit(keychainId, pass, again, work), mark);
            settings.store()
                    .unreadable()
                    .forEach(place -> tally.add(Item.of(place.place(), Outcome.SEAL_BROKEN, place.reason())));
            if (leavesMarks && !isStopped()) {
                checkpoint.clear();
                last = Optional.empty();
            }
        } catch (StoreUnavailableException e) {
            tally.add(Item.of("", Outcome.STORE, String.valueOf(e.getMessage())));
        } finally {
            threads.shutdown();
            last.ifPresent(place -> checkpoint.write(mark(place)));
            teller.atTheEnd();
        }
    }

    static ExecutorService threads(int count, String name) {
        return Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    private void note(Sweep.Place place) {
        if (leavesMarks) {
            last = Optional.of(place);
            checkpoint.perhaps(mark(place));
        }
    }

    private Mark mark(Sweep.Place place) {
        RewrapProgress progress = teller.progress();
        return new Mark(place.pass(), place.keychainId(), progress.keychainsDone(), progress.deksDone());
    }

    private void visit(String keychainId, int pass, boolean again, Work work) {
        if (tally.hasFailed(keychainId)) {
            return; // It is found in another pass too.
        }
        try {
            if (passes.get(pass).perhaps() && !isNeeded(keychainId, pass, again, work)) {
                return;
            }
            Records records = new Records(settings, gate);
            KeychainRecord record = records.load(keychainId);
            if (!isCheckedEarlier(record, pass, work)) {
                work.checked();
            }
            boolean known = (again || isOfEarlier(record, pass)) && (!leavesMarks || !work.isPerhapsNeeded(record));
            if (settings.filter().matches(record) && !known) {
                tally.looked(Needs.live(record).size());
                work.work(record, records);
            }
        } catch (KeychainNotFoundException e) {
            return; // It was deleted meanwhile.
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
            tally.add(Item.of(keychainId, Outcome.SEAL_BROKEN, String.valueOf(e.getMessage())));
        } catch (KeychainException e) {
            tally.add(Item.of(keychainId, Outcome.STORE, String.valueOf(e.getMessage())));
        } catch (KekException e) {
            tally.add(Item.of(keychainId, Optional.empty(), Outcome.FAILED_SEAL_KEK, e));
        }
        teller.perhaps();
    }

    /** Looks before the seal is checked. What needs nothing is told once, by the first pass that finds it. */
    private boolean isNeeded(String keychainId, int pass, boolean again, Work work) {
        Optional<KeychainRecord> unchecked = settings.store().load(keychainId);
        if (unchecked.filter(work::isPerhapsNeeded).isPresent()) {
            return true;
        }
        unchecked.filter(record -> !again && !isOfEarlier(record, pass)).ifPresent(record -> {
            tally.looked(Needs.live(record).size());
            tally.add(Outcome.ALREADY, Needs.live(record).size());
        });
        return false;
    }

    /** Whether another pass has read it too, and not left it at a look. */
    private boolean isCheckedEarlier(KeychainRecord record, int pass, Work work) {
        return passes.subList(0, pass).stream()
                .filter(one -> one.filter().matches(record))
                .anyMatch(one -> !one.perhaps() || work.isPerhapsNeeded(record));
    }

    /** Nothing changes in a dry run, so what an earlier pass has found is found again; of a run that is what needs nothing now. */
    private boolean isOfEarlier(KeychainRecord record, int pass) {
        return passes.subList(0, pass).stream().anyMatch(one -> one.filter().matches(record));
    }
}
