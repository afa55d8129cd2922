package io.keywrap.provider;

import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.TimeSource;
import java.util.List;
import java.util.Optional;

/**
 * The last word of KEKs that are revoked or not there, until they work again: none is stood in for whose owner has withdrawn
 * it. It hears every unwrap, whoever asks for it.
 */
final class Verdicts {
    private final TimeSource time;
    /** Of versions and whole KEKs, which one owner's many keychains must not push out. */
    private final Newest<Object, Verdict> ofKeks;

    private final Newest<Object, Verdict> ofKeychains;

    private volatile Listener listener = (version, failure) -> {};

    Verdicts(CacheOptions options, TimeSource time) {
        this.time = time;
        this.ofKeks = new Newest<>(2L * options.entries()); // A version, and its KEK.
        this.ofKeychains = new Newest<>(options.entries());
    }

    private Newest<Object, Verdict> words(Object scope) {
        return scope instanceof OfKeychain ? ofKeychains : ofKeks;
    }

    private boolean isEmpty() {
        return ofKeks.isEmpty() && ofKeychains.isEmpty();
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
            scopes(key).forEach(scope -> words(scope).put(scope, verdict));
            listener.withdrawn(KekVersion.of(key), failure);
        }
    }

    /** An unwrap went well that was sent at a time: what was said before it holds no longer. */
    void worked(UnwrapKey key, long sentAt) {
        if (isEmpty()) {
            return;
        }
        for (Object scope : scopes(key)) {
            words(scope).removeIf(scope, word -> sentAt - word.at() > 0);
        }
    }

    /** Why a KEK must not be stood in for. */
    Optional<KekException> of(UnwrapKey key) {
        if (isEmpty()) {
            return Optional.empty();
        }
        return scopes(key).stream()
                .flatMap(scope -> words(scope).get(scope).stream())
                .map(Verdict::failure)
                .findFirst();
    }

    /** Whether all that is known is what was said of another version, which may have been withdrawn by itself. */
    boolean isOfAnotherVersion(UnwrapKey key) {
        List<Object> said = isEmpty()
                ? List.of()
                : scopes(key).stream()
                        .filter(scope -> words(scope).get(scope).isPresent())
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
        ofKeks.clear();
        ofKeychains.clear();
    }

    private record Verdict(KekException failure, long at) {}
}
