package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.DekId;
import io.keywrap.FormatRule;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A repair makes the wraps that are missing: from configuration, proven, and without losing what others change. */
class RepairTest extends RecipientsFixture {
    private Keychain keychain;
    private DekId first;

    @BeforeEach
    void makeOneWithoutB() {
        kms.wrapFaults.put(B, KekUnreachableException::new);
        keychain = keychain(spec -> spec.control(A).replica(B).writeQuorum(1));
        first = use(keychain);
        kms.wrapFaults.clear();
    }

    @Test
    void makesWhatIsMissing() {
        assertThat(keychain.repair(Set.of(B))).isEqualTo(2);
        Keychain elsewhere = process().open(ID);
        assertThat(elsewhere.record().incomplete()).isEmpty();
        assertThat(wraps(elsewhere, 0)).containsExactly("CONTROL " + A, "REPLICA " + B);
        kms.faults.put(A, KekUnreachableException::new);
        open(elsewhere, first);
    }

    @Test
    void hasNothingToDoASecondTime() {
        keychain.repair(Set.of(B));
        long revision = keychain.record().revision();
        kms.wraps.set(0);
        assertThat(keychain.repair(Set.of(A, B))).isZero();
        assertThat(kms.wraps).hasValue(0);
        assertThat(keychain.record().revision()).isEqualTo(revision);
    }

    @Test
    @FormatRule("K15")
    void wrapsToNoKekThatTheConfigurationDoesNotName() {
        assertThat(keychain.repair(Set.of())).isZero();
        assertThat(keychain.repair(Set.of(A))).isZero();
        assertThat(keychain.record().incomplete()).hasSize(2);
    }

    @Test
    void wrapsToNoKekThatTheSealedRecordDoesNotName() {
        assertThatIllegalArgumentException().isThrownBy(() -> keychain.repair(Set.of(B, C)));
        keychain.changeRecipients(to -> to.control(A).retained(B));
        assertThatIllegalArgumentException().isThrownBy(() -> keychain.repair(Set.of(B)));
    }

    @Test
    void wrapsToNoKekThatAWriterOfTheStoreHasAdded() {
        KeychainRecord record = store.load(ID).orElseThrow();
        KeychainRecord forged = record.next()
                .recipients(List.of(
                        new Recipient(Role.CONTROL, A), new Recipient(Role.REPLICA, B), new Recipient(Role.REPLICA, C)))
                .build(body -> new byte[KeychainRecord.SEAL_BYTES]);
        store.replace(forged, record.revision());
        kms.wraps.set(0);
        assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(() -> keychain.repair(Set.of(B, C)));
        assertThat(kms.wraps).hasValue(0);
    }

