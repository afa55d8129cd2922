package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keywrap.Deadline;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider.Status;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each state of a KEK: what a provider says in it, and that it is over when it is over. */
abstract class KekStateContract extends ProviderFixture {
    /** No more than this may pass until a call ends whose deadline is much earlier. */
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofSeconds(20);

    /** A state in which the KEK cannot be used. */
    abstract class Unusable {
        abstract void begin();

        abstract void assertRefusedHere(Executable call);

        @BeforeEach
        void beginIt() {
            begin();
        }

        @Test
        void refusesToWrap() {
            assertRefusedHere(() -> wrap(dek));
            assertFalse(dek.isClosed(), "the DEK stays the caller's");
        }

        @Test
        void refusesToUnwrap() {
            assertRefusedHere(() -> unwrap(wrapped));
        }

        @Test
        void refusesToGenerate() {
            assertRefusedHere(() -> generate());
        }

        @Test
        void isNotHiddenByTheStatus() {
            Status[] status = new Status[1];
            try {
                status[0] = provider.status(deadline());
            } catch (KekException e) {
                assertRefusedHere(() -> provider.status(deadline()));
                return;
            }
            assertTrue(status[0].currentVersion().isEmpty(), "no version of a KEK that cannot be used: " + status[0]);
        }
    }

    /** Such a state, and the way out of it. */
    abstract class Passing extends Unusable {
        abstract void end();

        @Test
        void isOverWhenItIsOver() {
            assertRefusedHere(() -> unwrap(wrapped));
            end();
            assertUsable();
        }
    }

    /** A state that the owner of the KEK has brought about. */
    abstract class Revoked extends Unusable {
        final Reason reason;

        Revoked(Reason reason) {
            this.reason = reason;
        }

        @Override
        void assertRefusedHere(Executable call) {
            KekRevokedException refusal = assertRefused(KekRevokedException.class, call);
            assertEquals(reason, refusal.reason());
        }
    }

    @Nested
    class WhenDisabled extends Revoked {
        WhenDisabled() {
            super(Reason.DISABLED);
        }

        @Override
        void begin() {
            kek.disable();
        }

        @Test
        void isUsableAgainOnceItIsEnabled() {
            kek.enable();
            assertUsable();
        }
    }

    @Nested
    class WhenDenied extends Revoked {
        WhenDenied() {
            super(Reason.DENIED);
        }

        @Override
        void begin() {
            kek.deny();
        }

        @Test
        void isUsableAgainOnceItIsAllowed() {
            kek.allow();
            assertUsable();
        }
    }

    @Nested
    class WhenItsDeletionIsPending extends Revoked {
        private static final Duration DELAY = Duration.ofDays(30);

        WhenItsDeletionIsPending() {
            super(Reason.PENDING_DELETION);
        }

        @Override
        void begin() {
            kek.scheduleDeletion(DELAY);
        }

        @Test
        void tellsNoDateThatHasPassed() {
            KekRevokedException refusal = assertRefused(KekRevokedException.class, () -> unwrap(wrapped));
            refusal.deletion()
                    .ifPresent(date -> assertTrue(date.isAfter(kms.time().now()), "its date: " + date));
        }

        @Test
        void isUsableAgainOnceTheDeletionIsCancelledAndItIsEnabled() {
            kek.cancelDeletion();
            kek.enable();
            assertUsable();
        }

        @Test
        void isDeletedOnceTheDateHasPassed() {
            kms.advance(DELAY);
            KekRevokedException refusal = assertRefused(KekRevokedException.class, () -> unwrap(wrapped));
            assertEquals(Reason.DELETED, refusal.reason());
            assertFalse(refusal.recoverable());
        }
    }

    @Nested
    class WhenDeleted extends Revoked {
        WhenDeleted() {
            super(Reason.DELETED);
        }

        @Override
        void begin() {
            kek.delete();
        }
    }

    @Nested
    class WhenItIsNotThereAnyMore extends Passing {
        @Override
        void begin() {
            kek.remove();
        }

        @Override
        void assertRefusedHere(Executable call) {
            assertRefused(KekNotFoundException.class, call);
        }

        @Override
        void end() {
            kek.putBack();
        }
    }

    @Nested
    class WhenItWasNeverMade extends Unusable {
        @Override
        void begin() {
            provider.close();
            provider = kms.factory().create(kms.unknownKek());
            wrapped = relabelled(wrapped, kms.unknownKek());
        }

