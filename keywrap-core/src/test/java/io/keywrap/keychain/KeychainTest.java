package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.FormatRule;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.TestTenant;
import io.keywrap.keystore.KekFile;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainStore;
import java.nio.file.Path;
import java.security.Key;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of a keychain with real KEKs in a real store. */
class KeychainTest {
    private static final String ID = "tenant-42";

    @TempDir
    Path folder;

    private TestTenant tenant;

    @BeforeEach
    void makeTheKeks() {
        tenant = TestTenant.in(folder);
    }

    @Nested
    class Created {
        @Test
        void isCommittedWithOneDekForEnvelopes() {
            Keychain keychain = tenant.keychain(ID);
            KeychainRecord record = tenant.store().load(ID).orElseThrow();
            assertThat(record.toBytes()).isEqualTo(keychain.record().toBytes());
            assertThat(record.revision()).isEqualTo(1);
            assertThat(record.deks()).hasSize(1).isEqualTo(keychain.record().deks());
            DekEntry dek = record.primary(Usage.ENVELOPES).orElseThrow();
            assertThat(dek.wraps()).singleElement().satisfies(wrap -> {
                assertThat(wrap.role()).isEqualTo(Role.CONTROL);
                assertThat(wrap.wrapped().kekId()).isEqualTo(TestTenant.CUSTOMER);
            });
            assertThat(record.primary(Usage.OUTSIDE)).isEmpty();
            assertThat(keychain).hasToString("Keychain[tenant-42, revision 1]");
        }

        @Test
        void twiceIsRefusedAndTheFirstStays() {
            byte[] first = tenant.keychain(ID).record().toBytes();
            assertThatExceptionOfType(KeychainExistsException.class).isThrownBy(() -> tenant.keychain(ID));
            assertThat(tenant.store().load(ID).orElseThrow().toBytes()).isEqualTo(first);
        }