    @Test
    @FormatRule("K15")
    void commitsNothingThatDoesNotUnwrapToTheDek() {
        process(); // Nothing is in the memory of the next one.
        kms.faults.put(B, RecipientsFixture::disabled);
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> keychain.repair(Set.of(B)));
        assertThat(keychain.record().incomplete()).hasSize(2);
        kms.faults.clear();
        kms.answersWithAnotherKeyFor = B;
        assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(() -> keychain.repair(Set.of(B)));
        assertThat(process().open(ID).record().incomplete()).hasSize(2);
    }

    @Test
    void needsADekThatIsOpenToAllItsControlKeks() {
        kms.faults.put(A, RecipientsFixture::disabled);
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> process().open(ID).repair(Set.of(B)));
        assertThat(process().open(ID).record().incomplete()).hasSize(2);
    }

    @Test
    void doesWhatItCanAndThenSaysWhatItCouldNot() {
        keychain.changeRecipients(to -> to.control(A).replica(B).replica(C).writeQuorum(1));
        kms.wrapFaults.put(C, KekUnreachableException::new);
        assertThatExceptionOfType(KekException.class)
                .isThrownBy(() -> keychain.repair(Set.of(B, C)))
                .satisfies(e -> assertThat(e.kekId()).contains(C));
        assertThat(wraps(keychain, 0)).containsExactly("CONTROL " + A, "REPLICA " + B);
    }

    @Test
    void leavesAFailureThatOthersAreToldOfAsItIs() {
        keychain.changeRecipients(to -> to.control(A).replica(B).replica(C).writeQuorum(2));
        KekException one = new KekUnreachableException(Failure.of(B, "always the same"));
        KekException other = new KekUnreachableException(Failure.of(C, "always the same"));
        kms.wrapFaults.put(B, failure -> one);
        kms.wrapFaults.put(C, failure -> other);
        assertThatExceptionOfType(KekException.class)
                .isThrownBy(() -> keychain.repair(Set.of(B, C)))
                .isSameAs(one);
        assertThatExceptionOfType(KekException.class).isThrownBy(() -> keychain.rotate());
        assertThat(List.of(one, other))
                .allSatisfy(failure -> assertThat(failure).hasNoSuppressedExceptions());
    }

    /** So that a failure late in the work takes little of it. */
    @Test
    void ofManyDeksCommitsFiftyAtATime() {
        kms.wrapFaults.put(B, KekUnreachableException::new);
        for (int i = 0; i < 30; i++) {
            keychain.rotate();
        }
        kms.wrapFaults.clear();
        int incomplete = keychain.record().incomplete().size();
        AtomicInteger commits = new AtomicInteger();
        store.everyTime = () -> {
            if (commits.incrementAndGet() == 2) {
                throw new StoreUnavailableException("told to", null);
            }
        };
        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> keychain.repair(Set.of(B)));
        assertThat(process().open(ID).record().incomplete()).hasSize(incomplete - 50);
        assertThat(keychain.repair(Set.of(B))).isEqualTo(incomplete - 50);
        assertThat(keychain.record().incomplete()).isEmpty();
    }

    @Test
    void namesNoRetainedKekWhoseTimeIsOverAndThatHasNoWraps() {
        Instant until = time.now().plusSeconds(60);
        keychain.changeRecipients(to -> to.control(A).retained(C, until));
        keychain.repair(Set.of());
        assertThat(keychain.record().recipients()).hasSize(2);
        time.advance(Duration.ofSeconds(60));
        assertThat(keychain.repair(Set.of())).isZero();
        assertThat(process().open(ID).record().recipients()).containsExactly(new Recipient(Role.CONTROL, A));
    }

    @Nested
    class InTwoProcesses {
        private Keychain other;

        @BeforeEach
        void openThere() {
            other = process().open(ID);
        }

        @Test
        void makesEachWrapOnceInTheRecord() {
            store.beforeReplace = () -> other.repair(Set.of(B));
            assertThat(keychain.repair(Set.of(B))).as("what was left to change").isZero();
            KeychainRecord record = process().open(ID).record();
            assertThat(record.deks())
                    .allSatisfy(entry -> assertThat(wraps(entry)).containsExactly("CONTROL " + A, "REPLICA " + B));
        }

        @Test
        void losesNoRotation() {
            store.beforeReplace = other::rotate;
            keychain.repair(Set.of(B));
            assertThat(keychain.record().deks()).hasSize(4);
            assertThat(keychain.record().incomplete()).isEmpty();
        }

        @Test
        void doesNotBringADestroyedDekBack() {
            store.beforeReplace = () -> other.destroyDek(first, Optional.empty());
            keychain.repair(Set.of(B));
            assertThat(keychain.record().dek(first).orElseThrow().wraps()).isEmpty();
            assertThat(keychain.record().incomplete()).isEmpty();
        }

        @Test
        void wrapsToNobodyWhoIsNoRecipientAnyMore() {
            store.beforeReplace = () -> other.changeRecipients(to -> to.control(A));
            keychain.repair(Set.of(B));
            assertThat(keychain.record().deks())
                    .allSatisfy(entry -> assertThat(wraps(entry)).containsExactly("CONTROL " + A));
        }
    }

    @Nested
    class AfterAChange {
        private Instant until;

        @BeforeEach
        void moveToC() {
            until = time.now().plus(Duration.ofDays(30));
            keychain.changeRecipients(to -> to.control(C).retained(A, until));
        }

        @Test
        void takesControlFromTheOldKekOnlyWhenTheNewOneIsProven() {
            kms.faults.put(C, KekUnreachableException::new);
            assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> keychain.repair(Set.of(C)));
            assertThat(wraps(keychain, 0)).containsExactly("CONTROL " + A);
            kms.faults.clear();
            keychain.repair(Set.of(C));
            assertThat(wraps(keychain, 0)).containsExactly("RETAINED " + A, "CONTROL " + C);
        }

        /** The DEKs are kept in memory, so that the new KEK wraps them without the old one. */
        @Test
        void takesControlFromNoKekThatHasClosedThemMeanwhile() {
            keychain.lease(first).close();
            keychain.lease(keychain.record().deks().get(0).id(), Usage.ENVELOPES)
                    .close();
            kms.faults.put(A, RecipientsFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> keychain.repair(Set.of(C)))
                    .satisfies(e -> assertThat(e.kekId()).contains(A));
            assertThat(keychain.record().deks())
                    .filteredOn(entry -> entry.wrapUnder(A).isPresent())
                    .hasSize(2)
                    .allSatisfy(entry -> assertThat(wraps(entry)).contains("CONTROL " + A));
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> open(process().open(ID), first));
        }

        @Test
        void givesNoRolesForRecipientsThatOthersHaveChangedMeanwhile() {
            Keychain other = process().open(ID);
            store.beforeReplace = () -> other.changeRecipients(to -> to.control(C));
            assertThat(keychain.repair(Set.of(C))).isEqualTo(2);
            assertThat(wraps(keychain, 0)).containsExactly("CONTROL " + A, "CONTROL " + C);
            assertThat(keychain.repair(Set.of())).isEqualTo(2);
            assertThat(wraps(keychain, 0)).containsExactly("RETAINED " + A, "CONTROL " + C);
        }

        @Test
        void dropsRetainedWrapsWhenTheirTimeIsOver() {
            keychain.repair(Set.of(C));
            time.advance(Duration.between(time.now(), until).minusMillis(1));
            assertThat(keychain.repair(Set.of())).isZero();
            time.advance(Duration.ofMillis(1));
            assertThat(keychain.repair(Set.of())).isEqualTo(2);
            assertThat(wraps(keychain, 0)).containsExactly("CONTROL " + C);
            assertThat(keychain.record().recipients()).containsExactly(new Recipient(Role.CONTROL, C));
            open(process().open(ID), first);
        }

        @Test
        void dropsNothingWhereTheOtherWrapsAreNoGood() {
            keychain.repair(Set.of(C));
            time.advance(Duration.ofDays(31));
            kms.answersWithAnotherKeyFor = C;
            Keychain elsewhere = process().open(ID);
            assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(() -> elsewhere.repair(Set.of()));
            assertThat(wraps(process().open(ID), 0)).containsExactly("RETAINED " + A, "CONTROL " + C);
        }

        @Test
        void keepsOldWrapsOfADekThatTheNewKekHasNotWrapped() {
            time.advance(Duration.ofDays(31));
            keychain.repair(Set.of());
            assertThat(wraps(keychain, 0)).containsExactly("CONTROL " + A);
            assertThat(keychain.record().recipients()).hasSize(2);
        }
    }
}
