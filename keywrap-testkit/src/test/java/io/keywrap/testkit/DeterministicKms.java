package io.keywrap.testkit;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A KMS that wraps one DEK to the same bytes each time, as AES-KW does, and says so. */
final class DeterministicKms implements TestKms, KeyProvider.Factory {
    private final InMemoryKms kms = new InMemoryKms(ManualTime.startingAt(Instant.parse("2026-11-25T08:00:00Z")));
    private final Map<Object, WrappedDek> made = new ConcurrentHashMap<>();

    @Override
    public TestKek createKek() {
        return kms.createKek();
    }

    @Override
    public KekId unknownKek() {
        return kms.unknownKek();
    }

    @Override
    public KeyProvider.Factory factory() {
        return this;
    }

    @Override
    public TimeSource time() {
        return kms.time();
    }

    @Override
    public boolean wrapsDeterministically() {
        return true;
    }

    @Override
    public void advance(Duration duration) {
        kms.advance(duration);
    }

    @Override
    public void close() {
        kms.close();
    }

    @Override
    public String scheme() {
        return kms.scheme();
    }

    @Override
    public KeyProvider create(KekId kekId) {
        return new Provider(kms.create(kekId));
    }

    private final class Provider implements KeyProvider {
        private final KeyProvider provider;

        Provider(KeyProvider provider) {
            this.provider = provider;
        }

        @Override
        public KekId kekId() {
            return provider.kekId();
        }

        @Override
        public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
            WrappedDek fresh = provider.wrap(dek, keyContext, deadline);
            return made.computeIfAbsent(
                    Map.entry(Map.entry(dek.id(), keyContext), Map.entry(kekId(), fresh.kekVersion())), each -> fresh);
        }

        @Override
        public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
            return provider.unwrap(wrapped, keyContext, deadline);
        }

        @Override
        public Generated generate(DekId dekId, EncryptionContext keyContext, Deadline deadline) {
            return provider.generate(dekId, keyContext, deadline);
        }

        @Override
        public Status status(Deadline deadline) {
            return provider.status(deadline);
        }

        @Override
        public void close() {
            provider.close();
        }
    }

    /** Run by another test, for it has a test that is skipped. */
    static final class Contract extends KeyProviderContract {
        @Override
        protected TestKms kms() {
            return new DeterministicKms();
        }
    }
}
