package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.CallPurpose;
import io.keywrap.Deadline;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekEvent.Operation;
import java.security.Provider;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The registry: which provider serves a KEK, and how long a call may take. */
class KeyProvidersTest {
    private static final KekId KEK = KekId.of("odd:key");

    private final OddFactory factory = new OddFactory();
    private final ManualTime time = new ManualTime();

    @Test
    void anUnknownSchemeNamesTheKekAndTheSchemesThereAre() {
        try (KeyProviders providers = KeyProviders.builder().register(factory).build()) {
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> providers.provider(KekId.of("aws-kms://arn:x")))
                    .withMessageContainingAll("KEK aws-kms://arn:x", "to do: register one", "[odd]");
        }
    }

    @Test
    void aSchemeHasOneFactory() {
        KeyProviders.Builder builder = KeyProviders.builder().register(factory);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.register(new OddFactory()))
                .withMessageContainingAll("'odd'", OddFactory.class.getName());
    }

    @Test
    void nothingIsMadeBeforeItIsAskedFor() {
        KeyProviders providers = KeyProviders.builder().register(factory).build();
        assertThat(factory.made).isEmpty();
        providers.close();
    }

    @Test
    void aKekHasOneProviderUnderRaces() throws Exception {
        int threads = 16;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (KeyProviders providers = KeyProviders.builder().register(factory).build()) {
            for (int round = 0; round < 50; round++) {
                KekId kekId = KekId.of("odd:key-" + round);
                CyclicBarrier start = new CyclicBarrier(threads);
                List<Future<KeyProvider>> answers = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    answers.add(pool.submit(() -> {
                        start.await();
                        return providers.provider(kekId);
                    }));
                }
                Set<KeyProvider> distinct = new HashSet<>();
                for (Future<KeyProvider> answer : answers) {
                    distinct.add(answer.get());
                }
                assertThat(distinct).hasSize(1);
            }
            assertThat(factory.made).hasSize(50);
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void aProviderOfAnotherKekIsRefusedAndClosed() {
        factory.answersFor = KekId.of("odd:other");
        try (KeyProviders providers = KeyProviders.builder().register(factory).build()) {
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> providers.provider(KEK))
                    .withMessageContainingAll("KEK odd:key", "odd:other", "to do: ");
            assertThat(factory.made).hasSize(1).allMatch(provider -> provider.closed == 1);
        }
    }

    @Test
    void aProviderThatFailsToCloseKeepsNoOtherOpen() {
        OddFactory factory = new OddFactory();
        factory.closing = () -> {
            throw new IllegalStateException("told to fail");
        };
        KeyProviders providers = KeyProviders.builder().register(factory).build();
        providers.provider(KekId.of("odd:1"));
        providers.provider(KekId.of("odd:2"));
        providers.close();
        providers.close();
        assertThat(factory.made).hasSize(2).allMatch(provider -> provider.closed == 1);
        assertThatIllegalStateException().isThrownBy(() -> providers.provider(KekId.of("odd:3")));
        assertThat(factory.made).hasSize(2);
    }

    @Test
    void aFactoryThatFailsIsOurConfiguration() {
        OddFactory factory = new OddFactory();
        factory.making = () -> {
            throw new IllegalArgumentException("told to fail");
        };
        KeyProviders providers = KeyProviders.builder().register(factory).build();
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> providers.provider(KekId.of("odd:1")))
                .withCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void closingClosesEveryProviderOnce() {
        KeyProviders providers = KeyProviders.builder().register(factory).build();
        providers.provider(KEK);
        providers.provider(KekId.of("odd:other"));
        providers.close();
        providers.close();
        assertThat(factory.made).hasSize(2).allMatch(provider -> provider.closed == 1);
    }

    @Test
    void aProviderThatIsBeingMadeWhileAllAreClosedIsClosedTooAndNotGiven() {
        KeyProviders providers = KeyProviders.builder().register(factory).build();
        Thread closing = new Thread(providers::close);
        factory.making = () -> {
            closing.start();
            while (closing.getState() != Thread.State.BLOCKED && closing.isAlive()) {
                Thread.onSpinWait();
            }
        };
        assertThatIllegalStateException().isThrownBy(() -> providers.provider(KEK));
        assertThat(factory.made).hasSize(1).allMatch(provider -> provider.closed == 1);
    }

    @Test
    void theForegroundBudgetIsTenSecondsUnlessItIsSet() {
        KeyProviders.Builder builder = KeyProviders.builder().time(time);
        assertThat(builder.build().foregroundDeadline().remaining()).isEqualTo(Duration.ofSeconds(10));
        builder.budget(CallPurpose.FOREGROUND, Duration.ofSeconds(3));
        Deadline deadline = builder.build().foregroundDeadline();
        assertThat(deadline.remaining()).isEqualTo(Duration.ofSeconds(3));
        time.advance(Duration.ofSeconds(3));
        assertThat(deadline.expired()).isTrue();
        assertThat(builder.build().time()).isSameAs(time);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT10M0.001S"})
    void aBudgetIsMoreThanZeroAndAtMostTenMinutes(String budget) {
        KeyProviders.Builder builder = KeyProviders.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.budget(CallPurpose.FOREGROUND, Duration.parse(budget)));
        assertThat(builder.budget(CallPurpose.FOREGROUND, Duration.ofMinutes(10)))
                .isSameAs(builder);
    }

    @Test
    void aProviderThatDoesNotKnowItsPlaceIsClosed() {
        factory.placing = () -> {
            throw new IllegalStateException("said by the test");
        };
        try (KeyProviders providers = KeyProviders.builder().register(factory).build()) {
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> providers.provider(KEK));
            assertThat(factory.made.get(0).closed).isEqualTo(1);
        }
    }

    /** Of what is not asked for by version, the one is known that has done it. */
    @Test
    void theVersionsThatMakeDeksAndThatAreToldAreKnown() {
        factory.status = KeyProvider.Status.ofVersion("3");
        factory.wraps = wrapped ->
                WrappedDek.builder(wrapped.dekId(), KEK).kekVersion("2").build("COPY", wrapped.wrappedBytes());
        try (KeyProviders providers =
                KeyProviders.builder().register(factory).time(time).build()) {
            KeyProvider provider = providers.provider(KEK);
            provider.generate(DekId.random(), EncryptionContext.empty(), providers.foregroundDeadline())
                    .dek()
                    .close();
            provider.status(providers.foregroundDeadline());
            assertThat(providers.states().of(KEK, "", Operation.GENERATE)).get().returns("2", KekStanding::version);
            assertThat(providers.states().of(KEK, "", Operation.STATUS)).get().returns("3", KekStanding::version);
        }
    }

    @Test
    void aStatusTellsItsVersionAndItsEnd() {
        Instant day = time.now();
        assertThat(KeyProvider.Status.ofVersion("3")).hasToString("Status[current version 3]");
        assertThat(KeyProvider.Status.unknown().withExpires(day))
                .hasToString("Status[current version unknown, expires " + day + "]")
                .returns(Optional.of(day), KeyProvider.Status::expires);
    }

    @Test
    void aProviderOfCryptographyThatIsNamedProvesWhatAnyKmsHasMade() {
        Provider named = new BouncyCastleProvider();
        try (KeyProviders providers =
                KeyProviders.builder().register(factory).cryptoProvider(named).build()) {
            assertThat(providers.cryptoProvider()).containsSame(named);
            KeyProvider.Generated made = providers
                    .provider(KEK)
                    .generate(DekId.random(), EncryptionContext.empty(), providers.foregroundDeadline());
            assertThat(made.dek().cryptoProvider()).containsSame(named);
            made.dek().close();
        }
    }
}
