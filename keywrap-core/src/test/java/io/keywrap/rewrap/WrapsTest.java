package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.provider.FakeKms;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.provider.ServerSideRewrap;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Moves inside of a KMS and outside of it: whose failure it was, and that no key is left behind. */
class WrapsTest {
    private static final KekId OLD = KekId.of("fake:old");
    private static final KekId NEW = KekId.of("fake:new");

    private final FakeKms kms = new FakeKms();
    private final Inside inside = new Inside();
    private final KeyProviders providers = KeyProviders.builder()
            .register(inside)
            .time(new ManualTime())
            .executor(Runnable::run)
            .build();
    private final Wraps wraps = new Wraps(providers, new Gate(providers, 10_000, 4));
    private final EncryptionContext context = EncryptionContext.of("tenant", "a");
    private final Dek dek = Dek.random(DekId.random());
    private final WrappedDek old = kms.create(OLD).wrap(dek, context, providers.foregroundDeadline());

    /** Re-wraps by itself, or fails. */
    private final class Inside implements KeyProvider.Factory {
        Supplier<KekException> failure = () -> null;
        Supplier<WrappedDek> answer = () -> null;
        int asked;

        @Override
        public String scheme() {
            return kms.scheme();
        }

        @Override
        public KeyProvider create(KekId kekId) {
            return new Both(kms.create(kekId));
        }

        private final class Both implements KeyProvider, ServerSideRewrap {
            private final KeyProvider plain;

            Both(KeyProvider plain) {
                this.plain = plain;
            }

            @Override
            public KekId kekId() {
                return plain.kekId();
            }

            @Override
            public WrappedDek wrap(Dek key, EncryptionContext keyContext, Deadline deadline) {
                return plain.wrap(key, keyContext, deadline);
            }

            @Override
            public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
                return plain.unwrap(wrapped, keyContext, deadline);
            }

            @Override
            public boolean supports(KekId to) {
                return true;
            }

            @Override
            public WrappedDek rewrap(WrappedDek from, KekId to, EncryptionContext keyContext, Deadline deadline) {
                asked++;
                KekException fault = failure.get();
                if (fault != null) {
                    throw fault;
                }
                return answer.get();
            }

            @Override
            public void close() {
                plain.close();
            }
        }
    }

    @AfterEach
    void close() {
        dek.close();
        providers.close();
    }

    private DekEntry entry() {
        return new DekEntry(
                dek.id(),
                Usage.ENVELOPES,
                State.PRIMARY,
                providers.time().now(),
                dek.checkValue(),
                List.of(new Wrap(Role.CONTROL, old)));
    }

    private StepFailed failed(KekId to, Supplier<KekException> failure) {
        inside.failure = failure;
        int before = kms.unwraps.get();
        int made = kms.wraps.get();
        ThrowingCallable move = () -> wraps.move(entry(), old, to, context);
        StepFailed failed = catchThrowableOfType(StepFailed.class, move);
        assertThat(failed).isNotNull();
        assertThat(kms.unwraps.get()).as("nothing is tried outside").isEqualTo(before);
        assertThat(kms.wraps.get()).isEqualTo(made);
        return failed;
    }

    private static KekRevokedException disabled(KekId kekId) {
        return new KekRevokedException(Failure.of(kekId, "told to"), Reason.DISABLED);
    }

    @Test
    void failureInsideIsThatOfTheKekThatItNames() {
        assertThat(failed(NEW, () -> disabled(NEW)).outcome()).isEqualTo(Outcome.FAILED_NEW_KEK);
        assertThat(failed(OLD, () -> disabled(OLD)).outcome())
                .as("a new version of the same")
                .isEqualTo(Outcome.FAILED_OLD_KEK);
        assertThat(wraps.isServerSide(new Move(OLD, NEW))).isTrue();
    }

    @Test
    void failureOfTheOldKekIsNotThatOfTheNewOne() {
        assertThat(failed(NEW, () -> disabled(OLD)).outcome()).isEqualTo(Outcome.FAILED_OLD_KEK);
    }

    @Test
    void wrapThatTheKmsCannotReadIsCorrupt() {
        StepFailed failed = failed(NEW, () -> new InvalidWrappedDekException(Failure.of(OLD, "told to")));
        assertThat(failed.outcome()).isEqualTo(Outcome.CORRUPT_WRAP);
        assertThat(failed.failure()).isInstanceOf(InvalidWrappedDekException.class);
    }

    @Test
    void whatIsRefusedInsideIsDoneOutsideAndNotAskedForAgain() throws StepFailed {
        List<Supplier<KekException>> refusals = List.of(
                () -> new KekRevokedException(Failure.of(OLD, "told to"), Reason.DENIED),
                () -> new KekConfigurationException(Failure.of(OLD, "told to")));
        for (Supplier<KekException> refusal : refusals) {
            Wraps fresh = new Wraps(providers, new Gate(providers, 10_000, 4));
            inside.failure = refusal;
            inside.asked = 0;
            for (int i = 0; i < 2; i++) {
                assertThat(fresh.move(entry(), old, NEW, context).kekId()).isEqualTo(NEW);
            }
            assertThat(inside.asked).isEqualTo(1);
            assertThat(fresh.isServerSide(new Move(OLD, NEW))).isFalse();
            assertThat(fresh.isServerSide(new Move(NEW, OLD))).isTrue();
        }
    }

    @Test
    void answerFromInsideThatCannotBeProvenIsTheNewKeksFailure() {
        WrappedDek made = kms.create(NEW).wrap(dek, context, providers.foregroundDeadline());
        inside.answer = () -> made;
        kms.faults.put(NEW, KekNotFoundException::new);
        ThrowingCallable move = () -> wraps.move(entry(), old, NEW, context);
        StepFailed failed = catchThrowableOfType(StepFailed.class, move);
        assertThat(failed.outcome()).isEqualTo(Outcome.FAILED_NEW_KEK);
        assertThat(failed.failure()).isInstanceOf(KekNotFoundException.class);
    }

    @Test
    void kekOfAKmsThatIsNotThereIsNotAskedInside() {
        assertThat(wraps.isServerSide(new Move(KekId.of("elsewhere:kek"), NEW))).isFalse();
    }

    @Test
    void noKeyStaysOpen() throws StepFailed {
        List<Dek> seen = new CopyOnWriteArrayList<>();
        kms.sees = seen::add;
        inside.failure = () -> new KekConfigurationException(Failure.of(OLD, "told to"));
        WrappedDek moved = wraps.move(entry(), old, NEW, context);
        wraps.prove(entry(), moved, context);
        wraps.open(entry(), old, context);
        assertThat(seen).hasSizeGreaterThanOrEqualTo(4);
        assertThat(seen).allSatisfy(one -> assertThat(isOpen(one)).isFalse());
        assertThat(isOpen(dek)).isTrue();
    }

    private static boolean isOpen(Dek one) {
        try {
            return one.withBytes(key -> true);
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
