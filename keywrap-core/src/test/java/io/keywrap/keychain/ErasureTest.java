package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.groups.Tuple.tuple;

import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.FormatRule;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainDestroyedException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.keychain.Openers.KekOwner;
import io.keywrap.keychain.Openers.Known;
import io.keywrap.keychain.Openers.Opener;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Who can still open a keychain, and what is left when its DEKs are destroyed. */
class ErasureTest extends RecipientsFixture {
    private static final Optional<String> NOBODY = Optional.empty();

    @Nested
    class TheReport {
        @Test
        void namesEachKekInEachRoleWithItsOwner() {
            Keychain keychain = keychain(spec -> spec.control(A).replica(B));
            use(keychain);
            keychain.changeRecipients(
                    to -> to.control(C).replica(B).retained(A, time.now().plusSeconds(60)));
            keychain.repair(Set.of(C));
            keychain.rotate();

            Openers openers = keychain.whoCanStillOpen();

            assertThat(openers.openers())
                    .containsExactly(
                            new Opener(
                                    C,
                                    Role.CONTROL,
                                    KekOwner.CUSTOMER,
                                    Known.BY_RECORD,
                                    List.of(),
                                    6,
                                    false,
                                    Optional.empty()),
                            new Opener(
                                    B,
                                    Role.REPLICA,
                                    KekOwner.CUSTOMER,
                                    Known.BY_RECORD,
                                    List.of(),
                                    6,
                                    false,
                                    Optional.empty()),
                            new Opener(
                                    A,
                                    Role.RETAINED,
                                    KekOwner.UNKNOWN,
                                    Known.NOT,
                                    List.of(),
                                    2,
                                    false,
                                    Optional.of(time.now().plusSeconds(60))));
            assertThat(openers.sealKek()).isEqualTo(SEAL);
            assertThat(openers.cachesUntil()).isEqualTo(time.now().plus(DEADLINE.multipliedBy(2)));
            assertThat(openers.inFlightUntil()).isEqualTo(openers.cachesUntil().plus(MAX_IN_FLIGHT));
            assertThat(openers.warnings())
                    .containsExactly(
                            "RETAINED KEK " + A + " is not known to be the customer's: it was a recipient earlier");
        }

        @Test
        void isSortedByRolesAndNames() {
            Openers openers =
                    keychain(spec -> spec.control(B).replica(C).control(A)).whoCanStillOpen();
            assertThat(openers.openers()).extracting(Opener::kekId).containsExactly(A, B, C);
        }

        @Test
        void tellsTheVersionsThatHaveWrapped() {
            kms.primary = "1";
            Keychain keychain = keychain(spec -> spec.control(A));
            kms.primary = "2";
            keychain.rotate();
            assertThat(keychain.whoCanStillOpen().openers().get(0).versions()).containsExactly("1", "2");
        }

        @Test
        void warnsOfTheVendorsOwnKeks() {
            KekId vendor = KekId.of("fake:vendor-escrow");
            Openers openers = keychain(spec -> spec.control(A).replica(vendor).replica(SEAL))
                    .whoCanStillOpen();
            assertThat(openers.openers())
                    .extracting(Opener::kekId, Opener::owner, Opener::known)
                    .contains(
                            tuple(vendor, KekOwner.VENDOR, Known.BY_CONFIGURATION),
                            tuple(SEAL, KekOwner.VENDOR, Known.BY_SEAL));
            assertThat(openers.warnings())
                    .filteredOn(warning -> warning.contains("is the vendor's"))
                    .hasSize(2);
        }

        @Test
        void doesNotWarnWhereTheTenantWantedIt() {
            Openers openers = keychain(spec -> spec.control(A).keyManagement(KeyManagement.VENDOR))
                    .whoCanStillOpen();
            assertThat(openers.openers()).extracting(Opener::owner).containsExactly(KekOwner.VENDOR);
            assertThat(openers.warnings()).isEmpty();
        }

        @Test
        void countsWhatIsIncomplete() {
            kms.wrapFaults.put(B, KekUnreachableException::new);
            Openers openers =
                    keychain(spec -> spec.control(A).replica(B).writeQuorum(1)).whoCanStillOpen();
            assertThat(openers.warnings()).singleElement().asString().startsWith("1 DEKs are not wrapped");
            assertThat(openers.openers().get(1).canOpen()).isFalse();
        }

