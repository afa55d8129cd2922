package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keywrap.Deadline;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider.Generated;
import io.keywrap.provider.KeyProvider.Status;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What befalls a KMS without anybody's verdict on the KEK, deadlines, and rotation. */
abstract class KekOutageContract extends KekStateContract {
    /** No more than this may pass until a call ends whose deadline is much earlier. */
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofSeconds(20);

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

        /** A provider that does not ask the KMS has nothing to wait for. */
        @Test
        void endsAStatusWithItsDeadline() {
            kek.slow(LONG);
            Duration took = timeOf(() -> {
                try {
                    provider.status(deadline(SHORT));
                } catch (KekException e) {
                    assertRefused(KekUnreachableException.class, () -> provider.status(deadline(SHORT)));
                }
            });
            assertTrue(took.compareTo(AT_ONCE) < 0, "the call went on for " + took);
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
            Duration took =
                    timeOf(() -> assertRefused(KekUnreachableException.class, () -> call.within(deadline(SHORT))));
            assertTrue(took.compareTo(AT_ONCE) < 0, "the call went on for " + took);
        }

        private Duration timeOf(Runnable call) {
            long before = kms.time().nanoTime();
            call.run();
            return Duration.ofNanos(kms.time().nanoTime() - before);
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
            Generated generated = generate();
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
