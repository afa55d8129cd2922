package io.keywrap.rewrap;

import io.keywrap.rewrap.Checkpoint.Mark;
import io.keywrap.rewrap.Goal.Pass;
import io.keywrap.store.KeychainStore;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Goes over the keychains of a store, page by page, some at once. One thread lists. */
final class Sweep {
    private static final int PAGE = 500;

    private final KeychainStore store;
    private final List<Pass> passes;
    private final ExecutorService threads;
    private final int atOnce;
    private final Semaphore room;
    private final BooleanSupplier stopped;
    private final Runnable interrupted;
    private final Consumer<Place> finished;
    private final Deque<Open> open = new ArrayDeque<>();
    private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();

    /** Up to where all is finished. */
    record Place(int pass, String keychainId) {}

    private static final class Open {
        final Place place;
        boolean done;

        Open(Place place) {
            this.place = place;
        }
    }

    /** What is done with each keychain; again, where it lies before a mark and may have been found after it. */
    interface Visitor {
        void visit(String keychainId, int pass, boolean again);
    }

    Sweep(
            KeychainStore store,
            List<Pass> passes,
            ExecutorService threads,
            int atOnce,
            BooleanSupplier stopped,
            Runnable interrupted,
            Consumer<Place> finished) {
        this.store = store;
        this.passes = passes;
        this.threads = threads;
        this.atOnce = atOnce;
        this.room = new Semaphore(atOnce);
        this.stopped = stopped;
        this.interrupted = interrupted;
        this.finished = finished;
    }

    /** How many keychains there are in all passes, by their lists alone. */
    long count() {
        long count = 0;
        for (Pass pass : passes) {
            Optional<String> after = Optional.empty();
            List<String> page;
            do {
                page = store.list(pass.filter().leavingOutUnreadable(), after, KeychainStore.MAX_PAGE);
                count += page.size();
                after = page.isEmpty() ? after : Optional.of(page.get(page.size() - 1));
            } while (page.size() == KeychainStore.MAX_PAGE && !stopped.getAsBoolean());
        }
        return count;
    }

    /** Visits all of them, after a mark first and then those before it; returns when nothing is under way any more. */
    void run(Visitor visitor, Optional<Mark> mark) {
        try {
            list(visitor, mark.filter(one -> one.pass() < passes.size()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            interrupted.run();
        } finally {
            room.acquireUninterruptibly(atOnce);
            room.release(atOnce);
        }
        Throwable failure = broken.get();
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
    }

    private void list(Visitor visitor, Optional<Mark> from) throws InterruptedException {
        int begin = from.map(Mark::pass).orElse(0);
        for (int pass = begin; pass < passes.size(); pass++) {
            list(visitor, pass, pass == begin ? from.map(Mark::keychainId) : Optional.empty(), false);
        }
        for (int pass = 0; from.isPresent() && pass <= begin; pass++) {
            list(visitor, pass, Optional.empty(), true);
        }
    }

    private void list(Visitor visitor, int pass, Optional<String> from, boolean again) throws InterruptedException {
        Optional<String> after = from;
        List<String> page;
        do {
            page = isOver() ? List.of() : store.list(passes.get(pass).filter().leavingOutUnreadable(), after, PAGE);
            for (String keychainId : page) {
                room.acquire();
                if (isOver()) {
                    room.release();
                    return;
                }
                visit(visitor, keychainId, pass, again);
                after = Optional.of(keychainId);
            }
        } while (page.size() == PAGE);
        room.acquire(atOnce); // What this pass has done, the next one must not find undone.
        room.release(atOnce);
    }

    private boolean isOver() {
        return stopped.getAsBoolean() || broken.get() != null;
    }

    private void visit(Visitor visitor, String keychainId, int pass, boolean again) {
        Open one = new Open(new Place(pass, keychainId));
        synchronized (open) {
            open.add(one);
        }
        try {
            threads.execute(() -> visit(visitor, one, again));
        } catch (RuntimeException | Error e) { // Such as no thread left: nobody would give the room back.
            room.release();
            throw e;
        }
    }

    private void visit(Visitor visitor, Open one, boolean again) {
        try {
            visitor.visit(one.place.keychainId(), one.place.pass(), again);
            done(one);
        } catch (RuntimeException | Error e) { // Such as a class of a client that is missing: it says nothing of a KEK.
            broken.compareAndSet(null, e);
        } finally {
            room.release();
        }
    }

    private void done(Open one) {
        synchronized (open) {
            one.done = true;
            @Nullable Place last = null;
            while (!open.isEmpty() && open.peek().done) {
                last = open.remove().place;
            }
            if (last != null) {
                finished.accept(last);
            }
        }
    }
}
