package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.Dek;
import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KeychainDestroyedException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.TestTenant;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A key that a product had before it had keywrap. */
class AdoptedKeyTest {
    private static final byte[] KEY = counting();

    @TempDir
    Path folder;

    private TestTenant tenant;
    private Keychain keychain;

    @BeforeEach
    void makeAKeychain() {
        tenant = TestTenant.in(folder);
        keychain = tenant.keychain("tenant-42");
    }

    @Test
    void isLeasedByEveryProcessFromThenOn() {
        DekId id = adopt(KEY);

        assertThat(leased(keychain, id)).isEqualTo(KEY);
        assertThat(leased(TestTenant.in(folder).keychains().open("tenant-42"), id))
                .isEqualTo(KEY);
        DekEntry entry = keychain.record().dek(id).orElseThrow();
        assertThat(entry.usage()).isEqualTo(Usage.OUTSIDE);
        assertThat(entry.state()).isEqualTo(State.DECRYPT_ONLY);
    }

    @Test
    void staysTheCallers() {
        try (Dek existing = existing(KEY)) {
            keychain.adopt(existing);
            assertThat(existing.isClosed()).isFalse();
        }
    }

    @Test
    void isNoPrimary() {
        DekId id = adopt(KEY);
        try (DekLease primary = keychain.primary()) {
            assertThat(primary.dekId()).isNotEqualTo(id);
        }
        keychain.rotate();
        assertThat(leased(keychain, id)).isEqualTo(KEY);
    }

    @Test
    void neverServesEnvelopes() {
        DekId id = adopt(KEY);
        assertThatExceptionOfType(KeychainNotFoundException.class)
                .isThrownBy(() -> keychain.lease(id, Usage.ENVELOPES));
    }

    @Test
    void keepsItsFirstId() {
        DekId first = adopt(KEY);
        long revision = keychain.record().revision();
        assertThat(adopt(KEY)).isEqualTo(first);
        assertThat(TestTenant.in(folder).keychains().open("tenant-42").adopt(existing(KEY)))
                .isEqualTo(first);
        keychain.refresh();
        assertThat(keychain.record().revision()).isEqualTo(revision);
    }

    @Test
    void thatServesEnvelopesIsRefused() {
        byte[] stolen;
        try (DekLease lease = keychain.primary(Usage.ENVELOPES)) {
            stolen = lease.withBytes(byte[]::clone);
        }
        KeychainRecord before = keychain.record();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> adopt(stolen))
                .withMessageContaining("never serves both uses");
        assertThat(keychain.record()).isSameAs(before);
    }

    @Test
    void thatWasDestroyedDoesNotComeBack() {
        DekId id = adopt(KEY);
        new RecordForge(tenant)
                .editAsVendor(
                        "tenant-42",
                        next -> next.deks(keychain.record().deks().stream()
                                .map(entry -> entry.id().equals(id) ? entry.inState(State.DESTROYED) : entry)
                                .toList()));
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> adopt(KEY));
    }

    @Test
    void isNotTakenByAKeychainThatWasDestroyed() {
        keychain.destroy(Optional.empty());
        assertThatExceptionOfType(KeychainDestroyedException.class).isThrownBy(() -> adopt(KEY));
    }

    @Test
    void ofZerosIsNoKey() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> adopt(new byte[32]))
                .withMessageContaining("wiped");
    }

    @Test
    void isNotStoredWhereAKekFails() {
        Keychain other = tenant.keychains().create("other", spec -> spec.control(TestTenant.OTHER_CUSTOMER));
        new RecordForge(tenant)
                .editAsVendor(
                        "other",
                        next -> next.recipients(
                                List.of(new Recipient(Role.CONTROL, KekId.of("keystore:main#missing")))));
        assertThatExceptionOfType(KekException.class).isThrownBy(() -> other.adopt(existing(KEY)));
        assertThat(tenant.keychains().open("other").record().deks()).hasSize(1);
    }

    @Test
    void isNotAcceptedFromAForgedRecord() {
        adopt(KEY);
        new RecordForge(tenant).edit("tenant-42", next -> next);
        assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(() -> adopt(KEY));
    }

    private DekId adopt(byte[] key) {
        try (Dek existing = existing(key)) {
            return keychain.adopt(existing);
        }
    }

    private static Dek existing(byte[] key) {
        return Dek.takeOwnershipOf(DekId.random(), key.clone());
    }

    private static byte[] leased(Keychain keychain, DekId id) {
        try (DekLease lease = keychain.lease(id)) {
            return lease.withBytes(byte[]::clone);
        }
    }

    private static byte[] counting() {
        byte[] key = new byte[32];
        IntStream.range(0, key.length).forEach(i -> key[i] = (byte) (i + 1));
        return key;
    }
}
