package io.keywrap.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KeywrapException;
import io.keywrap.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What KEKs were refused with: for a while, so that it is not asked for again; and until they work again, so that none is
 * stood in for whose owner has withdrawn it.
 */
final class Refusals {
    private final CacheOptions options;
    private final TimeSource time;
    /** By what was refused: one wrap, or all under a version of a KEK. */
    private final Cache<Object, Refusal> lately;
    /** The last word of KEKs that are revoked or not there, by all that it may speak of. */
    private final Cache<Object, Refusal> verdicts;

    /** DEKs that were destroyed, by their key contexts: whatever wraps they had, none of them gives a DEK again. */
    private final Cache<EncryptionContext, KeywrapException> ended;

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
                .maximumSize(3L * options.entries()) // One for each scope.
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
    boolean judged(UnwrapKey key, KekException failure) {
        boolean verdict = failure instanceof KekRevokedException || failure instanceof KekNotFoundException;
        if (verdict) {
            Refusal word = new Refusal(failure, time.nanoTime());
            scopes(key).forEach(scope -> verdicts.put(scope, word));
        }
        return verdict;
    }

    /** An unwrap went well that was sent at a time: what was said before it holds no longer. */
    void worked(UnwrapKey key, long sentAt) {
        for (Object scope : scopes(key)) {
            if (verdicts.getIfPresent(scope) != null) {
                verdicts.asMap().computeIfPresent(scope, (same, word) -> sentAt - word.at() > 0 ? null : word);
            }
        }
    }

    /** Why a KEK must not be stood in for. */
    Optional<KekException> verdict(UnwrapKey key) {
        if (verdicts.asMap().isEmpty()) {
            return Optional.empty();
        }
        return scopes(key).stream()
                .map(verdicts::getIfPresent)
                .filter(Objects::nonNull)
                .map(Refusal::failure)
                .findFirst();
    }

    /** Whether all that is known is what was said of another version, which may have been withdrawn by itself. */
    boolean isOfAnotherVersion(UnwrapKey key) {
        List<Object> said = verdicts.asMap().isEmpty()
                ? List.of()
                : scopes(key).stream()
                        .filter(scope -> verdicts.getIfPresent(scope) != null)
                        .toList();
        return said.equals(List.of(key.kekId()));
    }

    /**
     * What an answer may speak of: its version for one keychain, since an owner may deny a key context and allow others;
     * its version, which can be withdrawn by itself; and the whole KEK, until any version of it works.
     */
    private static List<Object> scopes(UnwrapKey key) {
        KekVersion version = KekVersion.of(key);
        return List.of(new OfKeychain(version, key.owner()), version, key.kekId());
    }

    private record OfKeychain(KekVersion version, String owner) {}

    void ended(Map<EncryptionContext, ? extends KeywrapException> deks) {
        ended.putAll(deks);
    }

    /** Why a DEK gives no lease any more, for good. */
    Optional<KeywrapException> ended(UnwrapKey key) {
        return Optional.ofNullable(ended.getIfPresent(key.keyContext()));
    }

    void requireNotEnded(UnwrapKey key) {
        ended(key).ifPresent(why -> {
            throw why;
        });
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
