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

/** KEKs, one of which this process cannot reach. */
final class CutOff implements KeyProvider.Factory {
    private final KeyProvider.Factory keks;
    private final KekId lost;

    CutOff(KeyProvider.Factory keks, KekId lost) {
        this.keks = keks;
        this.lost = lost;
    }

    @Override
    public String scheme() {
        return keks.scheme();
    }

    @Override
    public KeyProvider create(KekId kekId) {
        return kekId.equals(lost) ? new OutOfReach(kekId) : keks.create(kekId);
    }

    /** Says so at once, and that it will be long: no call is repeated. */
    private record OutOfReach(KekId kekId) implements KeyProvider {
        @Override
        public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
            throw outage();
        }

        @Override
        public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
            throw outage();
        }

        private KekUnreachableException outage() {
            return new KekUnreachableException(
                    Failure.of(kekId, "it is cut off").retryAfter(Duration.ofHours(1)));
        }

        @Override
        public void close() {
            // Nothing was opened.
        }
    }
}
