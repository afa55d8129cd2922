package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.KeywrapException;
import io.keywrap.TestTenant;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a writer of the store, or a user of the customer's KEK, can put into a record, and that it is refused. */
class ForgedRecordTest {
    private static final String ID = "tenant-42";
    private static final String OTHER_ID = "tenant-43";

    @TempDir
    Path folder;

    private TestTenant tenant;
    private RecordForge forge;
    private Keychain keychain;

    @BeforeEach
    void makeTwoKeychains() {
        tenant = TestTenant.in(folder);
        forge = new RecordForge(tenant);
        keychain = tenant.keychain(ID);
        tenant.keychain(OTHER_ID);
        keychain.rotate();
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    @FormatRule("K9")
    class AnEdit {
        Stream<Named<UnaryOperator<KeychainRecord.Builder>>> edits() {
            return Stream.of(
                    Named.of("nothing but the revision", next -> next),
                    Named.of(
                            "a planted primary",
                            next -> next.deks(with(all(State.DECRYPT_ONLY), forge.planted(ID, State.PRIMARY)))),
                    Named.of(
                            "a planted old DEK",
                            next -> next.deks(with(deks(), forge.planted(ID, State.DECRYPT_ONLY)))),
                    Named.of("a DEK taken away", next -> next.deks(deks().subList(1, 2))),
                    Named.of("DEKs in another order", next -> next.deks(List.of(deks().get(1), deks().get(0)))),
                    Named.of("an added CONTROL recipient", next -> next.recipients(recipients(Role.CONTROL))),
                    Named.of("an added RETAINED recipient", next -> next.recipients(recipients(Role.RETAINED))),
                    Named.of(
                            "another recipient",
                            next -> next.recipients(List.of(new Recipient(Role.CONTROL, TestTenant.OTHER_CUSTOMER)))),
                    Named.of("a veto taken away", next -> next.deks(changed(ForgedRecordTest::withoutVeto))),
                    Named.of("another state", next -> next.deks(all(State.DECRYPT_ONLY))),
                    Named.of("another use", next -> next.deks(changed(ForgedRecordTest::forOutsideUse))),
                    Named.of("another date", next -> next.deks(changed(ForgedRecordTest::madeAtTheEpoch))),
                    Named.of("another check value", next -> next.deks(changed(ForgedRecordTest::withOtherCheckValue))),
                    Named.of("a destroyed DEK", next -> next.deks(changed(entry -> entry.inState(State.DESTROYED)))),
                    Named.of("another key management", next -> next.keyManagement(KeyManagement.VENDOR)),
                    Named.of("made migratable", next -> next.migratable(true)),
                    Named.of("made portable", next -> next.portable(true)),
                    Named.of("another key context", next -> next.keyContext(EncryptionContext.of("tenant", "b"))),
                    Named.of("no key context", next -> next.keyContext(EncryptionContext.empty())),
                    Named.of(
                            "the seal key of another keychain",
                            next -> next.sealKey(forge.read(OTHER_ID).sealKey())));
        }

        @ParameterizedTest
        @MethodSource("edits")
        void isRefusedByEveryReader(UnaryOperator<KeychainRecord.Builder> edit) {
            forge.edit(ID, edit);
            assertBroken(() -> tenant.keychains().open(ID));
            assertBroken(keychain::refresh);
            assertBroken(keychain::rotate);
            assertBroken(() -> TestTenant.in(folder).keychains().open(ID));
        }

        @ParameterizedTest
        @MethodSource("edits")
        void leavesTheKeychainThatWasOpenAsItWas(UnaryOperator<KeychainRecord.Builder> edit) {
            KeychainRecord before = keychain.record();
            forge.edit(ID, edit);
            assertBroken(keychain::refresh);
            assertThat(keychain.record()).isSameAs(before);
            try (DekLease lease = keychain.primary(Usage.ENVELOPES)) {
                assertThat(lease.dekId())
                        .isEqualTo(before.primary(Usage.ENVELOPES).orElseThrow().id());
            }
        }

        private List<Recipient> recipients(Role role) {
            return List.of(
                    new Recipient(Role.CONTROL, TestTenant.CUSTOMER), new Recipient(role, TestTenant.OTHER_CUSTOMER));
        }
    }

    @Test
    @FormatRule("K9")
    void everyChangedByteOfARecordIsRefused() {
        byte[] whole = forge.bytes(ID);
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= (byte) (1 << i % 8);
            forge.write(ID, changed);
            assertThatExceptionOfType(KeywrapException.class)
                    .as("byte %d", i)
                    .isThrownBy(() -> tenant.keychains().open(ID))
                    .isInstanceOfAny(KeychainSealBrokenException.class, UnsupportedEnvelopeException.class);
        }
        forge.write(ID, whole);
        assertThat(tenant.keychains().open(ID).record().revision()).isEqualTo(2);
    }

