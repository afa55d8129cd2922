package io.keywrap.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KeywrapException;
import io.keywrap.provider.HeardKek.Refusal;
import io.keywrap.provider.KekEvent.Operation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Ends DEKs that must not be used any more: those that are kept, and those that leases alone still have. */
final class Endings implements KekStates.Effects {
    private final CacheOptions options;
    private final Refusals refusals;
    private final ConcurrentMap<UnwrapKey, CachedDek> kept;
    private final SingleFlight calls;
    /** What the cache has let go of, for want of room or of time; as long as there are leases that ask it. */
    private final Cache<CachedDek, Boolean> leasedAlone =
            Caffeine.newBuilder().weakKeys().executor(Runnable::run).build();

    Endings(CacheOptions options, Refusals refusals, ConcurrentMap<UnwrapKey, CachedDek> kept, SingleFlight calls) {
        this.options = options;
        this.refusals = refusals;
        this.kept = kept;
        this.calls = calls;
    }

    /**
     * Wipes an entry that is not kept, or no longer. Leases that ask it go on, and are found by what ends them: those of other
     * wraps of its DEK too, of which it knows nothing.
     */
    void letGo(CachedDek entry) {
        entry.wipe();
        leasedAlone.put(entry, true);
        why(entry).ifPresent(entry::refuse); // It may have been looked for in between.
    }

    /**
     * A verdict ends what is kept and is remembered for a while; a failure that may pass, or is our own, changes nothing. To
     * wrap is refused for the version that wraps now, so that ends what is proven by wrapping, and nothing else.
     */
    void refused(Operation operation, UnwrapKey key, KekException failure) {
        if (failure.retryable() || !options.keepsDeks()) {
            return;
        }
        if (operation == Operation.UNWRAP) {
            refusals.add(key, failure);
        }
        if (Failures.endAtOnce(failure)) {
            Optional.ofNullable(kept.get(key)).ifPresent(entry -> end(entry, failure));
            if (failure instanceof KekRevokedException && operation != Operation.UNWRAP) {
                KekVersion version = KekVersion.of(key);
                endAll(entry -> isUnder(version, entry) && entry.provenBy() != Operation.UNWRAP, failure);
            }
        }
    }

    /**
     * A KEK said to whoever asked that it is withdrawn, in the version that was asked for: what serves for want of it ends. A
     * denial may be our own mistake: until it is confirmed, leases are refused by it and may go on once it is taken back.
     */
    void noStandIn(KekVersion version, KekException failure) {
        if (!Failures.isPresumed(failure)) {
            endAll(entry -> entry.isStandInFor(version), failure);
        }
    }

    /** Every DEK that a revoked version has wrapped ends, however it was proven, and nobody waits for another answer. */
    @Override
    public void withdrawn(KekVersion version, Refusal refusal) {
        refusals.add(version, refusal);
        endAll(
                entry -> entry.isStandInFor(version)
                        || (isUnder(version, entry) && entry.standing().provenAt() - refusal.at() <= 0),
                refusal.failure());
        calls.end(key -> KekVersion.of(key).equals(version), refusal.failure());
    }

    /** Nobody waits for the end of what was refused before. */
    @Override
    public void returned(KekVersion version, long sentAt) {
        refusals.forget(version, sentAt);
    }

    private static boolean isUnder(KekVersion version, CachedDek entry) {
        return KekVersion.of(entry.key()).equals(version);
    }

    private void endAll(Predicate<CachedDek> which, KekException failure) {
        all().filter(which).forEach(entry -> end(entry, failure));
    }

    /** Ends DEKs by whatever wraps, and the leases of them, and proves none of them again. */
    void forGood(Map<EncryptionContext, ? extends KeywrapException> deks) {
        refusals.ended(deks);
        // By what is given, not by what is remembered, which may have room for some of it alone.
        all().forEach(entry ->
                Optional.ofNullable(deks.get(entry.key().keyContext())).ifPresent(why -> end(entry, why)));
    }

    private Stream<CachedDek> all() {
        return Stream.of(
                        List.copyOf(kept.values()),
                        List.copyOf(leasedAlone.asMap().keySet()))
                .flatMap(List::stream);
    }

    /** A call may be sent before its KEK is refused, and answered after that. Looked for once the entry can be found. */
    Optional<KeywrapException> meanwhile(CachedDek entry) {
        Optional<KeywrapException> refusal = why(entry);
        refusal.ifPresent(why -> end(entry, why));
        return refusal;
    }

    private Optional<KeywrapException> why(CachedDek entry) {
        return refusals.ended(entry.key())
                .or(() -> refusals.since(entry.standing().provenAt(), KekVersion.of(entry.key())));
    }

    private void end(CachedDek entry, KeywrapException failure) {
        entry.refuse(failure);
        kept.remove(entry.key(), entry);
    }
}
