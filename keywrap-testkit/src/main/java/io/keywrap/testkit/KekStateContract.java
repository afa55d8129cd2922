package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.KekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.provider.KeyProvider.Status;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each state that a KEK is put into by its owner: what a provider says in it, and that it ends. */
abstract class KekStateContract extends ProviderFixture {
    /** A state in which the KEK cannot be used. */
    abstract class Unusable {
        abstract void begin();

        abstract void assertRefusedHere(Executable call);

        /** It was used before, so that a provider that keeps keys for later is found out. */
        @BeforeEach
        void useItAndBegin() {
            assertUsable();
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
}