    @Test
    void everyCutRecordIsRefused() {
        byte[] whole = forge.bytes(ID);
        for (int length = 0; length < whole.length; length++) {
            forge.write(ID, Arrays.copyOf(whole, length));
            assertBroken(() -> tenant.keychains().open(ID));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 255})
    void aRecordOfAnotherVersionIsNotCalledForged(int version) {
        byte[] changed = forge.bytes(ID);
        changed[4] = (byte) version;
        forge.write(ID, changed);
        assertThatExceptionOfType(UnsupportedEnvelopeException.class)
                .isThrownBy(() -> tenant.keychains().open(ID))
                .withMessage("keychain 'tenant-42': the record of a keychain has version " + version
                        + ", this release reads 1; to do: use a newer release");
    }

    @Nested
    class Swapped {
        @Test
        @FormatRule("K7")
        void theRecordOfAnotherKeychainIsRefused() {
            forge.write(ID, forge.bytes(OTHER_ID));
            assertBroken(() -> tenant.keychains().open(ID), "the record of another keychain");
        }

        @Test
        void wrapsOfTwoDeksCannotTradePlaces() {
            DekEntry first = deks().get(0);
            DekEntry second = deks().get(1);
            // Even the vendor's own seal does not help: the DEK id is in the context that the KEK authenticates.
            forge.editAsVendor(
                    ID,
                    next -> next.deks(List.of(
                            withWrap(first, relabelled(second, first.id())),
                            withWrap(second, relabelled(first, second.id())))));
            Keychain opened = tenant.keychains().open(ID);
            assertInvalid(() -> opened.primary(Usage.ENVELOPES));
            assertInvalid(() -> opened.lease(first.id(), Usage.ENVELOPES));
        }

        @Test
        void aDekOfAnotherKeychainIsNotUnwrapped() {
            DekEntry foreign = forge.read(OTHER_ID).deks().get(0);
            forge.editAsVendor(ID, next -> next.deks(List.of(foreign)));
            assertInvalid(() -> tenant.keychains().open(ID).primary(Usage.ENVELOPES));
        }

        @Test
        void aSealKeyIsNoDekAndADekNoSealKey() {
            WrappedDek sealKey = forge.read(ID).sealKey();
            DekEntry first = deks().get(0);
            DekEntry disguised = new DekEntry(
                    sealKey.dekId(),
                    Usage.ENVELOPES,
                    State.PRIMARY,
                    first.createdAt(),
                    first.checkValue(),
                    List.of(new Wrap(Role.CONTROL, sealKey)));
            forge.editAsVendor(ID, next -> next.deks(List.of(disguised)));
            assertInvalid(() -> tenant.keychains().open(ID).primary(Usage.ENVELOPES));
        }
    }

    @Nested
    class AnotherSeal {
        @Test
        @FormatRule("K8")
        void ofAKeyThatAnotherKekWrapsIsRefused() {
            DekId id = DekId.random();
            try (Dek known = Dek.takeOwnershipOf(id, new byte[32])) {
                WrappedDek wrapped = forge.provider(TestTenant.CUSTOMER)
                        .wrap(
                                known,
                                EncryptionContext.ofSealKey(ID, id),
                                tenant.providers().foregroundDeadline());
                KeychainRecord forged = forge.read(ID).next().sealKey(wrapped).build(RecordForge.sealer(known));
                forge.write(ID, forged.toBytes());
            }
            assertBroken(() -> tenant.keychains().open(ID), "wrapped by keystore:main#customer and not by");
        }

        @Test
        void ofAKeyRelabelledAsTheVendorsIsRefused() {
            DekId id = DekId.random();
            try (Dek known = Dek.takeOwnershipOf(id, new byte[32])) {
                WrappedDek wrapped = forge.provider(TestTenant.CUSTOMER)
                        .wrap(
                                known,
                                EncryptionContext.ofSealKey(ID, id),
                                tenant.providers().foregroundDeadline());
                WrappedDek relabelled =
                        WrappedDek.builder(id, TestTenant.VENDOR).build(wrapped.algorithm(), wrapped.wrappedBytes());
                KeychainRecord forged =
                        forge.read(ID).next().sealKey(relabelled).build(RecordForge.sealer(known));
                forge.write(ID, forged.toBytes());
            }
            assertBroken(() -> tenant.keychains().open(ID), "its seal key cannot be unwrapped");
        }

