package io.keywrap.jdbc;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;

/** KEKs whose calls take as long as those of a KMS that is some way off. */
final class SlowKeks implements KeyProvider.Factory {
    private final KeyProvider.Factory keks;
    private final Duration latency;

    SlowKeks(KeyProvider.Factory keks, Duration latency) {
        this.keks = keks;
        this.latency = latency;
    }

    @Override
    public String scheme() {
        return keks.scheme();
    }

    @Override
    public KeyProvider create(KekId kekId) {
        return new Slow(keks.create(kekId), latency);
    }

    private record Slow(KeyProvider kek, Duration latency) implements KeyProvider {
        @Override
        public KekId kekId() {
            return kek.kekId();
        }

        @Override
        public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
            travel();
            return kek.wrap(dek, keyContext, deadline);
        }

        @Override
        public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
            travel();
            return kek.unwrap(wrapped, keyContext, deadline);
        }

        private void travel() {
            try {
                Thread.sleep(latency.toMillis()); // It is what is simulated.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new KekUnreachableException(Failure.of(kekId(), "the thread was interrupted"));
            }
        }

        @Override
        public void close() {
            kek.close();
        }
    }
}
