package io.keywrap.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.TestTenant;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.Finding.Kind;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keychains made again from the portable envelopes that are left. */
class RebuildTest {
    private static final String ID = "archive";
    private static final Set<KekId> CUSTOMER = Set.of(TestTenant.CUSTOMER);
    private static final Set<KekId> BOTH = Set.of(TestTenant.CUSTOMER, TestTenant.OTHER_CUSTOMER);

    private RecoveryFixture fixture;
    private Keychain keychain;
    private final List<EnvelopeSource> envelopes = new ArrayList<>();

    @BeforeEach
    void makeAPortableKeychain(@TempDir Path folder) {
        fixture = new RecoveryFixture(folder);
        keychain = fixture.tenant().keychain(ID, spec -> spec.portable().keyContext("tenant", "acme"));
    }

    @Nested
    class WhereTheStoreIsLost {
        @Test
        void opensEveryEnvelopeAgain() throws IOException {
            encrypt("1", "2");
            keychain.rotate();
            encrypt("3");
            KeychainRecord before = keychain.record();
            fixture.lose();

            Summary summary = rebuild(CUSTOMER);

            assertThat(summary.clean()).isTrue();
            assertThat(summary.examined()).isEqualTo(3);
            assertThat(fixture.found()).containsExactly("DEK_RECOVERED " + ID, "DEK_RECOVERED " + ID, "REBUILT " + ID);
            for (String name : List.of("1", "2", "3")) {
                assertThat(fixture.decrypt(ID, EnvelopeSource.of(fixture.folder.resolve(name))))
                        .isEqualTo(RecoveryFixture.plaintext(name));
            }
            KeychainRecord after = fixture.record(ID);
            assertThat(after.portable()).isTrue();
            assertThat(after.keyContext()).isEqualTo(before.keyContext());
            assertThat(after.recipients()).containsExactly(new Recipient(Role.CONTROL, TestTenant.CUSTOMER));
            assertThat(after.deks())
                    .extracting(DekEntry::checkValue)
                    .containsExactlyElementsOf(
                            before.deks().stream().map(DekEntry::checkValue).toList());
            assertThat(after.deks()).allMatch(entry -> entry.state() == State.DECRYPT_ONLY);
        }

        @Test
        void givesNewDataANewDek() throws IOException {
            encrypt("1");
            fixture.lose();
            rebuild(CUSTOMER);
            Keychain rebuilt = fixture.tenant().keychains().open(ID);
            EnvelopeSource fresh = fixture.envelope(rebuilt, "2");
            assertThat(rebuilt.record().primary(Usage.ENVELOPES)).isPresent();
            assertThat(rebuilt.record().deks()).hasSize(2);
            assertThat(fixture.decrypt(ID, fresh)).isEqualTo(RecoveryFixture.plaintext("2"));
        }

        @Test
        void makesEachKeychainOfManyAgain() throws IOException {
            encrypt("1");
            envelopes.add(fixture.envelope(fixture.tenant().keychain("second", spec -> spec.portable()), "2"));
            envelopes.add(fixture.envelope(fixture.tenant().keychain("third", spec -> spec.portable()), "3"));
            fixture.lose();
            fixture.recovery().rebuild(Map.of(ID, CUSTOMER, "second", CUSTOMER), envelopes, fixture.findings::add);
            assertThat(fixture.found())
                    .contains(
                            "REBUILT " + ID,
                            "REBUILT second",
                            "ENVELOPE_SKIPPED " + envelopes.get(2).name());
            assertThat(fixture.tenant().store().load("third")).isEmpty();
        }

        @Test
        void mayBeRepeated() throws IOException {
            encrypt("1");
            fixture.lose();
            rebuild(CUSTOMER);
            byte[] before = fixture.record(ID).toBytes();
            rebuild(CUSTOMER);
            assertThat(fixture.found()).containsExactly("UNCHANGED " + ID);
            assertThat(fixture.record(ID).toBytes()).isEqualTo(before);
        }
    }

    @Nested
    class WhereTheRecordIsOld {
        @Test
        void addsTheDeksThatItLacks() throws IOException {
            encrypt("1");
            Path backup = fixture.backup("backup");
            keychain.rotate();
            encrypt("2");
            fixture.restore(backup);

            rebuild(CUSTOMER);

            assertThat(fixture.found()).containsExactly("DEK_RECOVERED " + ID, "REBUILT " + ID);
            assertThat(fixture.decrypt(ID, envelopes.get(1))).isEqualTo(RecoveryFixture.plaintext("2"));
            assertThat(fixture.record(ID).deks().get(0).state()).isEqualTo(State.PRIMARY);
        }

        @Test
        void doesNotBringBackWhatWasDestroyed() throws IOException {
            encrypt("1");
            keychain.rotate();
            fixture.destroy(ID, 0);
            rebuild(CUSTOMER);
            assertThat(fixture.found()).containsExactly("UNCHANGED " + ID);
            assertThat(fixture.record(ID).deks().get(0).state()).isEqualTo(State.DESTROYED);
        }

