package io.keywrap.provider;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** A KMS of the scheme {@code odd} that "wraps" by copying and answers whatever a test tells it to. */
final class OddFactory implements KeyProvider.Factory {
    final List<OddProvider> made = new CopyOnWriteArrayList<>();
    KekId answersFor;
    UnaryOperator<WrappedDek> wraps = wrapped -> wrapped;
    UnaryOperator<Dek> unwraps = dek -> dek;
    Runnable closing = () -> {};
    Runnable making = () -> {};
    Runnable placing = () -> {};
    KeyProvider.Status status = KeyProvider.Status.unknown();

    @Override
    public String scheme() {
        return "odd";
    }

    @Override
    public KeyProvider create(KekId kekId) {
        making.run();
        OddProvider provider = new OddProvider(answersFor == null ? kekId : answersFor);
        made.add(provider);
        return provider;
    }

    final class OddProvider implements KeyProvider {
        final List<Dek> handedOut = new CopyOnWriteArrayList<>();
        int closed;
        int calls;
        private final KekId kekId;

        private OddProvider(KekId kekId) {
            this.kekId = kekId;
        }

        @Override
        public KekId kekId() {
            return kekId;
        }

        @Override
        public Place place() {
            placing.run();
            return Place.of(kekId);
        }

        @Override
        public Status status(Deadline deadline) {
            return status;
        }

        @Override
        public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
            calls++;
            return wraps.apply(WrappedDek.builder(dek.id(), kekId).build("COPY", dek.withBytes(byte[]::clone)));
        }

        @Override
        public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
            calls++;
            return handOut(Dek.takeOwnershipOf(wrapped.dekId(), wrapped.wrappedBytes()));
        }

        @Override
        public Generated generate(DekId dekId, EncryptionContext keyContext, Deadline deadline) {
            Dek dek = handOut(Dek.random(dekId));
            return new Generated(dek, wrap(dek, keyContext, deadline));
        }

        private Dek handOut(Dek made) {
            Dek dek = unwraps.apply(made);
            if (dek != null) {
                handedOut.add(dek);
            }
            return dek;
        }

        @Override
        public void close() {
            closed++;
            closing.run();
        }
    }
}
