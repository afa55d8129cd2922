package io.keywrap.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.TimeSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The last word of KEKs that are revoked or not there, until they work again: none is stood in for whose owner has withdrawn
 * it. It hears every unwrap, whoever asks for it.
 */
final class Verdicts {
    private final TimeSource time;
    /** By all that a word may speak of. */
    private final Cache<Object, Verdict> words;

    private volatile Listener listener = (version, failure) -> {};

    Verdicts(CacheOptions options, TimeSource time) {
        this.time = time;
        this.words = Caffeine.newBuilder()
                .maximumSize(3L * options.entries()) // One for each scope.
                .executor(Runnable::run)
                .build();
    }

    /** Is told of every verdict. */
    interface Listener {
        void withdrawn(KekVersion version, KekException failure);
    }

    void tell(Listener whoKeepsDeks) {
        listener = whoKeepsDeks;
    }

    /** Remembers why an unwrap failed if that says that the KEK is withdrawn or not there. */
    void failed(UnwrapKey key, KekException failure) {
        if (failure instanceof KekRevokedException || failure instanceof KekNotFoundException) {
            Verdict verdict = new Verdict(failure, time.nanoTime());
            scopes(key).forEach(scope -> words.put(scope, verdict));
            listener.withdrawn(KekVersion.of(key), failure);
        }
    }

    /** An unwrap went well that was sent at a time: what was said before it holds no longer. */
    void worked(UnwrapKey key, long sentAt) {
        if (words.asMap().isEmpty()) {
            return;
        }
        for (Object scope : scopes(key)) {
            words.asMap().computeIfPresent(scope, (same, word) -> sentAt - word.at() > 0 ? null : word);
        }
    }

    /** Why a KEK must not be stood in for. */
    Optional<KekException> of(UnwrapKey key) {
        if (words.asMap().isEmpty()) {
            return Optional.empty();
        }
        return scopes(key).stream()
                .map(words::getIfPresent)
                .filter(Objects::nonNull)
                .map(Verdict::failure)
                .findFirst();
    }

    /** Whether all that is known is what was said of another version, which may have been withdrawn by itself. */
    boolean isOfAnotherVersion(UnwrapKey key) {
        List<Object> said = words.asMap().isEmpty()
                ? List.of()
                : scopes(key).stream()
                        .filter(scope -> words.getIfPresent(scope) != null)
                        .toList();
        return said.equals(List.of(key.kekId()));
    }

    /**
     * What an answer may speak of: its version for one keychain, since an owner may deny a key context and allow others;
     * its version, which can be withdrawn by itself; and the whole KEK, until any version of it works.
     */
    private static List<Object> scopes(UnwrapKey key) {
        KekVersion version = KekVersion.of(key);
        KekId whole = key.kekId();
        return List.of(new OfKeychain(version, key.owner()), version, whole);
    }

    private record OfKeychain(KekVersion version, String owner) {}

    void clear() {
        words.invalidateAll();
    }

    private record Verdict(KekException failure, long at) {}
}