        @Test
        void needsAControlKekAndASeal() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tenant.keychains().create(ID, spec -> {}))
                    .withMessageContaining("CONTROL");
            assertThatIllegalStateException()
                    .isThrownBy(() -> Keychains.builder(tenant.store(), tenant.providers())
                            .build());
        }

        /** Their key contexts are those of exports, of ciphertexts of Tink, and of blobs of Azure Storage. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "keywrap-store-export",
                    "tink",
                    "azure-storage-2.0:tenant-42",
                    "azure-storage-2.1:tenant-42",
                    "azure-storage-2."
                })
        void idsOfWhatHasNoKeychainAreRefused(String id) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tenant.keychain(id))
                    .withMessageContaining("the id '" + id + "' is reserved for ");
            assertThat(tenant.store().load(id)).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"tink-1", "Tink", "azure-storage-2", "azure-storage-tenant-42"})
        void idsThatOnlyResembleThemAreNot(String id) {
            assertThat(tenant.keychain(id).record().keychainId()).isEqualTo(id);
        }

        @ParameterizedTest
        @ValueSource(strings = {"keystore:main#nobody", "keystore:other#customer", "aws-kms://arn:x"})
        void storesNothingWhereAKekFails(String kek) {
            assertThatExceptionOfType(KekException.class)
                    .isThrownBy(() -> tenant.keychain(ID, spec -> spec.control(KekId.of(kek))));
            assertThat(tenant.store().load(ID)).isEmpty();
            assertThat(tenant.store().list(KeychainFilter.all(), Optional.empty(), 10))
                    .isEmpty();
        }

        @Test
        void storesNothingWhereTheKekOfTheSealFails() {
            new KekFile(tenant.keyStore()).remove("vendor");
            assertThatExceptionOfType(KekNotFoundException.class).isThrownBy(() -> tenant.keychain(ID));
            assertThat(tenant.store().load(ID)).isEmpty();
        }

        @Test
        void givesNothingWhereTheStoreFails() {
            FailingStore store = new FailingStore(tenant.store());
            store.failing = true;
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> keychains(store).create(ID, spec -> spec.control(TestTenant.CUSTOMER)));
        }
    }

    @Nested
    class Opened {
        @Test
        void givesTheSameKey() {
            byte[] key;
            DekId dekId;
            try (DekLease lease = tenant.keychain(ID).primary()) {
                key = lease.withBytes(byte[]::clone);
                dekId = lease.dekId();
            }
            Keychain opened = TestTenant.in(folder).keychains().open(ID);
            try (DekLease lease = opened.lease(dekId)) {
                assertThat(lease.<byte[]>withBytes(byte[]::clone))
                        .isEqualTo(key)
                        .isNotEqualTo(new byte[32]);
            }
        }

        @Test
        void isMissedWhereThereIsNone() {
            assertThatExceptionOfType(KeychainNotFoundException.class)
                    .isThrownBy(() -> tenant.keychains().open("nobody"))
                    .satisfies(e -> assertThat(e.keychainId()).isEqualTo("nobody"));
        }

        @Test
        void hasNoDekThatItWasNotGiven() {
            Keychain keychain = tenant.keychain(ID);
            DekId unknown = DekId.random();
            assertThatExceptionOfType(KeychainNotFoundException.class)
                    .isThrownBy(() -> keychain.lease(unknown))
                    .withMessageContaining(unknown.hex());
        }

        @Test
        @FormatRule("K11")
        void saysThatADekWasDestroyed() {
            Keychain keychain = tenant.keychain(ID);
            keychain.rotate();
            DekEntry old = keychain.record().deks().get(0);
            DekEntry destroyed =
                    new DekEntry(old.id(), old.usage(), State.DESTROYED, old.createdAt(), old.checkValue(), List.of());
            new RecordForge(tenant)
                    .editAsVendor(
                            ID,
                            next -> next.deks(
                                    List.of(destroyed, keychain.record().deks().get(1))));
            assertThatExceptionOfType(DekDestroyedException.class)
                    .isThrownBy(() -> tenant.keychains().open(ID).lease(old.id(), Usage.ENVELOPES))
                    .satisfies(e -> assertThat(e.dekId()).isEqualTo(old.id()));
        }
    }

    @Nested
    class Usages {
        @Test
        @FormatRule("K11")
        void neverShareADek() {
            Keychain keychain = tenant.keychain(ID);
            DekId envelopes;
            DekId outside;
            try (DekLease one = keychain.primary(Usage.ENVELOPES);
                    DekLease two = keychain.primary()) {
                envelopes = one.dekId();
                outside = two.dekId();
            }
            assertThat(envelopes).isNotEqualTo(outside);
            keychain.lease(envelopes, Usage.ENVELOPES).close();
            keychain.lease(outside).close();
            assertThatExceptionOfType(KeychainNotFoundException.class).isThrownBy(() -> keychain.lease(envelopes));
            assertThatExceptionOfType(KeychainNotFoundException.class)
                    .isThrownBy(() -> keychain.lease(outside, Usage.ENVELOPES));
        }

        @Test
        void areRotatedTogetherOnceThereAreBoth() {
            Keychain keychain = tenant.keychain(ID);
            keychain.rotate();
            assertThat(keychain.record().deks()).hasSize(2);
            keychain.primary().close();
            keychain.rotate();
            assertThat(keychain.record().deks()).hasSize(5);
            assertThat(keychain.record().deks())
                    .filteredOn(entry -> entry.state() == State.PRIMARY)
                    .extracting(DekEntry::usage)
                    .containsExactlyInAnyOrder(Usage.values());
        }
    }

    @Nested
    @FormatRule("K13")
    class AnUncommittedDek {
        private final FailingStore store = new FailingStore();

        @Test
        void isNeverLeasedWhereTheStoreFails() {
            store.delegate = tenant.store();
            Keychain keychain = keychains(store).create(ID, spec -> spec.control(TestTenant.CUSTOMER));
            store.failing = true;
            assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(keychain::primary);
            assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(keychain::rotate);
            assertThat(keychain.record().revision()).isEqualTo(1);
            assertThat(keychain.record().deks()).hasSize(1);

            store.failing = false;
            try (DekLease lease = keychain.primary()) {
                assertThat(tenant.store().load(ID).orElseThrow().dek(lease.dekId()))
                        .isPresent();
            }
        }

        @Test
        void isDiscardedWhereAnotherProcessWasFaster() {
            store.delegate = tenant.store();
            Keychain keychain = keychains(store).create(ID, spec -> spec.control(TestTenant.CUSTOMER));
            Keychain rival = tenant.keychains().open(ID);
            store.beforeReplace = rival::primary;
            try (DekLease lease = keychain.primary();
                    DekLease theirs = rival.primary()) {
                assertThat(lease.dekId()).isEqualTo(theirs.dekId());
            }
            assertThat(tenant.store().load(ID).orElseThrow().deks()).hasSize(2);
        }

        @Test
        void isGivenUpWhereOthersAreAlwaysFaster() {
            store.delegate = tenant.store();
            Keychain keychain = keychains(store).create(ID, spec -> spec.control(TestTenant.CUSTOMER));
            Keychain rival = tenant.keychains().open(ID);
            store.everyTime = rival::rotate;
            assertThatExceptionOfType(KeychainConflictException.class)
                    .isThrownBy(keychain::rotate)
                    .satisfies(e -> assertThat(e.retryable()).isTrue());
        }
    }

    @Nested
    class WithTwoControlKeks {
        @Test
        @FormatRule("K12")
        void isClosedByEitherAndResumesWhenTheKeyIsBack(@TempDir Path empty) {
            TestTenant tenant = TestTenant.withoutCache(empty);
            Keychain keychain = tenant.keychain(ID, spec -> spec.control(TestTenant.OTHER_CUSTOMER));
            DekId dekId;
            try (DekLease lease = keychain.primary()) {
                dekId = lease.dekId();
            }
            KekFile keks = new KekFile(tenant.keyStore());
            for (KekId kekId : List.of(TestTenant.CUSTOMER, TestTenant.OTHER_CUSTOMER)) {
                String alias = kekId.uri().substring(kekId.uri().indexOf('#') + 1);
                byte[] before = keychain.record().toBytes();
                Key key = keks.remove(alias);
                for (ThrowingCallable use :
                        List.<ThrowingCallable>of(keychain::primary, () -> keychain.lease(dekId), keychain::rotate)) {
                    assertThatExceptionOfType(KekNotFoundException.class)
                            .isThrownBy(use)
                            .satisfies(e -> assertThat(e.kekId()).contains(kekId));
                }
                assertThat(tenant.store().load(ID).orElseThrow().toBytes()).isEqualTo(before);
                keks.put(alias, key);
                keychain.lease(dekId).close();
                keychain.rotate();
            }
        }

        @Test
        void wrapsEveryDekToBoth() {
            Keychain keychain = tenant.keychain(ID, spec -> spec.control(TestTenant.OTHER_CUSTOMER));
            keychain.rotate();
            assertThat(keychain.record().deks())
                    .hasSize(2)
                    .allSatisfy(dek -> assertThat(dek.wraps())
                            .extracting(wrap -> wrap.wrapped().kekId())
                            .containsExactly(TestTenant.CUSTOMER, TestTenant.OTHER_CUSTOMER));
        }

        @Test
        void thatAreOneAndTheSameIsRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tenant.keychain(ID, spec -> spec.control(TestTenant.CUSTOMER)))
                    .withMessageContaining("twice");
            assertThat(tenant.store().load(ID)).isEmpty();
        }
    }

    private Keychains keychains(KeychainStore store) {
        return Keychains.builder(store, tenant.providers())
                .seal(KeychainSeal.wrappedBy(TestTenant.VENDOR))
                .build();
    }
}
