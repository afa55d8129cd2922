package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekThrottledException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.StubProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a provider has unwrapped or made is wiped once keywrap has its own copy, or has no use for it. */
class PlaintextsOfProvidersTest {
    private static final KekId KEK = KekId.of("odd:key");
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme");
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final ManualTime time = new ManualTime();
    private final OddFactory odd = new OddFactory();

    private KeyProviders providers(Duration deadline) {
        return KeyProviders.builder()
                .time(time)
                .register(odd)
                .executor(Runnable::run)
                .cacheDeadline(deadline)
                .build();
    }

    private List<Dek> handedOut() {
        return odd.made.get(0).handedOut;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 300})
    void areWipedOnceTheyAreLeased(long seconds) {
        try (KeyProviders providers = providers(Duration.ofSeconds(seconds));
                DekLease lease = providers.lease(FakeKms.wrapped(KEK), CONTEXT, providers.foregroundDeadline())) {
            assertThat(handedOut()).hasSize(1).allMatch(Dek::isClosed);
            time.advance(DEADLINE);
            lease.ensureUsable();
            assertThat(handedOut()).hasSize(2).allMatch(Dek::isClosed);
        }
    }

    /** A host that may not unwrap has another DEK made to see whether it still may. */
    @Test
    void areWipedWhereTheyWereMadeAsAProofAlone() {
        try (KeyProviders providers = providers(DEADLINE)) {
            KeyProvider.Generated made =
                    providers.provider(KEK).generate(DekId.random(), CONTEXT, providers.foregroundDeadline());
            List<WrappedDek> wraps = List.of(made.wrapped());
            providers.deks().keepMade(made.dek(), wraps, CONTEXT, time.nanoTime());
            try (DekLease lease =
                    providers.deks().leaseKept(wraps, CONTEXT, InFlight.ABORT).orElseThrow()) {
                time.advance(DEADLINE);
                lease.ensureUsable();
                assertThat(made.dek().isClosed()).as("it stays its maker's").isFalse();
                assertThat(handedOut()).hasSize(2);
                assertThat(handedOut().get(1).isClosed()).isTrue();
            }
        }
    }

    @Nested
    class WithAProviderOfCryptographyThatWasNamed {
        private final Jca named = Jca.of(Optional.of(new StubProvider("Named")));
        private final Deadline deadline = Deadline.after(Duration.ofSeconds(10), time);
        private final KeyProvider asked = odd.create(KEK);

        @Test
        void areCopiedAndWiped() {
            WrappedDek wrapped = FakeKms.wrapped(KEK);
            KeyProvider own = new OwnCryptoKeyProvider(asked, named);
            try (Dek unwrapped = own.unwrap(wrapped, CONTEXT, deadline);
                    Dek made = own.generate(DekId.random(), CONTEXT, deadline).dek()) {
                assertThat(unwrapped.<byte[]>withBytes(byte[]::clone)).isEqualTo(wrapped.wrappedBytes());
                assertThat(List.of(unwrapped, made))
                        .noneMatch(Dek::isClosed)
                        .allMatch(dek -> dek.cryptoProvider().equals(named.named()));
                assertThat(handedOut()).hasSize(2).allMatch(Dek::isClosed);
            }
        }

        @Test
        void areWipedWhereTheyCannotBeWrapped() {
            Refusing refusing = new Refusing();
            for (KeyProvider maker : List.of(refusing, new OwnCryptoKeyProvider(refusing, named))) {
                assertThatExceptionOfType(KekThrottledException.class)
                        .isThrownBy(() -> maker.generate(DekId.random(), CONTEXT, deadline));
            }
            assertThat(refusing.seen).hasSize(2).allMatch(Dek::isClosed);
        }
    }

    /** Makes DEKs as every provider does that has no way of its own, and fails to wrap them. */
    private static final class Refusing implements KeyProvider {
        private final List<Dek> seen = new ArrayList<>();

        @Override
        public KekId kekId() {
            return KEK;
        }

        @Override
        public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
            seen.add(dek);
            throw new KekThrottledException(Failure.of(KEK, "said by the test"));
        }

        @Override
        public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
            throw new KekThrottledException(Failure.of(KEK, "said by the test"));
        }

        @Override
        public void close() {}
    }
}