        @Override
        void assertRefusedHere(Executable call) {
            assertRefused(KekNotFoundException.class, call);
        }
    }

    @Nested
    class WhenThrottled extends Passing {
        @Override
        void begin() {
            kek.throttle();
        }

        @Override
        void assertRefusedHere(Executable call) {
            assertRefused(KekThrottledException.class, call);
        }

        @Override
        void end() {
            kek.recover();
        }
    }

    @Nested
    class WhenUnreachable extends Passing {
        @Override
        void begin() {
            kek.unreachable();
        }

        @Override
        void assertRefusedHere(Executable call) {
            assertRefused(KekUnreachableException.class, call);
        }

        @Override
        void end() {
            kek.recover();
        }
    }

    @Nested
    class WhenMisconfigured extends Passing {
        @Override
        void begin() {
            kek.misconfigure();
        }

        @Override
        void assertRefusedHere(Executable call) {
            assertRefused(KekConfigurationException.class, call);
        }

        @Override
        void end() {
            kek.recover();
        }
    }

    @Nested
    class WhenSlow {
        @Test
        void endsAWrapWithItsDeadline() {
            assertEndsInTime(within -> provider.wrap(dek, context, within));
        }

        @Test
        void endsAnUnwrapWithItsDeadline() {
            assertEndsInTime(within -> provider.unwrap(wrapped, context, within));
        }

        @Test
        void endsAGenerateWithItsDeadline() {
            assertEndsInTime(within -> provider.generate(id, context, within));
        }

        @Test
        void answersWhereTheDeadlineIsLater() {
            kek.slow(Duration.ofMillis(20));
            assertUsable();
        }

        @Test
        void isFastAgainOnceItHasRecovered() {
            kek.slow(LONG);
            kek.recover();
            provider.unwrap(wrapped, context, deadline(AT_ONCE)).close();
        }

        private void assertEndsInTime(Call call) {
            kek.slow(LONG);
            long before = kms.time().nanoTime();
            assertRefused(KekUnreachableException.class, () -> call.within(deadline(SHORT)));
            Duration took = Duration.ofNanos(kms.time().nanoTime() - before);
            assertTrue(took.compareTo(AT_ONCE) < 0, "the call went on for " + took);
        }
    }

    @Nested
    class WhenTheDeadlineHasPassed {
        @Test
        void refusesToWrap() {
            assertRefused(KekUnreachableException.class, () -> provider.wrap(dek, context, deadline(Duration.ZERO)));
        }

        @Test
        void refusesToUnwrap() {
            assertRefused(
                    KekUnreachableException.class, () -> provider.unwrap(wrapped, context, deadline(Duration.ZERO)));
        }

        @Test
        void refusesToGenerate() {
            assertRefused(KekUnreachableException.class, () -> provider.generate(id, context, deadline(Duration.ZERO)));
        }
    }

    @Nested
    class WhenRotated {
        @BeforeEach
        void rotate() {
            kek.rotate();
        }

        @Test
        void stillOpensOldWraps() {
            assertOpens(wrapped);
        }

        @Test
        void opensNewWraps() {
            assertUsable();
        }

        @Test
        void stillOpensOldWrapsWhenRotatedAgain() {
            WrappedDek second = wrap(dek);
            kek.rotate();
            assertOpens(wrapped);
            assertOpens(second);
            assertOpens(wrap(dek));
        }

        @Test
        void tellsThatOldWrapsNeedARewrap() {
            assertTrue(knownStatus().needsRewrap(wrapped));
        }

        @Test
        void tellsThatNewWrapsNeedNone() {
            assertFalse(knownStatus().needsRewrap(wrap(dek)));
            assertFalse(knownStatus().needsRewrap(generateAndClose()));
        }

        private WrappedDek generateAndClose() {
            var generated = generate();
            generated.dek().close();
            return generated.wrapped();
        }

        private Status knownStatus() {
            Status status = provider.status(deadline());
            assumeTrue(status.currentVersion().isPresent(), "this provider does not tell the current version of a KEK");
            return status;
        }
    }

    @Nested
    class WhenNothingHasHappened {
        @Test
        void tellsThatNoWrapNeedsARewrap() {
            assertFalse(provider.status(deadline()).needsRewrap(wrapped));
        }
    }

    private interface Call {
        void within(Deadline deadline);
    }
}
