package io.keywrap.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeywrapException;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.ProcessKey;
import io.keywrap.provider.KekEvent.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Unwrapped DEKs, kept for a while. An entry lives until its deadline, counted from the moment when the last successful
 * unwrap was sent, and nothing else lengthens that. It goes at once when its KEK is refused.
 */
final class DekCache implements AutoCloseable {
    private final CacheOptions options;
    private final TimeSource time;
    private final Function<KekId, KeyProvider> providers;
    private final CacheCounters counters;
    private final Jca jca;
    private final @Nullable ProcessKey sealedBy;
    private final Cache<UnwrapKey, CachedDek> entries;
    private final Refusals refusals;
    private final Verdicts verdicts;
    private final Endings endings;
    private final Shares shares;
    private final SingleFlight calls = new SingleFlight();
    private volatile boolean closed;

    DekCache(
            CacheOptions options,
            TimeSource time,
            Function<KekId, KeyProvider> providers,
            CacheCounters counters,
            Verdicts verdicts,
            Jca jca) {
        this.options = options;
        this.time = time;
        this.providers = providers;
        this.counters = counters;
        this.sealedBy = options.sealed() ? new ProcessKey(jca) : null;
        this.jca = jca;
        this.shares = new Shares(options.entriesPerKeychain());
        this.entries = Caffeine.newBuilder()
                .maximumSize(options.entries())
                .ticker(time::nanoTime)
                .scheduler(Scheduler.systemScheduler())
                .executor(Runnable::run)
                .expireAfter(Expiry.<UnwrapKey, CachedDek>writing(
                        (key, entry) -> Duration.ofNanos(Math.max(0, entry.timeLeft(options, time.nanoTime())))))
                .removalListener(this::removed)
                .build();
        this.refusals = new Refusals(options, time);
        this.endings = new Endings(options, refusals, entries.asMap(), calls);
        this.verdicts = verdicts;
        verdicts.tell(endings::noStandIn);
    }

    KekStates.Effects effects() {
        return endings;
    }

    /** The entry that is kept of a DEK, if it may be used now; someone uses it. */
    Optional<CachedDek> hit(UnwrapKey key, long now) {
        Optional<CachedDek> kept = kept(key, now);
        if (kept.isPresent()) {
            counters.hit();
            kept.get().used(now);
        }
        return kept;
    }

    /** The entry of a DEK that is not kept, or that others have made meanwhile: it is made by a call of the KMS. */
    CachedDek obtain(UnwrapKey key, Deadline deadline) {
        refusals.requireNotEnded(key);
        refuseAgain(key);
        refuseAgain(KekVersion.of(key));
        counters.miss();
        if (!options.keepsDeks()) {
            return unwrapped(key, deadline);
        }
        return calls.join(key, deadline, () -> kept(key).orElseGet(() -> unwrapped(key, deadline)));
    }

    private void refuseAgain(Object refused) {
        refusals.fresh(refused).ifPresent(failure -> {
            counters.refusedAgain();
            throw failure;
        });
    }

    /** Proves a DEK again: by what others have proven since, or a call of the KMS, perhaps one that is under way. */
    CachedDek provenAfter(CachedDek entry, Deadline deadline) {
        CachedDek proof = calls.join(
                entry.key(),
                deadline,
                () -> kept(entry.key())
                        .filter(other ->
                                other.standing().provenAt() - entry.standing().provenAt() > 0)
                        .orElseGet(() -> provenAgain(entry, deadline)));
        if (entry.provenBy() == Operation.UNWRAP && proof.provenBy() != Operation.UNWRAP) {
            // The call that was under way has made another DEK, for one that was made here.
            proof = provenAgain(entry, deadline);
        }
        return sameAs(entry, proof);
    }