        @Test
        void remembersFormerKeksOfPortableKeychainsForGood() {
            Keychain keychain = keychain(spec -> spec.control(A).portable());
            keychain.changeRecipients(to -> to.control(B).retained(A, time.now().plusSeconds(60)));
            time.advance(Duration.ofSeconds(60));
            keychain.repair(Set.of(B));
            keychain.changeRecipients(to -> to.control(C));
            keychain.repair(Set.of(C));
            assertThat(keychain.record().deks())
                    .allSatisfy(entry -> assertThat(entry.wrapUnder(A)).isEmpty());
            assertThat(keychain.whoCanStillOpen().warnings())
                    .as("no wrap of it is in the record")
                    .noneMatch(warning -> warning.contains("was to be kept"));
            assertThat(keychain.whoCanStillOpen().openers())
                    .filteredOn(opener -> opener.kekId().equals(A))
                    .singleElement()
                    .satisfies(opener -> assertThat(opener.inEnvelopes()).isTrue());
        }

        @Test
        void warnsOfWrapsThatWereToBeDropped() {
            String warning =
                    "RETAINED KEK " + A + " was to be kept until " + time.now().plusSeconds(60);
            Keychain keychain = keychain(spec -> spec.control(A));
            keychain.changeRecipients(to -> to.control(C).retained(A, time.now().plusSeconds(60)));
            keychain.repair(Set.of(C));
            time.advance(Duration.ofMillis(59_999));
            assertThat(keychain.whoCanStillOpen().warnings()).noneMatch(one -> one.startsWith(warning));
            time.advance(Duration.ofMillis(1));
            assertThat(keychain.whoCanStillOpen().warnings()).anyMatch(one -> one.startsWith(warning));
            keychain.repair(Set.of());
            assertThat(keychain.whoCanStillOpen().warnings()).isEmpty();
        }

        @Test
        void warnsOfEnvelopesThatCarryWraps() {
            Openers openers = keychain(spec -> spec.control(A).portable()).whoCanStillOpen();
            assertThat(openers.warnings()).singleElement().asString().startsWith("envelopes carry wraps");
            assertThat(openers.elsewhere())
                    .anySatisfy(place -> assertThat(place).startsWith("copies of envelopes"));
        }

        @Test
        void readsTheNewestRecord() {
            Keychain keychain = keychain(spec -> spec.control(A));
            process().open(ID).changeRecipients(to -> to.control(B));
            assertThat(keychain.whoCanStillOpen().openers())
                    .extracting(Opener::kekId)
                    .contains(B);
        }
    }

    @Nested
    class ADestroyedDek {
        private Keychain keychain;
        private DekId dekId;

        @BeforeEach
        void create() {
            keychain = keychain(spec -> spec.control(A).replica(B));
            dekId = use(keychain);
        }

        @Test
        void opensNoMore() {
            Erasure erasure = keychain.destroyDek(dekId, Optional.of("order 7"));
            assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> open(keychain, dekId));
            assertThatExceptionOfType(DekDestroyedException.class)
                    .isThrownBy(() -> open(process().open(ID), dekId));
            assertThat(store.load(ID).orElseThrow().dek(dekId).orElseThrow().wraps())
                    .isEmpty();
            assertThat(erasure.deks()).containsExactly(dekId);
            assertThat(erasure.whole()).isFalse();
            assertThat(erasure.requestedBy()).contains("order 7");
            assertThat(erasure.revision()).isEqualTo(keychain.record().revision());
            assertThat(erasure.before().openers()).extracting(Opener::deks).containsExactly(2, 2);
            assertThat(erasure.after().openers()).extracting(Opener::deks).containsExactly(1, 1);
        }

        @Test
        void leavesTheOthersAlone() {
            keychain.rotate();
            DekId next = use(keychain);
            keychain.destroyDek(dekId, NOBODY);
            open(process().open(ID), next);
        }

        @Test
        void isFollowedByANewPrimary() {
            keychain.destroyDek(dekId, NOBODY);
            assertThat(use(keychain)).isNotEqualTo(dekId);
        }

        @Test
        void endsTheLeasesOfThisProcessAtOnce() {
            DekLease lease = keychain.lease(dekId);
            keychain.destroyDek(dekId, NOBODY);
            assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(lease::ensureUsable);
            assertThat(processes.get(0).statistics().entries())
                    .as("that of the seal")
                    .isEqualTo(1);
        }

