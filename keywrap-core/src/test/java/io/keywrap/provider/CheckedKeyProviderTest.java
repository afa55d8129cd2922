package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Whatever a provider answers, its caller gets the right DEK and wrap, or a typed error and no open DEK. */
class CheckedKeyProviderTest {
    private static final KekId KEK = KekId.of("odd:key");
    private static final DekId ID = DekId.random();
    private static final DekId OTHER_ID = DekId.random();
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme-secretive");

    private final OddFactory odd = new OddFactory();
    private final ManualTime time = new ManualTime();
    private final KeyProviders providers =
            KeyProviders.builder().register(odd).time(time).build();
    private final KeyProvider provider = providers.provider(KEK);
    private final Dek dek = Dek.random(ID);
    private final WrappedDek wrapped = provider.wrap(dek, CONTEXT, providers.foregroundDeadline());

    @AfterEach
    void leavesNoDekOpenThatItDidNotGiveAway() {
        assertThat(odd.made.get(0).handedOut).allMatch(Dek::isClosed);
    }

    @Test
    void passesOnAnswersThatFit() {
        assertThat(provider.kekId()).isEqualTo(KEK);
        try (Dek back = provider.unwrap(wrapped, CONTEXT, providers.foregroundDeadline())) {
            assertThat(back.<byte[]>withBytes(byte[]::clone)).isEqualTo(dek.withBytes(byte[]::clone));
        }
        KeyProvider.Generated generated = provider.generate(OTHER_ID, CONTEXT, providers.foregroundDeadline());
        assertThat(generated.dek().id()).isEqualTo(OTHER_ID);
        assertThat(generated.dek().isClosed()).isFalse();
        generated.dek().close();
    }

    @Nested
    class AWrapThatDoesNotFit {
        @Test
        void ofAnotherDekIsRefused() {
            odd.wraps = wrap -> WrappedDek.builder(OTHER_ID, KEK).build(wrap.algorithm(), wrap.wrappedBytes());
            assertWrapAndGenerateRefused();
        }

        @Test
        void underAnotherKekIsRefused() {
            odd.wraps = wrap ->
                    WrappedDek.builder(wrap.dekId(), KekId.of("odd:other")).build("COPY", wrap.wrappedBytes());
            assertWrapAndGenerateRefused();
        }

        @Test
        void leavesTheCallersDekOpen() {
            odd.wraps = wrap -> WrappedDek.builder(OTHER_ID, KEK).build("COPY", new byte[1]);
            assertRefused(InvalidWrappedDekException.class, () -> wrap());
            assertThat(dek.isClosed()).isFalse();
        }

        @Test
        void orIsMissingIsOurOwnFault() {
            odd.wraps = wrap -> null;
            assertRefused(KekConfigurationException.class, () -> wrap());
            assertRefused(InvalidWrappedDekException.class, () -> generate());
        }

        private void assertWrapAndGenerateRefused() {
            assertRefused(InvalidWrappedDekException.class, () -> wrap());
            assertRefused(InvalidWrappedDekException.class, () -> generate());
        }
    }

    @Nested
    class ADekThatDoesNotFit {
        @Test
        void isRefusedAndClosed() {
            odd.unwraps = made -> {
                made.close();
                return Dek.random(OTHER_ID);
            };
            assertRefused(InvalidWrappedDekException.class, () -> unwrap());
            odd.wraps = wrap -> WrappedDek.builder(ID, KEK).build("COPY", wrap.wrappedBytes());
            assertRefused(InvalidWrappedDekException.class, () -> generate());
            assertThat(odd.made.get(0).handedOut).hasSize(2);
        }

        @Test
        void orIsMissingIsOurOwnFault() {
            odd.unwraps = made -> null;
            assertRefused(KekConfigurationException.class, () -> unwrap());
        }
    }

    @Nested
    class AFailure {
        @Test
        void thatIsNotTypedIsOurOwnFault() {
            odd.wraps = wrap -> {
                throw new ArithmeticException("of the provider");
            };
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> wrap())
                    .withMessageContainingAll("java.lang.ArithmeticException", "KEK odd:key", "to do: ")
                    .withCauseInstanceOf(ArithmeticException.class);
            odd.unwraps = made -> {
                made.close();
                throw new ArithmeticException("of the provider");
            };
            assertRefused(KekConfigurationException.class, () -> unwrap());
        }

        @Test
        void thatIsTypedIsPassedOnAsItIs() {
            KekThrottledException throttled = new KekThrottledException(Failure.of(KEK, "slow down"));
            odd.wraps = wrap -> {
                throw throttled;
            };
            assertThatExceptionOfType(KekThrottledException.class)
                    .isThrownBy(() -> wrap())
                    .isSameAs(throttled);
        }
    }

    @Test
    void afterTheDeadlineTheProviderIsNotCalled() {
        Deadline deadline = Deadline.after(Duration.ofSeconds(1), time);
        time.advance(Duration.ofSeconds(1));
        int before = odd.made.get(0).calls;
        assertRefused(KekUnreachableException.class, () -> provider.wrap(dek, CONTEXT, deadline));
        assertRefused(KekUnreachableException.class, () -> provider.unwrap(wrapped, CONTEXT, deadline));
        assertRefused(KekUnreachableException.class, () -> provider.generate(ID, CONTEXT, deadline));
        assertThat(odd.made.get(0).calls).isEqualTo(before);
    }

    @Test
    void aLocalDekIsClosedWhereItsWrapFails() {
        Dek[] made = new Dek[1];
        KeyProvider failing = new KeyProvider() {
            @Override
            public KekId kekId() {
                return KEK;
            }

            @Override
            public WrappedDek wrap(Dek local, EncryptionContext keyContext, Deadline deadline) {
                made[0] = local;
                throw new KekThrottledException(Failure.of(KEK, "slow down"));
            }

            @Override
            public Dek unwrap(WrappedDek wrap, EncryptionContext keyContext, Deadline deadline) {
                throw new AssertionError();
            }

            @Override
            public void close() {}
        };
        assertThatExceptionOfType(KekThrottledException.class)
                .isThrownBy(() -> failing.generate(ID, CONTEXT, providers.foregroundDeadline()));
        assertThat(made[0].isClosed()).isTrue();
    }

    private void wrap() {
        provider.wrap(dek, CONTEXT, providers.foregroundDeadline());
    }

    private void unwrap() {
        provider.unwrap(wrapped, CONTEXT, providers.foregroundDeadline()).close();
    }

    private void generate() {
        provider.generate(ID, CONTEXT, providers.foregroundDeadline()).dek().close();
    }

    private static void assertRefused(Class<? extends KekException> type, ThrowingCallable call) {
        assertThatExceptionOfType(type)
                .isThrownBy(call)
                .withMessageContainingAll("KEK odd:key", "to do: ")
                .withMessageNotContaining("acme-secretive")
                .satisfies(e -> assertThat(e.kekId()).contains(KEK));
    }
}
