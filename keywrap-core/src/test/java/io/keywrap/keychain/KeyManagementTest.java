package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.TestTenant;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose KEKs wrap the DEKs: a choice that is made once, unless a keychain is migratable. */
class KeyManagementTest {
    private static final List<KekId> CUSTOMER = List.of(TestTenant.CUSTOMER);

    @TempDir
    Path folder;

    private TestTenant tenant;

    @BeforeEach
    void makeTheKeks() {
        tenant = TestTenant.in(folder);
    }

    @Test
    void isTheCustomersForGoodByDefault() {
        KeychainRecord record = tenant.keychain("k").record();
        assertThat(record.keyManagement()).isEqualTo(KeyManagement.CUSTOMER);
        assertThat(record.migratable()).isFalse();
    }

    @Test
    void isFoundByTheFilter() {
        tenant.keychain("theirs");
        vendorManaged("ours");
        assertThat(list(KeychainFilter.all().withKeyManagement(KeyManagement.VENDOR)))
                .containsExactly("ours");
        assertThat(list(KeychainFilter.all().withKek(TestTenant.CUSTOMER))).containsExactly("theirs");
    }

    @Nested
    class NotMigratable {
        @Test
        void isNeverChanged() {
            Keychain keychain = tenant.keychains()
                    .create("k", spec -> spec.control(TestTenant.VENDOR).keyManagement(KeyManagement.VENDOR));
            KeychainRecord before = keychain.record();

            assertThatIllegalStateException()
                    .isThrownBy(() -> keychain.changeKeyManagement(KeyManagement.CUSTOMER, CUSTOMER))
                    .withMessageContainingAll("'k'", "VENDOR for good");
            assertThatIllegalStateException()
                    .isThrownBy(() -> keychain.changeKeyManagement(KeyManagement.VENDOR, CUSTOMER));

            assertThat(tenant.keychains().open("k").record().toBytes()).isEqualTo(before.toBytes());
        }
    }

    @Nested
    class Migratable {
        @Test
        void givesNewDataToTheNewKeksAndKeepsTheOldWraps() {
            Keychain keychain = vendorManaged("k");
            var old = keychain.record().deks().get(0);
            keychain.primary().close();

            keychain.changeKeyManagement(KeyManagement.CUSTOMER, CUSTOMER);

            KeychainRecord record = TestTenant.in(folder).keychains().open("k").record();
            assertThat(record.keyManagement()).isEqualTo(KeyManagement.CUSTOMER);
            assertThat(record.migratable()).isTrue();
            assertThat(record.recipients()).containsExactly(new Recipient(Role.CONTROL, TestTenant.CUSTOMER));
            assertThat(record.deks()).hasSize(4);
            assertThat(record.dek(old.id())).contains(old.inState(State.DECRYPT_ONLY));
            assertThat(record.deks().stream().filter(entry -> entry.state() == State.PRIMARY))
                    .hasSize(2)
                    .allSatisfy(entry -> assertThat(entry.wraps())
                            .extracting(wrap -> wrap.wrapped().kekId())
                            .containsExactly(TestTenant.CUSTOMER));
            keychain.lease(old.id(), old.usage()).close();
        }

        @Test
        void isChangedOnceForTheSameChoice() {
            Keychain keychain = vendorManaged("k");
            keychain.changeKeyManagement(KeyManagement.CUSTOMER, CUSTOMER);
            long revision = keychain.record().revision();
            keychain.changeKeyManagement(KeyManagement.CUSTOMER, CUSTOMER);
            assertThat(keychain.record().revision()).isEqualTo(revision);
        }

        @Test
        void staysAsItWasWhereANewKekFails() {
            Keychain keychain = vendorManaged("k");
            byte[] before = keychain.record().toBytes();
            assertThatExceptionOfType(KekException.class)
                    .isThrownBy(() -> keychain.changeKeyManagement(
                            KeyManagement.CUSTOMER, List.of(KekId.of("keystore:main#missing"))));
            assertThat(tenant.keychains().open("k").record().toBytes()).isEqualTo(before);
        }

        @Test
        void needsAKek() {
            Keychain keychain = vendorManaged("k");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> keychain.changeKeyManagement(KeyManagement.CUSTOMER, List.of()));
        }
    }

    private Keychain vendorManaged(String id) {
        return tenant.keychains()
                .create(
                        id,
                        spec -> spec.control(TestTenant.VENDOR)
                                .keyManagement(KeyManagement.VENDOR)
                                .migratable());
    }

    private List<String> list(KeychainFilter filter) {
        return tenant.keychains().list(filter, Optional.empty(), 10);
    }
}
