package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainRecord.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.concurrent.CyclicBarrier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Each call takes the step that the plan has for it, and no other does. */
class FaultPlanTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme");
    private static final DekId ID = DekId.random();

    private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-25T08:00:00Z"));
    private final InMemoryKms kms = new InMemoryKms(time);
    private final InMemoryKek kek = kms.kek("customer");
    private final KeyProvider bare = kms.create(kek.id());
    private final KeyProvider stack =
            KeyProviders.builder().register(kms).time(time).build().provider(kek.id());
    private final Dek dek = Dek.random(ID);
    private final WrappedDek wrapped = bare.wrap(dek, CONTEXT, deadline());

    @Nested
    class APlan {
        @Test
        void isTakenStepByStepAndThenAllIsNormal() {
            kek.faults(FaultPlan.ofCalls().throttle(2).pass(1).unreachable(1));
            assertThat(kek.faultsLeft()).isEqualTo(4);
            assertFails(KekThrottledException.class, () -> unwrap());
            assertFails(KekThrottledException.class, () -> wrap());
            generate();
            assertThat(kek.faultsLeft()).isEqualTo(1);
            assertFails(KekUnreachableException.class, () -> bare.status(deadline()));
            assertThat(kek.faultsLeft()).isZero();
            assertOpens(wrap());
        }

        @Test
        void ofUnwrapsLeavesOtherCallsAlone() {
            kek.faults(FaultPlan.ofUnwraps().throttle(1));
            wrap();
            generate();
            bare.status(deadline());
            assertFails(KekThrottledException.class, () -> unwrap());
            assertOpens(wrapped);
        }

        @Test
        void ofWrapsLeavesOtherCallsAlone() {
            kek.faults(FaultPlan.ofWraps().throttle(1));
            assertOpens(wrapped);
            generate();
            assertFails(KekThrottledException.class, () -> wrap());
        }

        @Test
        void ofGeneratesLeavesOtherCallsAlone() {
            kek.faults(FaultPlan.ofGenerates().throttle(1));
            assertOpens(wrap());
            assertFails(KekThrottledException.class, () -> generate());
        }

        @Test
        void comesAfterThoseThatWereAddedBefore() {
            kek.faults(FaultPlan.ofUnwraps().throttle(1));
            kek.faults(FaultPlan.ofCalls().unreachable(2));
            assertFails(KekUnreachableException.class, () -> wrap());
            assertFails(KekThrottledException.class, () -> unwrap());
            assertFails(KekUnreachableException.class, () -> unwrap());
            assertOpens(wrapped);
        }

        @Test
        void goesBeforeWhatLasts() {
            kek.throttle();
            kek.faults(FaultPlan.ofCalls().pass(1));
            assertOpens(wrapped);
            assertFails(KekThrottledException.class, () -> unwrap());
        }

        @Test
        void isDroppedByRecovery() {
            kek.faults(FaultPlan.ofCalls().throttle(9));
            kek.recover();
            assertOpens(wrapped);
            assertThat(kek.faultsLeft()).isZero();
        }

        @Test
        void canBeUsedAgain() {
            FaultPlan plan = FaultPlan.ofCalls().throttle(1);
            plan.unreachable(5);
            kek.faults(plan);
            kek.faults(plan);
            assertFails(KekThrottledException.class, () -> unwrap());
            assertFails(KekThrottledException.class, () -> unwrap());
            assertOpens(wrapped);
            assertThat(plan).hasToString("FaultPlan[every call: 1 steps]");
        }

        @Test
        void hasNoStepForNoCall() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FaultPlan.ofCalls().throttle(0));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FaultPlan.ofCalls().slow(Duration.ofMillis(-1), 1));
        }
    }

    @Nested
    class ASlowAnswer {
        @Test
        void takesItsTimeOnAManualTime() {
            kek.faults(FaultPlan.ofCalls().slow(Duration.ofSeconds(3), 1));
            long before = time.nanoTime();
            assertOpens(wrapped);
            assertThat(time.nanoTime() - before).isEqualTo(Duration.ofSeconds(3).toNanos());
        }

        @Test
        void isWaitedForUntilTheDeadlineAndNoLonger() {
            kek.faults(FaultPlan.ofCalls().slow(Duration.ofSeconds(10), 1));
            long before = time.nanoTime();
            assertFails(KekUnreachableException.class, () -> unwrap());
            assertThat(time.nanoTime() - before)
                    .isEqualTo(Duration.ofSeconds(10).toNanos());
        }

        @Test
        void isWaitedForByManyThreadsInTheSameTime() {
            kek.slow(Duration.ofSeconds(3));
            CyclicBarrier arrived = new CyclicBarrier(8);
            long before = time.nanoTime();
            ThreadStorm.together(Collections.nCopies(8, () -> {
                InMemoryKms.Arrival arrival = kms.arrive(deadline());
                arrived.await();
                kms.elapse(arrival, Duration.ofSeconds(3));
                return arrival;
            }));
            assertThat(time.nanoTime() - before).isEqualTo(Duration.ofSeconds(3).toNanos());
        }

        @Test
        void isInTimeIfOnlyOtherCallsHaveTakenLonger() {
            InMemoryKms.Arrival first = kms.arrive(deadline());
            time.advance(Duration.ofMinutes(1));
            long before = time.nanoTime();
            kms.elapse(first, Duration.ofSeconds(3));
            assertThat(time.nanoTime()).isEqualTo(before);
        }

        @Test
        void onTheClocksOfTheMachineIsDecidedAtOnce() {
            InMemoryKms real = new InMemoryKms();
            InMemoryKek slow = real.kek("slow");
            KeyProvider provider = real.create(slow.id());
            slow.slow(Duration.ofHours(1));
            assertFails(
                    KekUnreachableException.class,
                    () -> provider.status(Deadline.after(Duration.ofMinutes(59), TimeSource.system())));
            provider.status(Deadline.after(Duration.ofMinutes(61), TimeSource.system()));
        }
    }

    @Nested
    class ALostAnswer {
        @Test
        void isAnOutageAfterTheWorkIsDone() {
            kek.faults(FaultPlan.ofCalls().cutOff(4));
            assertFails(KekUnreachableException.class, () -> wrap());
            assertFails(KekUnreachableException.class, () -> unwrap());
            assertFails(KekUnreachableException.class, () -> generate());
            assertFails(KekUnreachableException.class, () -> bare.status(deadline()));
            assertThat(kek.calls()).isEqualTo(5);
            assertOpens(wrapped);
        }

        @Test
        void tellsOfADisabledKekAllTheSame() {
            kek.cutOff();
            kek.disable();
            assertFails(KekRevokedException.class, () -> unwrap());
            kek.enable();
            assertFails(KekUnreachableException.class, () -> unwrap());
            kek.recover();
            assertOpens(wrapped);
        }
    }

    @Nested
    class AWrongAnswer {
        @Test
        void withAnotherDekIsSeenByNobodyWithoutItsCheckValue() {
            kek.answerWrongly();
            try (Dek wrong = unwrap()) {
                assertThat(wrong.id()).isEqualTo(ID);
                assertThat(bytesOf(wrong)).isNotEqualTo(bytesOf(dek));
            }
            WrappedDek wrongWrap = wrap();
            KeyProvider.Generated generated = generate();
            kek.recover();
            try (Dek wrong = bare.unwrap(wrongWrap, CONTEXT, deadline());
                    Dek other = bare.unwrap(generated.wrapped(), CONTEXT, deadline())) {
                assertThat(bytesOf(wrong)).isNotEqualTo(bytesOf(dek));
                assertThat(bytesOf(other)).isNotEqualTo(bytesOf(generated.dek()));
            }
        }

        @Test
        void withAnotherDekIsRefusedByAKeychain() {
            KeyProviders providers =
                    KeyProviders.builder().register(kms).time(time).build();
            Keychain keychain = Keychains.builder(new InMemoryKeychainStore(), providers)
                    .seal(KeychainSeal.wrappedBy(kms.kek("vendor").id()))
                    .build()
                    .create("tenant-42", spec -> spec.control(kek.id()));
            kek.faults(FaultPlan.ofUnwraps().answerWithAnotherDek());
            assertFails(InvalidWrappedDekException.class, () -> keychain.primary(Usage.ENVELOPES));
            keychain.primary(Usage.ENVELOPES).close();
        }

        @Test
        void withAnotherDekIdIsRefusedByTheStack() {
            kek.faults(FaultPlan.ofCalls()
                    .answerWithAnotherDekId()
                    .answerWithAnotherDekId()
                    .answerWithAnotherDekId());
            assertStackRefusesAll();
        }

        @Test
        void fromAnotherKekIsRefusedByTheStack() {
            kek.faults(FaultPlan.ofCalls()
                    .answerWithAnotherKekId()
                    .answerWithAnotherKekId()
                    .answerWithAnotherKekId());
            assertStackRefusesAll();
        }

        @Test
        void thatIsTooShortIsNeverTaken() {
            kek.faults(FaultPlan.ofCalls().answerTooShort().answerTooShort());
            assertFails(InvalidWrappedDekException.class, () -> unwrap());
            WrappedDek cut = wrap();
            assertFails(InvalidWrappedDekException.class, () -> bare.unwrap(cut, CONTEXT, deadline()));
        }

        private void assertStackRefusesAll() {
            assertFails(InvalidWrappedDekException.class, () -> stack.wrap(dek, CONTEXT, deadline()));
            assertFails(InvalidWrappedDekException.class, () -> stack.unwrap(wrapped, CONTEXT, deadline()));
            assertFails(InvalidWrappedDekException.class, () -> stack.generate(ID, CONTEXT, deadline()));
            assertThat(kek.faultsLeft()).isZero();
        }
    }

    private Deadline deadline() {
        return Deadline.after(Duration.ofSeconds(10), time);
    }

    private WrappedDek wrap() {
        return bare.wrap(dek, CONTEXT, deadline());
    }

    private Dek unwrap() {
        return bare.unwrap(wrapped, CONTEXT, deadline());
    }

    private KeyProvider.Generated generate() {
        return bare.generate(ID, CONTEXT, deadline());
    }

    private void assertOpens(WrappedDek one) {
        try (Dek back = bare.unwrap(one, CONTEXT, deadline())) {
            assertThat(bytesOf(back)).isEqualTo(bytesOf(dek));
        }
    }

    private static byte[] bytesOf(Dek one) {
        return one.withBytes(byte[]::clone);
    }

    private static void assertFails(Class<? extends KekException> type, ThrowingCallable call) {
        assertThatExceptionOfType(type).isThrownBy(call);
    }
}