        @Test
        void leavesABrokenOneForAnInvestigation() throws IOException {
            encrypt("1");
            fixture.forge().edit(ID, next -> next);
            byte[] before = fixture.forge().bytes(ID);
            rebuild(CUSTOMER);
            assertThat(fixture.found()).containsExactly("REFUSED " + ID);
            assertThat(fixture.forge().bytes(ID)).isEqualTo(before);
        }

        @Test
        void refusesAnotherKeychainOfTheSameId() throws IOException {
            encrypt("1");
            fixture.lose();
            fixture.tenant().keychain(ID);
            rebuild(CUSTOMER);
            assertThat(fixture.found()).containsExactly("REFUSED " + ID);
        }
    }

    /** No keychain of keywrap's can have written it, but somebody who has the use of the KEKs; the DEK opens, and is not taken. */
    @ParameterizedTest
    @ValueSource(strings = {"tink", "azure-storage-2.1:tenant-42"})
    void makesNoKeychainWithTheIdOfSomethingElse(String reserved) throws IOException {
        fixture.forge().createAsVendor(reserved);
        keychain = fixture.tenant().keychains().open(reserved);
        encrypt("1");
        fixture.lose();
        assertThat(rebuild(CUSTOMER).clean()).isFalse();
        assertThat(fixture.found()).containsExactly("REFUSED " + reserved);
        assertThat(fixture.findings.get(0).detail()).contains("reserved for ", "who has written these envelopes");
        assertThat(fixture.tenant().store().load(reserved)).isEmpty();
    }

    @Nested
    class AnEnvelope {
        @Test
        void thatIsNotPortableGivesNothing() throws IOException {
            envelopes.add(fixture.envelope(fixture.tenant().keychain("plain"), "1"));
            fixture.lose();
            rebuild("plain", CUSTOMER);
            assertRefused("not portable");
        }

        @Test
        void underAKekThatWasNotNamedGivesNothing() throws IOException {
            encrypt("1");
            fixture.lose();
            rebuild(Set.of(TestTenant.OTHER_CUSTOMER));
            assertRefused("no wrap of its DEK under [" + TestTenant.OTHER_CUSTOMER + "]");
        }

        @Test
        void thatIsNoneOrCutOrGoneGivesNothing() throws IOException {
            encrypt("1");
            byte[] whole = Files.readAllBytes(fixture.folder.resolve("1"));
            envelopes.set(0, RecoveryFixture.source("cut", Arrays.copyOf(whole, 60)));
            envelopes.add(RecoveryFixture.source("text", new byte[] {'t', 'e', 'x', 't'}));
            envelopes.add(EnvelopeSource.of(fixture.folder.resolve("gone")));
            fixture.exportNow();
            envelopes.add(EnvelopeSource.of(fixture.export()));
            fixture.lose();
            rebuild(Set.of(TestTenant.CUSTOMER, TestTenant.VENDOR));
            assertThat(fixture.findings).hasSize(4).allMatch(f -> f.kind() == Kind.ENVELOPE_REFUSED);
        }

        @Test
        void withAnotherHeaderThanItsTagSaysGivesNothing() throws IOException {
            encrypt("1");
            EncryptionContext forged = RecoveryFixture.OBJECT.with("forged", "yes");
            envelopes.set(0, fixture.reheaded("1", header -> header.objectContext(forged)));
            fixture.lose();
            rebuild(CUSTOMER);
            assertRefused("header was not made with this key");
        }

        @Test
        void thatContradictsAnotherOneStopsTheirKeychain() throws IOException {
            encrypt("1");
            // Who can wrap under the customer's KEK makes a DEK of their own under the id of a real one.
            KeychainRecord record = keychain.record();
            fixture.forge()
                    .editAsVendor(
                            ID, next -> next.deks(List.of(otherKey(record.deks().get(0)))));
            keychain = fixture.tenant().keychains().open(ID);
            encrypt("2");
            fixture.lose();
            rebuild(CUSTOMER);
            assertThat(fixture.found()).containsExactly("REFUSED " + ID);
            assertThat(fixture.findings.get(0).detail())
                    .contains(envelopes.get(1).name(), "has another key as DEK");
            assertThat(fixture.tenant().store().load(ID)).isEmpty();
        }

        private DekEntry otherKey(DekEntry entry) {
            try (Dek other = Dek.random(entry.id())) {
                WrappedDek wrap = fixture.forge().wrap(ID, other, TestTenant.CUSTOMER);
                return new DekEntry(
                        entry.id(),
                        entry.usage(),
                        entry.state(),
                        entry.createdAt(),
                        other.checkValue(),
                        List.of(new KeychainRecord.Wrap(Role.CONTROL, wrap)));
            }
        }
    }

