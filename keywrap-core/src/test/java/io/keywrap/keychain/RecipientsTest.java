package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.WrappedDek;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which KEKs the DEKs of a keychain are wrapped to, and how that changes. */
class RecipientsTest extends RecipientsFixture {
    @Nested
    class ANewKeychain {
        @Test
        void hasAWrapForEachRecipientControlFirst() {
            Keychain keychain = keychain(spec -> spec.replica(B).control(A).replica(C));
            assertThat(wraps(keychain, 0)).containsExactly("CONTROL " + A, "REPLICA " + B, "REPLICA " + C);
            assertThat(keychain.record().incomplete()).isEmpty();
        }

        @Test
        void isNotMadeWithoutAReplicaUnlessItsQuorumAllowsIt() {
            kms.wrapFaults.put(B, KekUnreachableException::new);
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> keychain(spec -> spec.control(A).replica(B)));
            assertThatExceptionOfType(KeychainNotFoundException.class).isThrownBy(() -> keychains.open(ID));
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> keychain(
                            spec -> spec.control(A).replica(B).replica(C).writeQuorum(3)));
        }

        @Test
        void isMadeWithoutASilentReplicaByAQuorumAndSaysSo() {
            kms.wrapFaults.put(B, KekUnreachableException::new);
            Keychain keychain =
                    keychain(spec -> spec.control(A).replica(B).replica(C).writeQuorum(2));
            assertThat(wraps(keychain, 0)).containsExactly("CONTROL " + A, "REPLICA " + C);
            assertThat(keychain.record().incomplete())
                    .containsExactly(keychain.record().deks().get(0));
            assertThat(process()
                            .open(ID)
                            .record()
                            .missing(keychain.record().deks().get(0)))
                    .containsExactly(new Recipient(Role.REPLICA, B));
        }

        @Test
        void isNotMadeByTooFew() {
            kms.wrapFaults.put(B, KekUnreachableException::new);
            kms.wrapFaults.put(C, KekUnreachableException::new);
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> keychain(
                            spec -> spec.control(A).replica(B).replica(C).writeQuorum(2)));
        }

        @Test
        @FormatRule("K15")
        void isNotMadeWithoutAControlKekWhateverTheQuorum() {
            kms.wrapFaults.put(B, KekUnreachableException::new);
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> keychain(
                            spec -> spec.control(A).control(B).replica(C).writeQuorum(2)));
        }

        @Test
        void isNotMadeWithoutAReplicaThatWasRevoked() {
            kms.wrapFaults.put(B, RecipientsFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(
                            () -> keychain(spec -> spec.control(A).replica(B).writeQuorum(1)));
        }

        @Test
        void ofAWriterWhoMayNotUnwrapIsTheSame() {
            Keychain keychain = Keychains.builder(store, processes.get(0))
                    .seal(KeychainSeal.wrappedBy(SEAL))
                    .wrapOnly()
                    .build()
                    .create(ID, spec -> spec.control(A).replica(B));
            kms.faults.put(A, KekUnreachableException::new);
            kms.faults.put(B, KekUnreachableException::new);
            DekId mine = use(keychain);
            assertThat(wraps(keychain.record().dek(mine).orElseThrow()))
                    .containsExactly("CONTROL " + A, "REPLICA " + B);
        }
    }

    static Stream<Consumer<Recipients>> brokenRules() {
        return Stream.of(
                to -> {},
                to -> to.replica(A),
                to -> to.control(A).replica(A),
                to -> to.control(A).control(B).writeQuorum(1),
                to -> to.control(A).replica(B).writeQuorum(3),
                to -> to.control(A).retained(B).writeQuorum(2),
                to -> to.control(A).writeQuorum(0),
                to -> {
                    to.control(A);
                    for (int i = 0; i < 16; i++) {
                        to.replica(KekId.of("fake:r" + i));
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("brokenRules")
    void aBrokenRuleIsRefusedBeforeAnythingIsDone(Consumer<Recipients> broken) {
        Keychain keychain = keychain(spec -> spec.control(A));
        kms.wraps.set(0);
        assertThatIllegalArgumentException().isThrownBy(() -> keychain.changeRecipients(broken));
        assertThat(kms.wraps).hasValue(0);
        assertThat(process().open(ID).record().revision()).isEqualTo(1);
    }

    /** One cipher, which goes on. */
    @Nested
    class APortableEnvelope {
        @Test
        void namesTheRecipientsOfTheNewestRecordAndNoRetainedOnes() {
            Keychain keychain = keychain(spec -> spec.control(A).replica(B).portable());
            EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
            assertThat(named(cipher)).containsExactly(A, B);
            keychain.changeRecipients(to -> to.control(C).replica(B).retained(A));
            assertThat(named(cipher)).containsExactly(C, B);
            keychain.repair(Set.of(B, C));
            keychain.changeRecipients(to -> to.control(B).replica(C));
            assertThat(keychain.record().primary(Usage.ENVELOPES).orElseThrow().wraps())
                    .extracting(KeychainRecord.Wrap::role)
                    .doesNotContain(Role.RETAINED);
            assertThat(named(cipher)).containsExactlyInAnyOrder(B, C);
        }

        private List<KekId> named(EnvelopeCipher cipher) {
            byte[] envelope = cipher.encrypt(new byte[1], EncryptionContext.empty());
            try {
                return EnvelopeHeader.read(new ByteArrayInputStream(envelope)).recipients().stream()
                        .map(WrappedDek::kekId)
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Nested
    class AChange {
        private Keychain keychain;
        private DekId first;

        @BeforeEach
        void create() {
            keychain = keychain(spec -> spec.control(A).replica(B));
            first = use(keychain);
        }

        @Test
        void ofKeksMakesNewPrimariesAndLeavesOlderDeksToTheirOwn() {
            keychain.changeRecipients(to -> to.control(C).retained(A));
            DekId second = use(keychain);
            assertThat(second).isNotEqualTo(first);
            assertThat(wraps(keychain.record().dek(second).orElseThrow())).containsExactly("CONTROL " + C);
            assertThat(wraps(keychain.record().dek(first).orElseThrow()))
                    .containsExactly("CONTROL " + A, "RETAINED " + B);
            open(process().open(ID), first);
            kms.faults.put(A, RecipientsFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> open(process().open(ID), first));
        }

        @Test
        void ofRolesAloneTurnsTheWrapsThatAreThere() {
            keychain.changeRecipients(to -> to.control(B).replica(A));
            assertThat(wraps(keychain.record().dek(first).orElseThrow()))
                    .containsExactly("REPLICA " + A, "CONTROL " + B);
            assertThat(use(keychain)).isEqualTo(first);
            kms.faults.put(B, RecipientsFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> use(process().open(ID)))
                    .satisfies(e -> assertThat(e.kekId()).contains(B));
        }

        @Test
        void takesNoVetoFromAKekThatIsUsingIt() {
            keychain.changeRecipients(to -> to.control(A).control(B));
            kms.faults.put(A, RecipientsFixture::disabled);
            Keychain elsewhere = process().open(ID);
            for (Consumer<Recipients> without : List.<Consumer<Recipients>>of(
                    to -> to.control(B),
                    to -> to.control(B).replica(A),
                    to -> to.control(B).retained(A))) {
                assertThatExceptionOfType(KekRevokedException.class)
                        .isThrownBy(() -> elsewhere.changeRecipients(without))
                        .satisfies(e -> assertThat(e.kekId()).contains(A));
            }
            kms.faults.clear();
            process().open(ID).changeRecipients(to -> to.control(B).retained(A));
            kms.faults.put(A, RecipientsFixture::disabled);
            open(process().open(ID), first);
        }

        @Test
        void takesNoVetoFromAKekThatIsOutOfReachAlthoughAReplicaStandsIn() {
            kms.faults.put(A, KekUnreachableException::new);
            Keychain elsewhere = process().open(ID);
            assertThat(use(elsewhere)).isEqualTo(first);
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> elsewhere.changeRecipients(to -> to.control(B)));
        }

        @Test
        void toWhatIsThereAlreadyChangesNothing() {
            long revision = keychain.record().revision();
            keychain.changeRecipients(to -> to.control(A).replica(B));
            assertThat(keychain.record().revision()).isEqualTo(revision);
            keychain.changeRecipients(to -> to.control(A).replica(B).writeQuorum(1));
            assertThat(keychain.record().revision()).isEqualTo(revision + 1);
        }

        @Test
        void underANewKekThatCannotBeUsedIsNone() {
            kms.wrapFaults.put(C, KekUnreachableException::new);
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> keychain.changeRecipients(to -> to.control(C)));
            assertThat(process().open(ID).record().recipients()).contains(new Recipient(Role.CONTROL, A));
        }

        @Test
        void ofAnotherProcessMeanwhileIsNotLost() {
            Keychain other = process().open(ID);
            store.beforeReplace = other::rotate;
            keychain.changeRecipients(to -> to.control(C));
            assertThat(keychain.record().deks()).hasSize(6);
            keychain.record()
                    .deks()
                    .forEach(entry -> assertThat(process().open(ID).record().dek(entry.id()))
                            .isPresent());
        }

        @Test
        void isSeenByOthersWhenTheirRecordIsAsOldAsAKeptDekMayBe() {
            Keychain other = process().open(ID);
            use(other);
            keychain.changeRecipients(to -> to.control(C));
            assertThat(use(other)).isEqualTo(first);
            time.advance(DEADLINE);
            assertThat(use(other)).isEqualTo(use(keychain));
        }
    }

    @Test
    @FormatRule("K12")
    void aRetainedKekOpensNothingAndVetoesNothing() {
        Keychain keychain = keychain(spec -> spec.control(A));
        DekId first = use(keychain);
        keychain.changeRecipients(to -> to.control(B).retained(A));
        keychain.repair(Set.of(B));
        assertThat(wraps(keychain.record().dek(first).orElseThrow())).containsExactly("RETAINED " + A, "CONTROL " + B);

        kms.faults.put(A, RecipientsFixture::disabled);
        open(process().open(ID), first);

        kms.faults.clear();
        kms.unwrapsOf.clear();
        for (var failure : List.<Function<KekException.Failure, KekException>>of(
                KekUnreachableException::new, RecipientsFixture::disabled)) {
            kms.faults.put(B, failure);
            assertThatExceptionOfType(KekException.class)
                    .isThrownBy(() -> open(process().open(ID), first))
                    .satisfies(e -> assertThat(e.kekId()).contains(B));
        }
        assertThat(kms.unwrapsOf).doesNotContainKey(A);
    }

    @Test
    void aReplicaThatIsTakenOutStandsInForNoneFromThenOn() {
        Keychain keychain = keychain(spec -> spec.control(A).replica(B));
        DekId first = use(keychain);
        keychain.changeRecipients(to -> to.control(C));
        assertThat(wraps(keychain.record().dek(first).orElseThrow())).containsExactly("CONTROL " + A, "RETAINED " + B);
        Keychain elsewhere = process().open(ID);
        open(elsewhere, first);
        kms.faults.put(A, KekUnreachableException::new);
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> open(process().open(ID), first));
        kms.faults.clear();
        keychain.repair(Set.of(C));
        assertThat(wraps(keychain.record().dek(first).orElseThrow()))
                .containsExactly("RETAINED " + A, "RETAINED " + B, "CONTROL " + C);
    }

    @Test
    void aMigrationLeavesOlderDeksToTheirKeksUntilARepair() {
        Keychain keychain = keychain(
                spec -> spec.control(A).keyManagement(KeyManagement.VENDOR).migratable());
        DekId first = use(keychain);
        keychain.changeKeyManagement(KeyManagement.CUSTOMER, List.of(B));
        assertThat(keychain.record().incomplete()).isNotEmpty();
        keychain.repair(Set.of(B));
        assertThat(keychain.record().incomplete()).isEmpty();
        assertThat(wraps(keychain.record().dek(first).orElseThrow())).containsExactly("RETAINED " + A, "CONTROL " + B);
        time.advance(Duration.ofDays(3650));
        keychain.repair(Set.of(B));
        assertThat(wraps(keychain.record().dek(first).orElseThrow()))
                .as("what nobody set a time for is never dropped")
                .containsExactly("RETAINED " + A, "CONTROL " + B);
    }
}