    /** Without the right to unwrap, a KEK that still makes or wraps a DEK for us is all the proof there is. */
    private CachedDek provenAgain(CachedDek entry, Deadline deadline) {
        UnwrapKey key = entry.key();
        refusals.requireNotEnded(key);
        DekId dekId = key.wrapped().dekId();
        return switch (entry.provenBy()) {
            case GENERATE ->
                asked(Operation.GENERATE, key, deadline, (provider, sentAt) -> {
                    KeyProvider.Generated probe = provider.generate(dekId, key.keyContext(), deadline);
                    probe.dek().close();
                    return provenBy(probe.wrapped(), entry, sentAt);
                });
            case WRAP ->
                asked(Operation.WRAP, key, deadline, (provider, sentAt) -> {
                    try (Dek probe = Dek.takeOwnershipOf(dekId, jca.random(Dek.BYTES), jca.named())) {
                        return provenBy(provider.wrap(probe, key.keyContext(), deadline), entry, sentAt);
                    }
                });
            default -> {
                CachedDek again = unwrapped(key, deadline);
                leased(again);
                yield again;
            }
        };
    }

    /** What is leased may have left the cache, which then knows nothing of it, and takes what comes later for the DEK. */
    private CachedDek sameAs(CachedDek entry, CachedDek again) {
        try {
            requireSame(entry, again.checkValue());
            return again;
        } catch (InvalidWrappedDekException e) {
            again.refuse(e);
            forget(again);
            throw e;
        }
    }

    /** Each version can be withdrawn by itself, so one that wraps now says nothing of another that has wrapped the DEK. */
    private CachedDek provenBy(WrappedDek probe, CachedDek entry, long sentAt) {
        if (!probe.kekVersion().equals(entry.key().wrapped().kekVersion())) {
            throw new KekUnreachableException(Failure.of(
                            entry.key().kekId(),
                            "another version wraps by now, so a DEK cannot be proven without the right to unwrap it")
                    .operatorAction("begin the work again, with a new DEK"));
        }
        return proven(entry, sentAt);
    }

    private CachedDek proven(CachedDek entry, long sentAt) {
        entry.proven(sentAt);
        // Its time in the cache begins anew, if it is there; one that was unwrapped meanwhile is not proven by this.
        entries.asMap().computeIfPresent(entry.key(), (same, kept) -> kept);
        return entry;
    }

    /** Keeps a DEK that was made just now, by a host that may not unwrap it. */
    void keepMade(List<UnwrapKey> keys, Dek dek, long sentAt) {
        Operation madeBy = Operation.GENERATE;
        for (UnwrapKey key : keys) {
            keepMade(key, dek, madeBy, sentAt);
            madeBy = Operation.WRAP;
        }
    }

    private void keepMade(UnwrapKey key, Dek dek, Operation madeBy, long sentAt) {
        if (options.keepsDeks()) {
            CachedDek made = new CachedDek(key, dek, madeBy, sealedBy, sentAt);
            entries.put(key, made);
            count(made);
            endings.meanwhile(made);
        }
    }

    /** The entry that is kept of a DEK, if it may be used now. */
    Optional<CachedDek> kept(UnwrapKey key) {
        return kept(key, time.nanoTime());
    }

    private Optional<CachedDek> kept(UnwrapKey key, long now) {
        @Nullable CachedDek entry = entries.getIfPresent(key);
        return entry != null && entry.standing().refusal() == null && entry.timeLeft(options, now) > 0
                ? Optional.of(entry)
                : Optional.empty();
    }

    long now() {
        return time.nanoTime();
    }

    /** Whether an entry's deadline has come. */
    boolean isOver(CachedDek entry) {
        return options.keepsDeks() && entry.timeLeft(options, time.nanoTime()) <= 0;
    }

    private CachedDek unwrapped(UnwrapKey key, Deadline deadline) {
        CachedDek unwrapped = asked(Operation.UNWRAP, key, deadline, (provider, sentAt) -> {
            try (Dek dek = provider.unwrap(key.wrapped(), key.keyContext(), deadline)) {
                return keep(key, dek, sentAt);
            }
        });
        endings.meanwhile(unwrapped).ifPresent(refusal -> {
            throw refusal;
        });
        return unwrapped;
    }

