package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What is known of a CONTROL KEK ends what a REPLICA KEK serves in its place, whatever it was asked for. */
class StandInTest extends CacheFixture {
    private static final KekId REPLICA = KekId.of("fake:replica");
    private static final Duration LATER = Duration.ofSeconds(10);

    private final List<KekId> asked = new ArrayList<>();

    @BeforeEach
    void note() {
        kms.askedToUnwrap = asked::add;
    }

    @Nested
    class WhenNothingRunsInTheBackground {
        private DekLease lease;

        @BeforeEach
        void standIn() {
            fail(KekUnreachableException::new);
            lease = open("1", CONTEXT);
        }

        @Test
        void controlIsAskedAllTheSameOnceADeadline() {
            fail(CacheFixture::disabled);
            for (int i = 0; i < 50; i++) {
                time.advance(DEADLINE.dividedBy(49));
                try {
                    lease.ensureUsable();
                } catch (KekException e) {
                    assertThat(e.kekId()).contains(FakeKms.KEK);
                    return;
                }
            }
            throw new AssertionError("CONTROL was disabled for a whole deadline, and was never asked");
        }

        @Test
        void newLeasesAskControlOnceADeadlineToo() {
            time.advance(Duration.ofSeconds(4));
            open("1", CONTEXT).close(); // Begins to ask in the background, where nobody does.
            fail(CacheFixture::disabled);
            time.advance(DEADLINE);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open("1", CONTEXT));
        }

        @Test
        void aLeaseThatWasIdleAsksControlAndNotReplica() {
            kms.faults.clear();
            time.advance(LATER);
            lease.ensureUsable();
            runBackground();
            fail(CacheFixture::disabled);
            asked.clear();
            time.advance(DEADLINE.multipliedBy(2));
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(lease::ensureUsable)
                    .satisfies(e -> assertThat(e.kekId()).contains(FakeKms.KEK));
            assertThat(asked).doesNotContain(REPLICA);
        }

        @Test
        void anAnswerOfAnotherKindIsNotAskedForAtEachUse() {
            fail(KekConfigurationException::new);
            asked.clear();
            time.advance(LATER);
            for (int i = 0; i < 100; i++) {
                lease.ensureUsable();
                runBackground();
            }
            assertThat(asked).hasSizeLessThan(3);
            assertThat(providers.statistics().refusalsRepeated()).isLessThan(3);
        }
    }

    @Nested
    class AVerdict {
        @Test
        void isOfTheKekUntilAnyVersionOfItWorks() {
            fail(CacheFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open("1", CONTEXT));
            fail(KekUnreachableException::new);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open("2", CONTEXT));
            kms.faults.clear();
            time.advance(LATER);
            open("2", CONTEXT).close();
            fail(KekUnreachableException::new);
            time.advance(DEADLINE);
            open("2", CONTEXT).close();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open("1", CONTEXT));
        }

        @Test
        void ofAnotherVersionDoesNotEndALeaseWhoseOwnWorks() {
            fail(KekUnreachableException::new);
            DekLease lease = open("2", CONTEXT);
            fail(CacheFixture::disabled);
            time.advance(LATER);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open("1", CONTEXT));
            kms.faults.clear();
            time.advance(TICK);
            lease.ensureUsable();
            fail(CacheFixture::disabled);
            time.advance(DEADLINE);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        }

        @Test
        void ofAnotherVersionDoesNotEndALeaseWhoseOwnIsKept() {
            fail(KekUnreachableException::new);
            DekLease lease = open("2", CONTEXT);
            kms.faults.clear();
            time.advance(LATER);
            lease.ensureUsable();
            runBackground();
            fail(CacheFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open("1", CONTEXT));
            kms.faults.clear();
            assertThatCode(lease::ensureUsable).doesNotThrowAnyException();
        }

        @Test
        void ofAnotherVersionEndsALeaseWhoseOwnIsSilent() {
            fail(KekUnreachableException::new);
            DekLease lease = open("2", CONTEXT);
            fail(CacheFixture::disabled);
            time.advance(LATER);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open("1", CONTEXT));
            fail(KekUnreachableException::new);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
        }

        @Test
        void ofOneKeychainIsNotLiftedByAnotherUnderTheSameKek() {
            EncryptionContext mine = EncryptionContext.ofDek("mine", wrapped.dekId(), CONTEXT);
            EncryptionContext others = EncryptionContext.ofDek("others", wrapped.dekId(), CONTEXT);
            fail(CacheFixture::denied);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open("1", mine));
            kms.faults.clear();
            time.advance(LATER);
            open("1", others).close();
            fail(KekUnreachableException::new);
            time.advance(DEADLINE);
            open("1", others).close();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open("1", mine));
        }
    }

    /** An outage is over, as others under the same KEK show, again and again. */
    @Nested
    class WhileOthersUnderTheKekAreServed {
        private DekLease lease;

        @BeforeEach
        void standIn() {
            fail(KekUnreachableException::new);
            lease = open("2", CONTEXT);
            time.advance(LATER);
            openAnother();
        }

        @Test
        void itsOwnVersionIsAskedAllTheSameOnceADeadline() {
            assertThat(useUntilItEnds(CacheFixture::disabled)).isInstanceOf(KekRevokedException.class);
        }

        @Test
        void thatItsWrapIsNoneIsNotForgottenForThem() {
            assertThat(useUntilItEnds(InvalidWrappedDekException::new)).isInstanceOf(InvalidWrappedDekException.class);
        }

        private KekException useUntilItEnds(Function<Failure, KekException> ofItsOwn) {
            for (int seconds = 0; seconds < DEADLINE.toSeconds() + 10; seconds += 2) {
                time.advance(Duration.ofSeconds(2));
                openAnother();
                fail(ofItsOwn);
                try {
                    lease.ensureUsable();
                } catch (KekException e) {
                    return e;
                }
                runBackground();
                openAnother();
            }
            throw new AssertionError("REPLICA stands in for a KEK that would have answered for a whole deadline");
        }

        private void openAnother() {
            kms.faults.clear();
            WrappedDek control = FakeKms.wrapped();
            WrappedDek replica =
                    WrappedDek.builder(control.dekId(), REPLICA).kekVersion("1").build("COPY", control.wrappedBytes());
            providers
                    .deks()
                    .lease(new DekWraps(List.of(control), List.of(replica), CONTEXT, checkValue(control)))
                    .close();
        }
    }

    private DekLease open(String version, EncryptionContext context) {
        return providers
                .deks()
                .lease(new DekWraps(
                        List.of(of(FakeKms.KEK, version)), List.of(of(REPLICA, "1")), context, checkValue(wrapped)));
    }

    private WrappedDek of(KekId kekId, String version) {
        return WrappedDek.builder(wrapped.dekId(), kekId).kekVersion(version).build("COPY", wrapped.wrappedBytes());
    }

    private void runBackground() {
        while (!background.isEmpty()) {
            background.remove().run();
        }
    }
}
