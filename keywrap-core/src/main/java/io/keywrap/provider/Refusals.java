package io.keywrap.provider;

import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KeywrapException;
import io.keywrap.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

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
        this.lastsFor = longer(Damping.QUIET, longer(options.refusalsFor(), options.deadline()))
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
        add(refused, new Refusal(failure, time.nanoTime(), options.refusalsFor().toNanos()));
    }

    private void add(Object refused, Refusal refusal) {
        long now = time.nanoTime();
        lately.removeOldestWhile(other -> now - other.at() >= lastsFor);
        lately.put(refused, refusal);
    }

    /** Remembers what a version that is revoked was refused with; for longer if it comes and goes. */
    void add(KekVersion revoked, HeardKek.Refusal refusal) {
        Duration repeated = refusal.damped() ? Damping.QUIET : options.refusalsFor();
        add(revoked, new Refusal(refusal.failure(), refusal.at(), repeated.toNanos()));
    }

    /** A version works again. */
    void forget(KekVersion version) {
        lately.removeIf(version, refusal -> true);
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
