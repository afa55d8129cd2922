package io.keywrap.provider;

import io.keywrap.DekLease;
import io.keywrap.KeywrapException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a lease asks at every use, and how it ends: at once when its KEK is revoked, or when it has finished, as the policy for
 * work in flight says. What is refused stays refused for this lease.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
final class LeaseWatch implements DekLease.Watch {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseWatch.class);

    private final DekCache cache;
    private final List<CachedDek> entries;
    private final @Nullable CachedDek standIn;
    private final Runnable check;
    private final List<Runnable> told = new ArrayList<>(1);
    private boolean over;
    private volatile boolean endsWithKek;
    private volatile @Nullable KeywrapException refusal;

    /**
     * Watches over one lease.
     *
     * @param entries what it is of; the last one may stand in for others, and then cannot end it by itself
     * @param check throws if one of them has ended
     */
    LeaseWatch(DekCache cache, List<CachedDek> entries, boolean lastStandsIn, Runnable check, InFlight policy) {
        this.cache = cache;
        this.entries = List.copyOf(entries);
        this.standIn = lastStandsIn ? entries.get(entries.size() - 1) : null;
        this.check = check;
        this.endsWithKek = policy == InFlight.ABORT;
    }

    @Override
    public void ensureUsable() {
        @Nullable KeywrapException known = refusal;
        if (known == null) {
            try {
                check.run();
                return;
            } catch (KeywrapException e) {
                if (!isForGood(e)) {
                    requireToGoOn(e);
                    return;
                }
                refusal = e;
                known = e;
            }
        }
        requireToFinish(known);
    }

    /** What a KEK has said to others may be taken back, while nothing of this lease was refused, as may what is no verdict. */
    private boolean isForGood(KeywrapException failure) {
        return !Failures.mayPass(failure)
                && (!Failures.isPresumed(failure)
                        || entries.stream().anyMatch(entry -> entry.standing().refusal() != null));
    }

    private void requireToGoOn(KeywrapException failure) {
        if (endsWithKek || !Failures.isWithdrawal(failure) || !entries.stream().allMatch(cache::mayBeInFlight)) {
            throw failure;
        }
    }

    private void requireToFinish(KeywrapException known) {
        if (!endsWithKek && Failures.isWithdrawal(known)) {
            Optional<KeywrapException> more = beyondFinishing();
            if (more.isEmpty() && entries.stream().allMatch(cache::mayBeInFlight)) {
                return;
            }
            end(more.orElse(known));
        }
        end(known);
    }

    private void end(KeywrapException why) {
        refusal = why;
        endsWithKek = true;
        tellAll();
        throw why;
    }

    /** What ends also what may finish. */
    private Optional<KeywrapException> beyondFinishing() {
        return entries.stream()
                .flatMap(entry -> Optional.ofNullable(entry.standing().refusal()).stream())
                .filter(why -> !Failures.isWithdrawal(why))
                .findFirst();
    }

    @Override
    public void endWithKek() {
        endsWithKek = true;
        entries.forEach(this::lookAt);
    }

    /** Is heard by any thread, perhaps with many others: so nobody is told on it. */
    void refused(CachedDek entry, KeywrapException why) {
        if (entry.equals(standIn)) {
            Tellers.ASKING.execute(this::lookAgain);
        } else if (endsWithKek || !Failures.isWithdrawal(why)) {
            refusal = why;
            tellAll();
        }
    }

    private void lookAgain() {
        try {
            ensureUsable();
        } catch (KeywrapException e) {
            LOG.debug("a lease has ended, or will", e);
        }
    }

    @Override
    public Runnable onEnd(Runnable action) {
        boolean first;
        boolean now;
        synchronized (this) {
            now = over;
            first = !now && told.isEmpty();
            if (!now) {
                told.add(action);
            }
        }
        if (now) {
            Tellers.SHARED.execute(action);
        } else if (first) {
            entries.forEach(entry -> entry.watchedBy(this));
            entries.forEach(this::lookAt); // It may have been refused just before that.
        }
        return () -> forget(action);
    }

    private void lookAt(CachedDek entry) {
        Optional.ofNullable(entry.standing().refusal()).ifPresent(why -> refused(entry, why));
    }

    private void forget(Runnable action) {
        boolean none;
        synchronized (this) {
            none = told.remove(action) && told.isEmpty();
        }
        if (none) {
            entries.forEach(entry -> entry.forgetWatch(this));
        }
    }

    private void tellAll() {
        List<Runnable> all;
        synchronized (this) {
            over = true;
            all = List.copyOf(told);
            told.clear();
        }
        if (!all.isEmpty()) {
            entries.forEach(entry -> entry.forgetWatch(this));
            all.forEach(Tellers.SHARED::execute);
        }
    }
}
