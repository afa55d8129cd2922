package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/** A KMS of the scheme {@code fake} that "wraps" by copying, counts its unwraps, and fails as it is told. */
public final class FakeKms implements KeyProvider.Factory {
    public static final KekId KEK = KekId.of("fake:customer");

    /** What unwraps fail with. */
    public final Map<KekId, Function<Failure, KekException>> faults = new ConcurrentHashMap<>();
    /** What wraps fail with, new DEKs included. */
    public final Map<KekId, Function<Failure, KekException>> wrapFaults = new ConcurrentHashMap<>();

    /** What passes the time until the deadline of a call that is not answered. */
    public final Map<KekId, Consumer<Deadline>> hangs = new ConcurrentHashMap<>();

    public final AtomicInteger unwraps = new AtomicInteger();
    public final AtomicInteger wraps = new AtomicInteger();
    public final Map<KekId, Integer> unwrapsOf = new ConcurrentHashMap<>();
    volatile Consumer<KekId> askedToUnwrap = kekId -> {};
    volatile Runnable duringUnwrap = () -> {};
    /** Is handed every DEK that comes to be wrapped, and every one that was unwrapped. */
    public volatile Consumer<Dek> sees = dek -> {};

    public volatile Runnable duringWrap = () -> {};
    public volatile boolean answersWithAnotherKey;
    public volatile KekId answersWithAnotherKeyFor = KEK;
    /** The version that wraps. */
    public volatile String primary = "";
    /** How much longer than the key a wrap is, as those of some KMS are. */
    public volatile int padding;

    /** A wrap that this KMS unwraps. */
    static WrappedDek wrapped(KekId kekId) {
        try (Dek dek = Dek.random(DekId.random())) {
            return WrappedDek.builder(dek.id(), kekId).kekVersion("1").build("COPY", dek.withBytes(byte[]::clone));
        }
    }

    static WrappedDek wrapped() {
        return wrapped(KEK);
    }

    @Override
    public String scheme() {
        return "fake";
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
                wraps.incrementAndGet();
                sees.accept(dek);
                duringWrap.run();
                hangIfTold(deadline);
                failIfTold(wrapFaults);
                return WrappedDek.builder(dek.id(), kekId)
                        .kekVersion(primary)
                        .build("COPY", dek.withBytes(key -> Arrays.copyOf(key, Dek.BYTES + padding)));
            }

            private void hangIfTold(Deadline deadline) {
                Consumer<Deadline> hang = hangs.get(kekId);
                if (hang != null) {
                    hang.accept(deadline);
                    throw new KekUnreachableException(Failure.of(kekId, "told to hang"));
                }
            }

            private void failIfTold(Map<KekId, Function<Failure, KekException>> told) {
                Function<Failure, KekException> fault = told.get(kekId);
                if (fault != null) {
                    throw fault.apply(Failure.of(kekId, "told to fail"));
                }
            }

            @Override
            public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
                unwraps.incrementAndGet();
                unwrapsOf.merge(kekId, 1, Integer::sum);
                askedToUnwrap.accept(kekId);
                duringUnwrap.run();
                hangIfTold(deadline);
                failIfTold(faults);
                Dek dek = answersWithAnotherKey
                                || (answersWithAnotherKeyFor != KEK && kekId.equals(answersWithAnotherKeyFor))
                        ? Dek.random(wrapped.dekId())
                        : Dek.takeOwnershipOf(wrapped.dekId(), Arrays.copyOf(wrapped.wrappedBytes(), Dek.BYTES));
                sees.accept(dek);
                return dek;
            }

            @Override
            public void close() {}
        };
    }
}
