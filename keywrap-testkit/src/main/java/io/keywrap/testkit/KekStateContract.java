package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrowsExactly;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.Ending;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.KekMonitor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
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

    /** Two keychains depend on it, and somebody watches. */
    @Nested
    class WhenItsDeletionIsPendingAndItIsMonitored {
        private static final Duration DELAY = Duration.ofDays(30);

        private final List<DeadlineNear> told = new CopyOnWriteArrayList<>();

        @Test
        void isToldAtOnceAndAgainTheDayBeforeWithWhatDependsOnIt() {
            KekId vendor = kms.createKek().id();
            KeychainSeal seal = KeychainSeal.wrappedBy(vendor);
            InMemoryKeychainStore store = new InMemoryKeychainStore();
            try (KeyProviders providers = KeyProviders.builder()
                            .register(kms.factory())
                            .time(kms.time())
                            .listener(this::note)
                            .build();
                    KekMonitor monitor =
                            KekMonitor.builder(store, providers).seal(seal).build()) {
                Keychains keychains =
                        Keychains.builder(store, providers).seal(seal).build();
                keychains.create("one", spec -> spec.control(kek.id()));
                keychains.create("another", spec -> spec.control(kek.id()));
                watch(monitor, Duration.ofSeconds(100));
                assertEquals(List.of(), told);

                kek.scheduleDeletion(DELAY);
                Optional<Instant> day = assertThrowsExactly(KekRevokedException.class, () -> unwrap(wrapped))
                        .deletion();
                watch(monitor, Duration.ofSeconds(100));
                assertTold(day, day.isPresent() ? 1 : 0);

                kms.advance(DELAY.minusHours(20));
                watch(monitor, Duration.ofSeconds(100));
                assertTold(day, day.isPresent() ? 2 : 0);
            }
        }

        private void note(KekEvent event) {
            if (event instanceof DeadlineNear near) {
                told.add(near);
            }
        }

        private void watch(KekMonitor monitor, Duration howLong) {
            for (int i = 0; i < howLong.toSeconds(); i += 5) {
                kms.advance(Duration.ofSeconds(5));
                monitor.step();
            }
        }

        private void assertTold(Optional<Instant> day, int times) {
            assertEquals(times, told.size(), "how often it was told: " + told);
            for (DeadlineNear one : told) {
                assertEquals(new DeadlineNear(kek.id(), one.version(), Ending.DELETION, day.orElseThrow(), 2, 2), one);
            }
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
