package io.keywrap.provider;

import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KeywrapException;
import io.keywrap.TimeSource;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What DEKs were refused with: for a while, so that it is not asked for again; for good where they were destroyed. */
final class Refusals {
    private final CacheOptions options;
    private final TimeSource time;
    private final long lastsFor;
    /** By what was refused: one wrap, or all under a version of a KEK. */
    private final Newest<Object, Refusal> lately;

    /**
     * DEKs that were destroyed, by their key contexts: whatever wraps they had, none of them gives a DEK again. Bounded, since
     * what is kept or leased was ended when they were destroyed. It is needed for calls that were under way, and for keychains
     * of this process that still have an older record: without it they could open such a DEK for as long as those of another
     * process that has not read the record again.
     */
    private final Newest<EncryptionContext, KeywrapException> ended;

    Refusals(CacheOptions options, TimeSource time) {
        this.options = options;
        this.time = time;
        Duration longestCall = Collections.max(options.budgets().values());
        this.lastsFor = longer(longer(Damping.QUIET, longestCall), longer(options.refusalsFor(), options.deadline()))
                .toNanos();
        this.lately = new Newest<>(options.entries());
        this.ended = new Newest<>(options.entries());
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    /** Repeats a refusal that is fresh. */
    Optional<KekException> fresh(Object refused) {
        return last(refused)
                .filter(refusal -> time.nanoTime() - refusal.at() < refusal.repeated())
                .map(Refusal::failure);
    }

    /** What was answered last about a wrap or version, as long as what was proven before it may be in use. */
    Optional<Refusal> last(Object refused) {
        return lately.get(refused).filter(refusal -> time.nanoTime() - refusal.at() < lastsFor);
    }

    void add(Object refused, KekException failure) {
        add(refused, new Refusal(failure, time.nanoTime(), options.refusalsFor().toNanos()), before -> true);
    }

    private void add(Object refused, Refusal refusal, Predicate<Refusal> replaced) {
        long now = time.nanoTime();
        lately.removeOldestWhile(other -> now - other.at() >= lastsFor);
        lately.put(refused, refusal, replaced);
    }

    /**
     * Remembers what a version that is revoked was refused with; for longer if it comes and goes. Where nothing is kept, that is
     * for calls under way alone: each lease asks.
     */
    void add(KekVersion revoked, HeardKek.Refusal refusal) {
        Duration repeated = refusal.damped() ? Damping.QUIET : options.refusalsFor();
        long nanos = options.keepsDeks() ? repeated.toNanos() : 0;
        // Who heard it first may come to tell it last.
        add(revoked, new Refusal(refusal.failure(), refusal.at(), nanos), before -> before.at() - refusal.at() <= 0);
    }

    /** Why a version gives no DEK whose unwrap was sent at a time: it was refused after that. */
    Optional<KekException> since(long sentAt, KekVersion version) {
        // Where each lease asks, one that was sent in the moment of the refusal was asked for in spite of it.
        long least = options.keepsDeks() ? 0 : 1;
        return last(version).filter(last -> last.at() - sentAt >= least).map(Refusal::failure);
    }

    /** A version works again, as a call has found out that was sent at a time. */
    void forget(KekVersion version, long sentAt) {
        lately.removeIf(version, refusal -> sentAt - refusal.at() > 0);
    }

    void ended(Map<EncryptionContext, ? extends KeywrapException> deks) {
        deks.forEach(ended::put);
    }

    /** Why a DEK gives no lease any more, for good. */
    Optional<KeywrapException> ended(UnwrapKey key) {
        return ended.get(key.keyContext());
    }

    void requireNotEnded(UnwrapKey key) {
        ended(key).ifPresent(why -> {
            throw why;
        });
    }

    void clear() {
        lately.clear();
    }

    /**
     * What was answered last about something that was refused.
     *
     * @param failure the answer
     * @param at when it came; what was proven before that is not proven any more
     * @param repeated how long it is repeated without asking, in nanoseconds
     */
    record Refusal(KekException failure, long at, long repeated) {}
}
