package io.keywrap.micrometer;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekListener;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.InMemoryKek;
import io.keywrap.testkit.InMemoryKms;
import io.keywrap.testkit.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;

/** Real providers over a KMS in memory; DEKs are refreshed by the thread that notices that it is time. */
final class Product implements AutoCloseable {
    static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "context-value-of-acme");

    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-25T08:00:00Z"));
    final InMemoryKms kms = new InMemoryKms(time);
    final InMemoryKek kek = kms.kek("customer");
    final KeyProviders providers;

    Product(KekListener listener) {
        this(listener, options -> options);
    }

    Product(KekListener listener, UnaryOperator<KeyProviders.Builder> options) {
        providers = options.apply(KeyProviders.builder()
                        .register(kms)
                        .time(time)
                        .executor(Runnable::run)
                        .listener(listener))
                .build();
    }

    WrappedDek wrapped() {
        return wrapped(kek);
    }

    WrappedDek wrapped(InMemoryKek under) {
        try (Dek dek = Dek.random(DekId.random())) {
            return providers.provider(under.id()).wrap(dek, CONTEXT, providers.foregroundDeadline());
        }
    }

    DekLease lease(WrappedDek wrapped) {
        return providers.lease(wrapped, CONTEXT, providers.foregroundDeadline());
    }

    void use(WrappedDek wrapped) {
        lease(wrapped).close();
    }

    void pass(Duration duration) {
        time.advance(duration);
    }

    @Override
    public void close() {
        providers.close();
        kms.close();
    }
}
