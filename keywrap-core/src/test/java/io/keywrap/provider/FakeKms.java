package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A KMS of the scheme {@code fake} that "wraps" by copying, counts its unwraps, and fails as it is told. */
final class FakeKms implements KeyProvider.Factory {
    static final KekId KEK = KekId.of("fake:customer");

    final Map<KekId, Function<Failure, KekException>> faults = new ConcurrentHashMap<>();
    final AtomicInteger unwraps = new AtomicInteger();
    volatile Runnable duringUnwrap = () -> {};
    volatile boolean answersWithAnotherKey;

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
                return WrappedDek.builder(dek.id(), kekId).build("COPY", dek.withBytes(byte[]::clone));
            }

            @Override
            public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
                unwraps.incrementAndGet();
                duringUnwrap.run();
                Function<Failure, KekException> fault = faults.get(kekId);
                if (fault != null) {
                    throw fault.apply(Failure.of(kekId, "told to fail"));
                }
                return answersWithAnotherKey
                        ? Dek.random(wrapped.dekId())
                        : Dek.takeOwnershipOf(wrapped.dekId(), wrapped.wrappedBytes());
            }

            @Override
            public void close() {}
        };
    }
}