    private CachedDek asked(Operation operation, UnwrapKey key, Deadline deadline, Call call) {
        if (closed) {
            throw new IllegalStateException("the providers were closed");
        }
        long sentAt = time.nanoTime();
        try {
            CachedDek proven = call.of(providers.apply(key.kekId()), sentAt);
            counters.proven(deadline.purpose());
            return proven;
        } catch (KekException e) {
            counters.failed(deadline.purpose());
            endings.refused(operation, key, e);
            throw e;
        }
    }

    private interface Call {
        CachedDek of(KeyProvider provider, long sentAt);
    }

    private CachedDek keep(UnwrapKey key, Dek dek, long sentAt) {
        if (!options.keepsDeks()) {
            return new CachedDek(key, dek, Operation.UNWRAP, sealedBy, sentAt);
        }
        CachedDek kept = entries.asMap().compute(key, (same, before) -> {
            if (before == null || before.standing().refusal() != null) {
                return new CachedDek(key, dek, Operation.UNWRAP, sealedBy, sentAt);
            }
            requireSame(before, dek.checkValue());
            before.proven(sentAt);
            return before;
        });
        count(kept);
        return kept;
    }

    private void count(CachedDek kept) {
        shares.added(kept).ifPresent(other -> {
            counters.evicted();
            entries.invalidate(other);
        });
        if (entries.getIfPresent(kept.key()) != kept) {
            shares.removed(kept); // It was evicted before it was counted.
        }
        if (closed) {
            entries.invalidateAll();
        }
    }

    /** One wrap has one DEK for ever; a KMS that now gives another one is not to be trusted. */
    private static void requireSame(CachedDek before, String checkValue) {
        if (!before.isProvenBy(checkValue)) {
            throw new InvalidWrappedDekException(Failure.of(
                            before.key().kekId(),
                            "the wrap of DEK " + before.key().wrapped().dekId() + " unwraps to another key than before")
                    .operatorAction("do not trust the KMS that gave it; report it to its operator"));
        }
    }

    /** Ends DEKs by whatever wraps, and the leases of them, and proves none of them again. */
    void endForGood(Map<EncryptionContext, ? extends KeywrapException> deks) {
        endings.forGood(deks);
    }

    /** Why a KEK must not be stood in for: the last that it has answered. */
    Optional<KekException> verdict(UnwrapKey key) {
        return verdicts.of(key);
    }

    void requireNoVerdict(UnwrapKey control) {
        verdict(control).ifPresent(verdict -> {
            throw verdict;
        });
    }

    /** Whether that was said of another version of it alone. */
    boolean isOfAnotherVersion(UnwrapKey key) {
        return verdicts.isOfAnotherVersion(key);
    }

    /** Whether an entry was proven not too long ago for work that goes on without a proof. */
    boolean mayBeInFlight(CachedDek entry) {
        return time.nanoTime() - entry.standing().provenAt()
                < options.maxInFlight().toNanos();
    }

    /** A lease has its copy of an entry: what is not kept has served its purpose. */
    void leased(CachedDek entry) {
        if (!options.keepsDeks()) {
            endings.letGo(entry);
        }
    }

    /** Lets go of an entry that turned out to be of no use. */
    void forget(CachedDek entry) {
        entries.asMap().remove(entry.key(), entry);
    }

    private void removed(@Nullable UnwrapKey key, @Nullable CachedDek entry, RemovalCause cause) {
        if (entry != null) {
            endings.letGo(entry);
            shares.removed(entry);
            counters.removed(cause);
        }
    }

    long size() {
        entries.cleanUp();
        return entries.estimatedSize();
    }

    /** Wipes everything. Leases keep their copies. */
    @Override
    public void close() {
        closed = true;
        entries.invalidateAll();
        refusals.clear();
        verdicts.clear();
    }
}
