package io.keywrap.revocation;

import io.keywrap.CallPurpose;
import io.keywrap.Deadline;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.WrappedDek;
import io.keywrap.proof.CheckValue;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.Drill.Answer;
import io.keywrap.revocation.Drill.Outcome;
import io.keywrap.revocation.Drill.Report;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.CallerRunsPolicy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One drill: wraps are unwrapped while further records are read. One thread reads. */
final class DrillRun implements AutoCloseable {
    static final int MOST_NAMED = 10;

    private static final int WAITING_FOR_EACH_THREAD = 4;

    private final KeyProviders providers;
    private final DrillScope scope;
    private final ThreadPoolExecutor threads;
    private final Map<VersionInUse, Asked> asked = new HashMap<>();
    /** Services that did not answer when they were last asked. */
    private final Set<String> silent = ConcurrentHashMap.newKeySet();

    private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
    private final List<String> incompleteKeychains = new ArrayList<>();
    private int incomplete;

    DrillRun(KeyProviders providers, DrillScope scope, int calls) {
        this.providers = providers;
        this.scope = scope;
        this.threads = new ThreadPoolExecutor(
                calls,
                calls,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(calls * WAITING_FOR_EACH_THREAD),
                DrillRun::daemon,
                new CallerRunsPolicy()); // So that reading does not run ahead of the calls.
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "keywrap-drill");
        thread.setDaemon(true);
        return thread;
    }

    /** Asks the recipients of a record whose seal holds. */
    void ask(KeychainRecord record) {
        Owner owner = Owner.of(record);
        int before = incomplete;
        for (DekEntry entry : record.deks()) {
            if (entry.state() != State.DESTROYED) {
                incomplete += scope.isIncomplete(record, entry) ? 1 : 0;
                entry.wraps().stream().filter(scope::isMeant).forEach(wrap -> ask(owner, entry, wrap.wrapped()));
            }
        }
        if (incomplete > before && incompleteKeychains.size() < MOST_NAMED) {
            incompleteKeychains.add(record.keychainId());
        }
    }

    private void ask(Owner owner, DekEntry entry, WrappedDek wrapped) {
        VersionInUse version = new VersionInUse(wrapped.kekId(), wrapped.kekVersion());
        Asked known = asked.get(version);
        if (known == null || scope.eachDek()) {
            requireNotInterrupted();
            Asked one = known == null ? new Asked() : known;
            asked.put(version, one);
            threads.execute(() -> unwrap(owner, entry, wrapped, one));
        }
    }

    private static void requireNotInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("the drill was interrupted");
        }
    }

    private void unwrap(Owner owner, DekEntry entry, WrappedDek wrapped, Asked asking) {
        try {
            KeyProvider kek = providers.provider(wrapped.kekId());
            String service = kek.place().service();
            try {
                CheckValue.unwrap(kek, entry, wrapped, owner.contextOf(entry.id()), deadline(service))
                        .close();
                silent.remove(service);
                asking.opened();
            } catch (KekException e) {
                heard(service, e);
                throw e;
            }
        } catch (KekException e) {
            asking.failed(owner.keychainId(), e);
        } catch (RuntimeException | Error e) { // Such as a class of a client that is missing: it says nothing of a KEK.
            broken.compareAndSet(null, e);
        }
    }

    /** Whoever waits for many KEKs must not wait for each as long as for one. */
    private Deadline deadline(String service) {
        return silent.contains(service) ? providers.deadline(CallPurpose.CANARY) : providers.foregroundDeadline();
    }

    private void heard(String service, KekException failure) {
        if (failure.retryable()) {
            silent.add(service);
        } else {
            silent.remove(service);
        }
    }

    /** Waits for the answers. */
    Report report(KekInventory inventory) {
        threads.shutdown();
        try {
            while (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
                requireNotInterrupted();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the drill was interrupted");
        }
        Throwable failure = broken.get();
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        List<Answer> answers = new ArrayList<>();
        asked.forEach((version, one) -> answers.add(one.answer(version)));
        answers.sort(
                Comparator.comparing((Answer answer) -> answer.kekId().uri()).thenComparing(Answer::version));
        return new Report(inventory, List.copyOf(answers), incomplete, List.copyOf(incompleteKeychains));
    }

    /** Ends what is still under way. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    static Outcome outcomeOf(KekException failure) {
        if (failure instanceof KekRevokedException || failure instanceof KekNotFoundException) {
            return Outcome.REFUSED;
        }
        if (failure instanceof InvalidWrappedDekException) {
            return Outcome.DAMAGED;
        }
        return failure.retryable() ? Outcome.NO_ANSWER : Outcome.NOT_ASKED;
    }

    /** What a version has answered so far. Thread-safe. */
    private static final class Asked {
        private final List<String> keychains = new ArrayList<>(1);
        private int asked;
        private int failed;
        private Outcome outcome = Outcome.OPENS;
        private Optional<KekException> failure = Optional.empty();

        synchronized void opened() {
            asked++;
        }

        synchronized void failed(String keychainId, KekException why) {
            asked++;
            failed++;
            if (keychains.size() < MOST_NAMED && !keychains.contains(keychainId)) {
                keychains.add(keychainId);
            }
            if (outcomeOf(why).compareTo(outcome) > 0) {
                outcome = outcomeOf(why);
                failure = Optional.of(why);
            }
        }

        synchronized Answer answer(VersionInUse version) {
            return new Answer(
                    version.kekId(), version.version(), outcome, asked, failed, failure, List.copyOf(keychains));
        }
    }
}
