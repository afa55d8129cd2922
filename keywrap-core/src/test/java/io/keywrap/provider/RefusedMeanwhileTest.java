package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.CallPurpose;
import io.keywrap.Dek;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.provider.KekEvent.Operation;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Answers that overtake each other: what was said later holds, whoever comes to tell it first. */
class RefusedMeanwhileTest extends CacheFixture {
    private static final KekVersion VERSION = new KekVersion(FakeKms.KEK, "1");

    @Nested
    class OfTwoAnswers {
        private final CacheOptions options =
                new CacheOptions(DEADLINE, 100, 10, true, REFUSALS, Duration.ofHours(24), CacheOptions.BUDGETS);
        private final Endings endings =
                new Endings(options, new Refusals(options, time), new ConcurrentHashMap<>(), new SingleFlight());
        private final long begun = time.nanoTime();

        @Test
        void aSuccessTakesNothingBackThatWasSaidAfterIt() {
            refusedAt(6);
            endings.returned(VERSION, begun + 5);
            assertThat(endings.meanwhile(provenAt(5))).isPresent();
            assertThat(endings.meanwhile(provenAt(7))).isEmpty();
        }

        @Test
        void aSuccessTakesBackWhatWasSaidBeforeIt() {
            refusedAt(5);
            endings.returned(VERSION, begun + 6);
            assertThat(endings.meanwhile(provenAt(5))).isEmpty();
        }

        @Test
        void anOlderRefusalDoesNotHideANewerOne() {
            refusedAt(6);
            refusedAt(4);
            assertThat(endings.meanwhile(provenAt(5))).isPresent();
        }

        private void refusedAt(long nanos) {
            KekException why = new KekRevokedException(Failure.of(FakeKms.KEK, "told to"), Reason.DISABLED);
            endings.withdrawn(VERSION, new HeardKek.Refusal(why, begun + nanos, false));
        }

        private CachedDek provenAt(long nanos) {
            try (Dek dek = Dek.takeOwnershipOf(wrapped.dekId(), wrapped.wrappedBytes())) {
                return new CachedDek(new UnwrapKey(wrapped, CONTEXT), dek, Operation.UNWRAP, null, begun + nanos);
            }
        }
    }

    @Nested
    class WhereNothingIsKept {
        @BeforeEach
        void keepNothing() {
            providers.close();
            providers = KeyProviders.builder()
                    .time(time)
                    .register(kms)
                    .executor(background::add)
                    .cacheDeadline(Duration.ZERO)
                    .budget(CallPurpose.FOREGROUND, Duration.ofMinutes(10))
                    .build();
        }

        /** Sends a call; before its answer, the KEK is disabled and somebody hears it. */
        private void sendBeforeItIsRevoked(Duration answeredAfter) {
            kms.duringUnwrap = () -> {
                kms.duringUnwrap = () -> {};
                time.advance(TICK);
                fail(CacheFixture::disabled);
                canaryIsRefused();
                kms.faults.clear(); // This call was let through before.
                time.advance(answeredAfter);
            };
        }

        private void canaryIsRefused() {
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> providers
                            .provider(FakeKms.KEK)
                            .unwrap(wrapped, CONTEXT, providers.deadline(CallPurpose.CANARY)));
        }

        @Test
        void aCallThatIsAnsweredAfterwardsGivesNoLease() {
            sendBeforeItIsRevoked(Duration.ZERO);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(RefusedMeanwhileTest.this::use);
        }

        @Test
        void norDoesOneThatTakesAllTheTimeThatItHas() {
            sendBeforeItIsRevoked(Duration.ofMinutes(9));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(RefusedMeanwhileTest.this::use);
        }

        @Test
        void whatIsSentInTheSameMomentOrLaterIsAskedAndBelieved() {
            fail(CacheFixture::disabled);
            canaryIsRefused();
            kms.faults.clear();
            use();
            time.advance(TICK);
            use();
            assertThat(kms.unwraps).hasValue(3);
            assertThat(providers.statistics().refusalsRepeated()).isZero();
        }
    }
}
