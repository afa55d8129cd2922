package io.keywrap.rewrap;

import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.proof.CheckValue;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Wraps that were unwrapped and proven, so that many envelopes under one DEK take one call and not one each.
 *
 * <p>What was proven is remembered of a DEK by its check value: an envelope that somebody has forged under the id of another
 * DEK gets none of that one's wraps, and gives it none.
 *
 * <p><b>Thread safety:</b> thread-safe. Two threads may prove the same wrap, and make one each, which does no harm.
 */
final class ProvenWraps {
    /** Enough for the DEKs of some thousand keychains; a few hundred bytes each. */
    private static final int MOST = 10_000;

    private final KeyProviders providers;
    private final Map<Proof, Boolean> proven = new LeastRecent<>();
    private final Map<Place, WrappedDek> made = new LeastRecent<>();

    ProvenWraps(KeyProviders providers) {
        this.providers = providers;
    }

    /** Sees to it that a wrap unwraps to a DEK. */
    void require(WrappedDek wrap, Dek dek, EncryptionContext keyContext) {
        Proof proof = new Proof(dek.checkValue(), keyContext, wrap);
        if (!isKnown(proof)) {
            CheckValue.prove(provider(wrap.kekId()), dek, wrap, keyContext, providers.foregroundDeadline());
            know(proof);
        }
    }

    /** A wrap under a KEK, the same for all envelopes under the DEK. */
    WrappedDek make(KekId kekId, Dek dek, EncryptionContext keyContext) {
        Place place = new Place(dek.checkValue(), keyContext, kekId);
        Optional<WrappedDek> before = madeAt(place);
        if (before.isPresent()) {
            return before.get();
        }
        WrappedDek wrap = provider(kekId).wrap(dek, keyContext, providers.foregroundDeadline());
        require(wrap, dek, keyContext);
        return keep(place, wrap);
    }

    private KeyProvider provider(KekId kekId) {
        return providers.provider(kekId);
    }

    private synchronized boolean isKnown(Proof proof) {
        return proven.containsKey(proof);
    }

    private synchronized void know(Proof proof) {
        proven.put(proof, true);
    }

    private synchronized Optional<WrappedDek> madeAt(Place place) {
        return Optional.ofNullable(made.get(place));
    }

    private synchronized WrappedDek keep(Place place, WrappedDek wrap) {
        @Nullable WrappedDek faster = made.putIfAbsent(place, wrap);
        return faster == null ? wrap : faster;
    }

    private record Proof(String checkValue, EncryptionContext keyContext, WrappedDek wrap) {}

    private record Place(String checkValue, EncryptionContext keyContext, KekId kekId) {}

    /** What was used least recently goes first. */
    @SuppressWarnings("serial") // Never serialised.
    private static final class LeastRecent<K, V> extends LinkedHashMap<K, V> {
        LeastRecent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > MOST;
        }
    }
}
