package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;

/** What each test of the cache begins with: a KMS, one wrap, clocks that stand, and refreshes that the test runs. */
abstract class CacheFixture {
    static final Duration DEADLINE = Duration.ofMinutes(5);
    static final Duration REFRESH_BUDGET = Duration.ofSeconds(5);
    static final Duration REFUSALS = Duration.ofSeconds(5);
    static final Duration TICK = Duration.ofNanos(1);
    static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme");

    final ManualTime time = new ManualTime();
    final FakeKms kms = new FakeKms();
    final WrappedDek wrapped = FakeKms.wrapped();
    final Deque<Runnable> background = new ArrayDeque<>();
    KeyProviders providers = providers(true, 100, 10);

    KeyProviders providers(boolean sealed, int entries, int ofOneKeychain) {
        return KeyProviders.builder()
                .time(time)
                .register(kms)
                .executor(background::add)
                .cacheDeadline(DEADLINE)
                .cacheEntries(entries, ofOneKeychain)
                .sealIdleDeks(sealed)
                .build();
    }

    @AfterEach
    void close() {
        providers.close();
    }

    /** A lease, and then the refreshes that it has begun. */
    void use() {
        use(wrapped, CONTEXT);
    }

    void use(WrappedDek one, EncryptionContext context) {
        try (DekLease lease = providers.lease(one, context, providers.foregroundDeadline())) {
            assertThat(lease.dekId()).isEqualTo(one.dekId());
            assertThat(lease.<byte[]>withBytes(byte[]::clone)).isEqualTo(one.wrappedBytes());
        }
        while (!background.isEmpty()) {
            background.remove().run();
        }
    }

    /** What proves the DEK of a wrap that {@link FakeKms} has made. */
    static String checkValue(WrappedDek of) {
        try (Dek dek = Dek.takeOwnershipOf(of.dekId(), of.wrappedBytes())) {
            return dek.checkValue();
        }
    }

    void fail(Function<Failure, KekException> fault) {
        kms.faults.put(FakeKms.KEK, fault);
    }

    static KekException disabled(Failure failure) {
        return new KekRevokedException(failure, Reason.DISABLED);
    }

    static KekException denied(Failure failure) {
        return new KekRevokedException(failure, Reason.DENIED);
    }
}
