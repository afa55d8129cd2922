package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A re-wrap inside of the KMS is there where the KMS has it, and its answers are distrusted like all others. */
class ServerSideRewrapTest {
    private static final KekId KEK = KekId.of("odd:key");
    private static final KekId TARGET = KekId.of("odd:target");
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme");

    private final ManualTime time = new ManualTime();
    private final WrappedDek old = WrappedDek.builder(DekId.random(), KEK).build("COPY", new byte[1]);
    private Supplier<WrappedDek> answer =
            () -> WrappedDek.builder(old.dekId(), TARGET).build("COPY", new byte[2]);
    private int calls;
    private final KeyProviders providers = KeyProviders.builder()
            .time(time)
            .register(new OddFactory())
            .register(new Rewrapping())
            .build();

    @Test
    void supportsNothingWhereTheKmsHasNone() {
        ServerSideRewrap none = (ServerSideRewrap) providers.provider(KekId.of("odd:key"));
        assertThat(none.supports(TARGET)).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.rewrap(old, TARGET, CONTEXT, providers.foregroundDeadline()))
                .withMessageContainingAll("odd:key", TARGET.toString());
    }

    @Nested
    class WhereTheKmsHasIt {
        private final ServerSideRewrap kms = (ServerSideRewrap) providers.provider(KekId.of("rewrapping:key"));

        @Test
        void supportsWhatTheKmsSupports() {
            assertThat(kms.supports(TARGET)).isTrue();
            assertThat(kms.supports(KekId.of("odd:elsewhere"))).isFalse();
        }

        @Test
        void passesOnAnAnswerThatFits() {
            WrappedDek moved = rewrap(TARGET);
            assertThat(moved.kekId()).isEqualTo(TARGET);
            assertThat(moved.dekId()).isEqualTo(old.dekId());
        }

        @Test
        void refusesAWrapOfAnotherDek() {
            answer = () -> WrappedDek.builder(DekId.random(), TARGET).build("COPY", new byte[2]);
            assertFails(InvalidWrappedDekException.class);
        }

        @Test
        void refusesAWrapUnderAnotherKekThanTheTarget() {
            answer = () -> old;
            assertFails(InvalidWrappedDekException.class);
        }

        @Test
        void takesNoAnswerForOurOwnFault() {
            answer = () -> null;
            assertFails(KekConfigurationException.class);
        }

        @Test
        void passesOnATypedFailureOfTheTarget() {
            KekRevokedException revoked =
                    new KekRevokedException(Failure.of(TARGET, "off"), KekRevokedException.Reason.DISABLED);
            answer = () -> {
                throw revoked;
            };
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> rewrap(TARGET))
                    .isSameAs(revoked);
        }

        @Test
        void isNotCalledForATargetThatIsNotSupported() {
            assertThatIllegalArgumentException().isThrownBy(() -> rewrap(KekId.of("odd:elsewhere")));
            assertThat(calls).isZero();
        }

        @Test
        void isNotCalledAfterTheDeadline() {
            Deadline deadline = Deadline.after(Duration.ofSeconds(1), time);
            time.advance(Duration.ofSeconds(1));
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> kms.rewrap(old, TARGET, CONTEXT, deadline));
            assertThat(calls).isZero();
        }

        private WrappedDek rewrap(KekId target) {
            return kms.rewrap(old, target, CONTEXT, providers.foregroundDeadline());
        }

        private void assertFails(Class<? extends KekException> type) {
            assertThatExceptionOfType(type)
                    .isThrownBy(() -> rewrap(TARGET))
                    .satisfies(e -> assertThat(e.kekId()).contains(KekId.of("rewrapping:key")));
        }
    }

    /** A KMS that re-wraps to one KEK and answers what the test says. */
    private final class Rewrapping implements KeyProvider.Factory {
        @Override
        public String scheme() {
            return "rewrapping";
        }

        @Override
        public KeyProvider create(KekId kekId) {
            return new Provider(kekId);
        }
    }

    private final class Provider implements KeyProvider, ServerSideRewrap {
        private final KekId kekId;

        Provider(KekId kekId) {
            this.kekId = kekId;
        }

        @Override
        public KekId kekId() {
            return kekId;
        }

        @Override
        public boolean supports(KekId target) {
            return target.equals(TARGET);
        }

        @Override
        public WrappedDek rewrap(WrappedDek wrapped, KekId target, EncryptionContext keyContext, Deadline deadline) {
            calls++;
            return answer.get();
        }

        @Override
        public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
            throw new AssertionError();
        }

        @Override
        public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
            throw new AssertionError();
        }

        @Override
        public void close() {}
    }
}