        @Test
        void byAnotherKeychainsKeyIsRefused() {
            KeychainRecord other = forge.read(OTHER_ID);
            EncryptionContext context =
                    EncryptionContext.ofSealKey(OTHER_ID, other.sealKey().dekId());
            try (Dek key = forge.provider(TestTenant.VENDOR)
                    .unwrap(other.sealKey(), context, tenant.providers().foregroundDeadline())) {
                KeychainRecord forged =
                        forge.read(ID).next().sealKey(other.sealKey()).build(RecordForge.sealer(key));
                forge.write(ID, forged.toBytes());
            }
            assertBroken(() -> tenant.keychains().open(ID), "its seal key cannot be unwrapped");
        }
    }

    @Nested
    @FormatRule("K10")
    class RolledBack {
        @Test
        void isRefusedByWhoSawANewerRevision() {
            byte[] older = forge.bytes(ID);
            keychain.rotate();
            forge.write(ID, older);
            assertBroken(() -> tenant.keychains().open(ID), "rolled back to revision 2, revision 3 was seen");
            assertBroken(keychain::refresh, "rolled back");
            assertBroken(keychain::rotate, "rolled back");
        }

        @Test
        void isRefusedByWhoMerelyReadANewerRevision() {
            Keychains reader = TestTenant.in(folder).keychains();
            byte[] older = forge.bytes(ID);
            keychain.rotate();
            reader.open(ID);
            forge.write(ID, older);
            assertBroken(() -> reader.open(ID), "rolled back");
        }
    }

    @Nested
    @FormatRule("W9")
    class TheCheckValue {
        @Test
        void refusesAnotherKeyUnderTheRightKekAndContext() {
            DekEntry entry = deks().get(0);
            try (Dek known = Dek.takeOwnershipOf(entry.id(), new byte[32])) {
                WrappedDek wrapped = forge.wrap(ID, known, TestTenant.CUSTOMER);
                forge.editAsVendor(ID, next -> next.deks(List.of(withWrap(entry, wrapped), deks().get(1))));
            }
            Keychain opened = tenant.keychains().open(ID);
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> opened.lease(entry.id(), Usage.ENVELOPES))
                    .withMessageContainingAll("is not DEK " + entry.id(), "KEK " + TestTenant.CUSTOMER, "to do: ");
            opened.primary(Usage.ENVELOPES).close();
        }
    }

    private List<DekEntry> deks() {
        return keychain.record().deks();
    }

    private List<DekEntry> all(State state) {
        return deks().stream().map(entry -> entry.inState(state)).toList();
    }

    private List<DekEntry> changed(UnaryOperator<DekEntry> change) {
        return deks().stream().map(change).toList();
    }

    private static List<DekEntry> with(List<DekEntry> entries, DekEntry more) {
        List<DekEntry> all = new ArrayList<>(entries);
        all.add(more);
        return all;
    }

    private static DekEntry withWrap(DekEntry e, WrappedDek wrapped) {
        List<Wrap> wraps = List.of(new Wrap(Role.CONTROL, wrapped));
        return new DekEntry(e.id(), e.usage(), e.state(), e.createdAt(), e.checkValue(), wraps);
    }

    private static WrappedDek relabelled(DekEntry entry, DekId dekId) {
        WrappedDek wrapped = entry.wraps().get(0).wrapped();
        return WrappedDek.builder(dekId, wrapped.kekId()).build(wrapped.algorithm(), wrapped.wrappedBytes());
    }

    private static DekEntry withoutVeto(DekEntry e) {
        List<Wrap> wraps = List.of(new Wrap(Role.RETAINED, e.wraps().get(0).wrapped()));
        return new DekEntry(e.id(), e.usage(), e.state(), e.createdAt(), e.checkValue(), wraps);
    }

    private static DekEntry forOutsideUse(DekEntry e) {
        return new DekEntry(e.id(), Usage.OUTSIDE, e.state(), e.createdAt(), e.checkValue(), e.wraps());
    }

    private static DekEntry madeAtTheEpoch(DekEntry e) {
        return new DekEntry(e.id(), e.usage(), e.state(), Instant.EPOCH, e.checkValue(), e.wraps());
    }

    private static DekEntry withOtherCheckValue(DekEntry e) {
        return new DekEntry(e.id(), e.usage(), e.state(), e.createdAt(), "00".repeat(32), e.wraps());
    }

    private static void assertInvalid(ThrowingCallable call) {
        assertThatExceptionOfType(InvalidWrappedDekException.class).isThrownBy(call);
    }

    private static void assertBroken(ThrowingCallable call) {
        assertBroken(call, "cannot be trusted");
    }

    private static void assertBroken(ThrowingCallable call, String why) {
        assertThatExceptionOfType(KeychainSealBrokenException.class)
                .isThrownBy(call)
                .withMessageContainingAll("keychain 'tenant-42'", why, "to do: ");
    }
}