        @Test
        void isGoneInOtherProcessesWithinTheDeadline() {
            Keychain other = process().open(ID);
            DekLease lease = other.lease(dekId);
            keychain.destroyDek(dekId, NOBODY);
            time.advance(DEADLINE);
            assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> open(other, dekId));
            assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(lease::ensureUsable);
        }

        @Test
        void isNotDestroyedTwice() {
            keychain.destroyDek(dekId, NOBODY);
            assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> keychain.destroyDek(dekId, NOBODY));
        }

        @Test
        void mustBeThere() {
            assertThatExceptionOfType(KeychainNotFoundException.class)
                    .isThrownBy(() -> keychain.destroyDek(DekId.random(), NOBODY));
        }

        @Test
        void isNotTheLastOne() {
            keychain.destroyDek(dekId, NOBODY);
            DekId last = keychain.record().deks().get(0).id();
            assertThatIllegalStateException().isThrownBy(() -> keychain.destroyDek(last, NOBODY));
            keychain.rotate();
            keychain.destroyDek(last, NOBODY);
        }

        @Test
        void staysWhenTheStoreCannotBeWritten() {
            store.failing = true;
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> keychain.destroyDek(dekId, NOBODY));
            open(keychain, dekId);
        }

        @Test
        void isDestroyedWhateverOthersDoMeanwhile() {
            store.beforeReplace = process().open(ID)::rotate;
            keychain.destroyDek(dekId, NOBODY);
            assertThat(keychain.record().deks()).hasSize(4);
            store.everyTime = () -> {
                throw new KeychainConflictException(ID);
            };
            DekId other = keychain.record().deks().get(0).id();
            assertThatExceptionOfType(KeychainConflictException.class)
                    .isThrownBy(() -> keychain.destroyDek(other, NOBODY));
        }

        @Test
        void hasARequesterWithinLimits() {
            assertThatIllegalArgumentException().isThrownBy(() -> keychain.destroyDek(dekId, Optional.of(" ")));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> keychain.destroyDek(dekId, Optional.of("x".repeat(257))));
            String longest = "x".repeat(256);
            assertThat(keychain.destroyDek(dekId, Optional.of(longest)).requestedBy())
                    .contains(longest);
        }
    }

    @Nested
    class ADestroyedKeychain {
        private Keychain keychain;
        private DekId dekId;

        @BeforeEach
        void create() {
            keychain = keychain(spec -> spec.control(A));
            dekId = use(keychain);
        }

        @Test
        @FormatRule("K14")
        void opensNothingAndMakesNothing() {
            Erasure erasure = keychain.destroy(NOBODY);
            assertThat(erasure.whole()).isTrue();
            assertThat(erasure.deks()).hasSize(2);
            assertThat(erasure.after().openers()).noneMatch(Opener::canOpen);
            for (Keychain one : new Keychain[] {keychain, process().open(ID)}) {
                assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> open(one, dekId));
                assertThatExceptionOfType(KeychainDestroyedException.class).isThrownBy(one::primary);
                assertThatExceptionOfType(KeychainDestroyedException.class)
                        .isThrownBy(() -> one.changeRecipients(to -> to.control(B)));
                assertThatExceptionOfType(KeychainDestroyedException.class)
                        .isThrownBy(() -> one.changeRecipients(to -> to.control(A)));
                assertThatExceptionOfType(KeychainDestroyedException.class).isThrownBy(() -> one.destroy(NOBODY));
                one.rotate();
                assertThat(one.repair(Set.of(A))).isZero();
            }
            assertThat(store.load(ID).orElseThrow().deks())
                    .allSatisfy(entry -> assertThat(entry.state()).isEqualTo(State.DESTROYED));
        }

        @Test
        void isNoticedInOtherProcessesWithinTheDeadline() {
            Keychain other = process().open(ID);
            keychain.destroy(NOBODY);
            time.advance(DEADLINE);
            assertThatExceptionOfType(KeychainDestroyedException.class).isThrownBy(other::primary);
        }

        @Test
        void mayBeUsedInAnOutageOfTheStoreForAsLongAsWorkInFlight() {
            Keychain other = process().open(ID);
            keychain.destroy(NOBODY);
            time.advance(DEADLINE);
            store.afterLoad = () -> {
                throw new StoreUnavailableException("told to", null);
            };
            open(other, dekId);
            time.advance(MAX_IN_FLIGHT);
            store.afterLoad = () -> {
                throw new StoreUnavailableException("told to", null);
            };
            assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> open(other, dekId));
        }
    }
}
