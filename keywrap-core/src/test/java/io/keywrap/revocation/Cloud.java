package io.keywrap.revocation;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/** A KMS of one service that "wraps" by copying, keeps a log of when it was asked to unwrap, and fails as it is told. */
final class Cloud implements KeyProvider.Factory {
    private final String scheme;
    private final ManualTime time;
    /** Of every unwrap, in nanoseconds. */
    final List<Long> log = new ArrayList<>();

    final Map<KekId, AtomicInteger> unwraps = new ConcurrentHashMap<>();
    /** Which DEKs it has given. */
    final Set<DekId> given = ConcurrentHashMap.newKeySet();

    /** Whose wraps it does not take. */
    final Set<DekId> damaged = ConcurrentHashMap.newKeySet();

    final AtomicInteger others = new AtomicInteger();
    final Map<KekId, Function<Failure, KekException>> faults = new ConcurrentHashMap<>();
    final Map<KekId, Instant> expiries = new ConcurrentHashMap<>();
    final Map<KekId, Function<Failure, KekException>> statusFaults = new ConcurrentHashMap<>();
    /** How often it was asked about a KEK. */
    final AtomicInteger statuses = new AtomicInteger();

    /** Runs while a call is under way, when what it is answered with is decided. */
    volatile Consumer<KekId> during = kekId -> {};

    /** Is given every DEK that it gives. */
    volatile Consumer<Dek> handedOut = dek -> {};

    volatile boolean dark;
    /** Whether it gives other keys than it was given. */
    volatile boolean flip;

    volatile String version = "1";

    /** Who owns a KEK. */
    volatile Function<KekId, String> owner = KekId::uri;

    Cloud(String scheme, ManualTime time) {
        this.scheme = scheme;
        this.time = time;
    }

    KekId kek(String name) {
        return KekId.of(scheme + ":" + name);
    }

    void disable(KekId kekId) {
        faults.put(kekId, failure -> new KekRevokedException(failure, Reason.DISABLED));
    }

    void deny(KekId kekId) {
        faults.put(kekId, failure -> new KekRevokedException(failure, Reason.DENIED));
    }

    void enable(KekId kekId) {
        faults.remove(kekId);
    }

    int unwraps(KekId kekId) {
        return unwraps.getOrDefault(kekId, new AtomicInteger()).get();
    }

    synchronized int calls() {
        return log.size();
    }

    synchronized void clear() {
        log.clear();
    }

    /** The most calls within any second. */
    synchronized int peak() {
        int most = 0;
        int from = 0;
        for (int to = 0; to < log.size(); to++) {
            while (log.get(to) - log.get(from) >= 1_000_000_000L) {
                from++;
            }
            most = Math.max(most, to - from + 1);
        }
        return most;
    }

    private void answer(KekId kekId) {
        synchronized (this) {
            log.add(time.nanoTime());
        }
        unwraps.computeIfAbsent(kekId, id -> new AtomicInteger()).incrementAndGet();
        if (dark) {
            throw new KekUnreachableException(Failure.of(kekId, "no answer"));
        }
        Function<Failure, KekException> fault = faults.get(kekId);
        during.accept(kekId);
        if (fault != null) {
            throw fault.apply(Failure.of(kekId, "told to fail"));
        }
    }

    @Override
    public String scheme() {
        return scheme;
    }

    @Override
    public KeyProvider create(KekId kekId) {
        return new KeyProvider() {
            @Override
            public KekId kekId() {
                return kekId;
            }

            @Override
            public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
                others.incrementAndGet();
                return WrappedDek.builder(dek.id(), kekId)
                        .kekVersion(version)
                        .build("COPY", dek.withBytes(byte[]::clone));
            }

            @Override
            public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
                answer(kekId);
                if (damaged.contains(wrapped.dekId())) {
                    throw new InvalidWrappedDekException(Failure.of(kekId, "no wrap of mine"));
                }
                given.add(wrapped.dekId());
                byte[] key = wrapped.wrappedBytes();
                key[0] ^= (byte) (flip ? 1 : 0);
                Dek dek = Dek.takeOwnershipOf(wrapped.dekId(), key);
                handedOut.accept(dek);
                return dek;
            }

            @Override
            public Place place() {
                return new Place(scheme, owner.apply(kekId));
            }

            @Override
            public Status status(Deadline deadline) {
                statuses.incrementAndGet();
                Function<Failure, KekException> fault = statusFaults.get(kekId);
                if (fault != null) {
                    throw fault.apply(Failure.of(kekId, "told to fail"));
                }
                return Optional.ofNullable(expiries.get(kekId))
                        .map(Status.unknown()::withExpires)
                        .orElse(Status.unknown());
            }

            @Override
            public void close() {}
        };
    }
}