    @Nested
    class WithTwoControlKeks {
        @BeforeEach
        void makeAKeychainOfTwo() throws IOException {
            keychain = fixture.tenant()
                    .keychain(
                            "two",
                            spec -> spec.control(TestTenant.OTHER_CUSTOMER).portable());
            encrypt("1");
            fixture.lose();
        }

        @Test
        void keepsBothVetoes() {
            assertThat(rebuild(BOTH).clean()).isTrue();
            assertThat(fixture.record("two").recipients())
                    .extracting(Recipient::kekId)
                    .containsExactly(TestTenant.CUSTOMER, TestTenant.OTHER_CUSTOMER);
            assertThat(fixture.record("two").deks().get(0).wraps()).hasSize(2);
        }

        @Test
        void saysWhichOneLosesItsVeto() {
            Summary summary = rebuild(CUSTOMER);
            assertThat(summary.count(Kind.WRAP_LEFT_OUT)).isEqualTo(1);
            assertThat(fixture.findings.get(0).detail()).contains(TestTenant.OTHER_CUSTOMER.uri(), "veto");
            assertThat(fixture.record("two").recipients()).hasSize(1);
        }

        @Test
        void takesNothingWhereOneOfThemDoesNotUnwrap() throws IOException {
            List<WrappedDek> wraps = fixture.header("1").recipients();
            WrappedDek second = wraps.get(1);
            byte[] wrapped = second.wrappedBytes();
            wrapped[wrapped.length - 1] ^= 1;
            WrappedDek damaged = WrappedDek.builder(second.dekId(), second.kekId())
                    .kekVersion(second.kekVersion())
                    .build(second.algorithm(), wrapped);
            envelopes.set(0, fixture.reheaded("1", header -> header.recipients(List.of(wraps.get(0), damaged))));
            rebuild(BOTH);
            assertThat(fixture.found()).containsExactly("ENVELOPE_REFUSED 1");
        }

        @Test
        void asksAKekThatIsGoneOnce() throws IOException {
            KekId gone = KekId.of("keystore:main#gone");
            List<WrappedDek> wraps = fixture.header("1").recipients();
            WrappedDek second = WrappedDek.builder(wraps.get(1).dekId(), gone).build("A", new byte[1]);
            EnvelopeSource envelope = fixture.reheaded("1", header -> header.recipients(List.of(wraps.get(0), second)));
            envelopes.clear();
            envelopes.addAll(Collections.nCopies(4, envelope));
            rebuild(Set.of(TestTenant.CUSTOMER, gone));
            assertThat(fixture.findings)
                    .hasSize(4)
                    .allSatisfy(f -> assertThat(f.detail()).contains("KEK " + gone));
        }
    }

    @Test
    void endsWhereAKekIsOutOfReach() throws IOException {
        encrypt("1");
        fixture.lose();
        AtomicLong nanos = new AtomicLong();
        TimeSource racing = new TimeSource() {
            @Override
            public long nanoTime() {
                return nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
            }

            @Override
            public Instant now() {
                return Instant.EPOCH;
            }
        };
        KeyProviders late = KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("main", fixture.tenant().keyStore(), TestTenant::password)
                        .build())
                .time(racing)
                .build();
        StoreRecovery recovery =
                StoreRecovery.of(fixture.tenant().store(), late, KeychainSeal.wrappedBy(TestTenant.VENDOR));
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> recovery.rebuild(Map.of(ID, CUSTOMER), envelopes, finding -> {}));
        assertThat(fixture.tenant().store().load(ID)).isEmpty();
    }

    @Test
    void aKeyStoreThatIsWronglyConfiguredEndsIt() throws IOException {
        encrypt("1");
        fixture.lose();
        KeyProviders wrong = KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("main", fixture.tenant().keyStore(), () -> "wrong".toCharArray())
                        .build())
                .build();
        StoreRecovery recovery =
                StoreRecovery.of(fixture.tenant().store(), wrong, KeychainSeal.wrappedBy(TestTenant.VENDOR));

        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> recovery.rebuild(Map.of(ID, CUSTOMER), envelopes, fixture.findings::add));
        assertThat(fixture.findings).isEmpty();
    }

    private void encrypt(String... names) throws IOException {
        keychain.refresh();
        for (String name : names) {
            envelopes.add(fixture.envelope(keychain, name));
        }
    }

    private Summary rebuild(Set<KekId> keks) {
        return rebuild(keychain.id(), keks);
    }

    private Summary rebuild(String id, Set<KekId> keks) {
        return fixture.recovery().rebuild(Map.of(id, keks), envelopes, fixture.findings::add);
    }

    private void assertRefused(String why) {
        assertThat(fixture.findings).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(Kind.ENVELOPE_REFUSED);
            assertThat(finding.detail()).contains(why);
        });
    }
}
