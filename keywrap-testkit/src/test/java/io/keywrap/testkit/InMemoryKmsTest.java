package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What the contract of providers does not ask: names, counters, dates, and changes that a cloud would refuse. */
class InMemoryKmsTest {
    private static final Instant START = Instant.parse("2026-11-25T08:00:00Z");
    private static final EncryptionContext CONTEXT = EncryptionContext.of("tenant", "acme");

    private final ManualTime time = ManualTime.startingAt(START);
    private final InMemoryKms kms = new InMemoryKms(time);
    private final InMemoryKek kek = kms.kek("customer");
    private final KeyProvider provider = kms.create(kek.id());

    @Test
    void namesItsKeks() {
        assertThat(kms.scheme()).isEqualTo("memory");
        assertThat(kek.id()).isEqualTo(KekId.of("memory:customer"));
        assertThat(kms.kek("customer")).isSameAs(kek);
        assertThat(kms.createKek().id()).isNotEqualTo(kms.createKek().id());
        assertThatIllegalArgumentException().isThrownBy(() -> kms.kek("a b")).withMessageContaining("'a b'");
        assertThatIllegalArgumentException().isThrownBy(() -> kms.kek(""));
    }

    @Test
    void refusesIdsOfAnotherForm() {
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> kms.create(KekId.of("memory:#1")))
                .withMessageContaining("memory:<name>");
        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> kms.create(KekId.of("keystore:customer")));
    }

    @Test
    void servesSeveralProcessesOfOneCustomer() {
        WrappedDek wrapped = wrap();
        try (KeyProviders other =
                        KeyProviders.builder().register(kms).time(time).build();
                Dek dek = other.provider(kek.id()).unwrap(wrapped, CONTEXT, other.foregroundDeadline())) {
            assertThat(dek.id()).isEqualTo(wrapped.dekId());
        }
        assertThat(kek.unwraps()).isEqualTo(1);
    }

    @Test
    void findsAKekThatIsMadeAfterItsProvider() {
        KeyProvider early = kms.create(KekId.of("memory:later"));
        assertThatExceptionOfType(KekNotFoundException.class).isThrownBy(() -> early.status(deadline()));
        kms.kek("later");
        assertThat(early.status(deadline()).currentVersion()).contains("1");
    }

    @Test
    void countsCallsWhateverCameOfThem() {
        WrappedDek wrapped = wrap();
        provider.generate(DekId.random(), CONTEXT, deadline()).dek().close();
        provider.status(deadline());
        kek.disable();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> unwrap(wrapped));
        kek.unreachable();
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> unwrap(wrapped));
        assertThat(kek.wraps()).isEqualTo(1);
        assertThat(kek.generates()).isEqualTo(1);
        assertThat(kek.unwraps()).isEqualTo(2);
        assertThat(kek.calls()).isEqualTo(5);
    }

    @Test
    void doesNotCountACallThatWasNeverMade() {
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> provider.status(Deadline.after(Duration.ZERO, time)));
        assertThat(kek.calls()).isZero();
    }

    @Test
    void refusesAKeyContextThatNoDekHas() {
        EncryptionContext great = EncryptionContext.of("tenant", "x".repeat(EncryptionContext.MAX_KEY_CONTEXT_BYTES));
        WrappedDek wrapped = wrap();
        try (Dek dek = Dek.random(DekId.random())) {
            assertThatIllegalArgumentException().isThrownBy(() -> provider.wrap(dek, great, deadline()));
            assertThatIllegalArgumentException().isThrownBy(() -> provider.unwrap(wrapped, great, deadline()));
            assertThatIllegalArgumentException().isThrownBy(() -> provider.generate(dek.id(), great, deadline()));
        }
        assertThat(kek.calls()).isEqualTo(1);
    }

    @Test
    void namesTheCallForASupportCase() {
        kek.deny();
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> wrap())
                .satisfies(e -> assertThat(e.rawCode()).contains("AccessDeniedException"))
                .satisfies(e -> assertThat(e.requestId()).contains("memory-1"))
                .satisfies(e -> assertThat(e.presumed()).isTrue());
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> wrap())
                .satisfies(e -> assertThat(e.requestId()).contains("memory-2"));
    }

    @Test
    void showsNoKey() {
        assertThat(kek).hasToString("InMemoryKek[memory:customer, ENABLED, version 1, 0 calls]");
        assertThat(kms).hasToString("InMemoryKms[1 KEKs]");
    }

    @Test
    void isGoneAfterItsClosing() {
        WrappedDek wrapped = wrap();
        kms.close();
        kms.close();
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> unwrap(wrapped));
    }

    @Test
    void refusesCallsOfAClosedProvider() {
        provider.close();
        assertThatIllegalStateException().isThrownBy(() -> wrap()).withMessageContaining("closed");
    }

    @Nested
    class APendingDeletion {
        @Test
        void tellsItsDateAndIsCarriedOutOnIt() {
            WrappedDek wrapped = wrap();
            kek.scheduleDeletion(Duration.ofDays(7));
            time.advance(Duration.ofDays(7).minusNanos(1));
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> unwrap(wrapped))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.PENDING_DELETION))
                    .satisfies(e -> assertThat(e.deletion()).contains(START.plus(Duration.ofDays(7))));
            time.advance(Duration.ofNanos(1));
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> unwrap(wrapped))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DELETED));
        }

        @Test
        void staysCarriedOutWhenTheWallClockGoesBack() {
            kek.scheduleDeletion(Duration.ofDays(7));
            time.advance(Duration.ofDays(8));
            assertThat(kek.state()).isEqualTo(InMemoryKek.State.DELETED);
            time.setWallClock(START);
            assertThat(kek.state()).isEqualTo(InMemoryKek.State.DELETED);
        }

        @Test
        void leavesADisabledKekWhenCancelled() {
            kek.scheduleDeletion(Duration.ofDays(7));
            kek.cancelDeletion();
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> wrap())
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DISABLED));
            time.advance(Duration.ofDays(8));
            kek.enable();
            wrap();
        }

        @Test
        void cannotBeEnabledNorRotatedNorScheduledAgain() {
            kek.scheduleDeletion(Duration.ofDays(7));
            assertThatIllegalStateException().isThrownBy(kek::enable).withMessageContaining("PENDING_DELETION");
            assertThatIllegalStateException().isThrownBy(kek::disable);
            assertThatIllegalStateException().isThrownBy(kek::rotate);
            assertThatIllegalStateException().isThrownBy(() -> kek.scheduleDeletion(Duration.ofDays(9)));
        }

        @Test
        void cannotBeCancelledOnceItIsCarriedOut() {
            kek.scheduleDeletion(Duration.ofDays(7));
            time.advance(Duration.ofDays(7));
            assertThatIllegalStateException().isThrownBy(kek::cancelDeletion).withMessageContaining("DELETED");
        }

        @Test
        void isNotScheduledForThePast() {
            assertThatIllegalArgumentException().isThrownBy(() -> kek.scheduleDeletion(Duration.ofDays(-1)));
            assertThatIllegalArgumentException().isThrownBy(() -> kek.scheduleDeletion(Duration.ZERO));
            assertThat(kek.state()).isEqualTo(InMemoryKek.State.ENABLED);
        }
    }

    @Nested
    class ADeletedKek {
        @Test
        void hasNoKeyAnyMore() {
            byte[] key = kek.key("1").orElseThrow();
            assertThat(kek.keyArray(0)).isEqualTo(key);
            kek.delete();
            assertThat(kek.keyArray(0)).isEqualTo(new byte[Dek.BYTES]);
            assertThat(kek.key("1")).isEmpty();
        }

        @Test
        void isNeverEnabledAgain() {
            kek.delete();
            kek.delete();
            assertThatIllegalStateException().isThrownBy(kek::enable).withMessageContaining("DELETED");
            assertThatIllegalStateException().isThrownBy(kek::cancelDeletion);
        }
    }

    @Nested
    class ADenial {
        @Test
        void hidesTheStateOfTheKek() {
            kek.disable();
            kek.deny();
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> wrap())
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
            kek.allow();
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> wrap())
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DISABLED));
        }

        @Test
        void doesNotKeepAPendingDeletionFromBeingCancelled() {
            kek.scheduleDeletion(Duration.ofDays(7));
            kek.deny();
            kek.cancelDeletion();
            kek.allow();
            kek.enable();
            wrap();
        }
    }

    private Deadline deadline() {
        return Deadline.after(Duration.ofSeconds(10), time);
    }

    private WrappedDek wrap() {
        try (Dek dek = Dek.random(DekId.random())) {
            return provider.wrap(dek, CONTEXT, deadline());
        }
    }

    private void unwrap(WrappedDek wrapped) {
        provider.unwrap(wrapped, CONTEXT, deadline()).close();
    }
}
