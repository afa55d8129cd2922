package io.keywrap.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KeywrapException;
import io.keywrap.TimeSource;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What KEKs were refused with: for a while, so that it is not asked for again; and until they work again, so that none is
 * stood in for whose owner has withdrawn it.
 */
final class Refusals {
    private final CacheOptions options;
    private final TimeSource time;
    /** By what was refused: one wrap, or all under a version of a KEK. */
    private final Cache<Object, Refusal> lately;
    /** The last word of versions that are revoked or not there. */
    private final Cache<KekVersion, Refusal> verdicts;

    /** Wraps of DEKs that were destroyed, so that no lease is proven by one again. */
    private final Cache<UnwrapKey, KeywrapException> ended;

    Refusals(CacheOptions options, TimeSource time) {
        this.options = options;
        this.time = time;
        this.lately = Caffeine.newBuilder()
                .maximumSize(options.entries())
                .ticker(time::nanoTime)
                .executor(Runnable::run)
                .expireAfterWrite(longer(options.refusalsFor(), options.deadline()))
                .build();
        this.ended = Caffeine.newBuilder()
                .maximumSize(options.entries())
                .executor(Runnable::run)
                .build();
        this.verdicts = Caffeine.newBuilder()
                .maximumSize(options.entries())
                .executor(Runnable::run)
                .build();
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    /** Repeats a refusal that is fresh. */
    Optional<KekException> fresh(Object refused) {
        return last(refused)
                .filter(refusal ->
                        time.nanoTime() - refusal.at() < options.refusalsFor().toNanos())
                .map(Refusal::failure);
    }

    /** What was answered last about a wrap or version, as long as what was proven before it may be in use. */
    Optional<Refusal> last(Object refused) {
        return Optional.ofNullable(lately.getIfPresent(refused));
    }

    void add(Object refused, KekException failure) {
        lately.put(refused, new Refusal(failure, time.nanoTime()));
    }

    /** Remembers an answer to an unwrap if it says that the KEK is withdrawn or not there; tells whether it does. */
    boolean judged(KekVersion version, KekException failure) {
        boolean verdict = failure instanceof KekRevokedException || failure instanceof KekNotFoundException;
        if (verdict) {
            verdicts.put(version, new Refusal(failure, time.nanoTime()));
        }
        return verdict;
    }

    /** An unwrap went well that was sent at a time: what was said before it holds no longer. */
    void worked(KekVersion version, long sentAt) {
        if (verdicts.getIfPresent(version) != null) {
            verdicts.asMap().computeIfPresent(version, (same, word) -> sentAt - word.at() > 0 ? null : word);
        }
    }

    /** Why a KEK must not be stood in for. */
    Optional<KekException> verdict(KekVersion version) {
        @Nullable Refusal word = verdicts.getIfPresent(version);
        return Optional.ofNullable(word).map(Refusal::failure);
    }

    void ended(UnwrapKey key, KeywrapException why) {
        ended.put(key, why);
    }

    void requireNotEnded(UnwrapKey key) {
        @Nullable KeywrapException why = ended.getIfPresent(key);
        if (why != null) {
            throw why;
        }
    }

    void clear() {
        lately.invalidateAll();
        verdicts.invalidateAll();
    }

    /**
     * What was answered last about something that was refused.
     *
     * @param failure the answer
     * @param at when it came; what was proven before that is not proven any more
     */
    record Refusal(KekException failure, long at) {}
}
