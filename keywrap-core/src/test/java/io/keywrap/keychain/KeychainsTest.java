package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekRevokedException;
import io.keywrap.keychain.Openers.Known;
import io.keywrap.keychain.Openers.Opener;
import io.keywrap.provider.InFlight;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a product says of its keychains, and of a new one. */
class KeychainsTest extends RecipientsFixture {
    private static final KeychainSeal SEALED = KeychainSeal.wrappedBy(SEAL);

    private Keychains.Builder builder() {
        return Keychains.builder(store, processes.get(0));
    }

    @Test
    void aNewKeychainIsWhatWasSaid() {
        KeychainRecord record = keychain(spec -> spec.writeQuorum(1)
                        .keyContext("a", "1")
                        .keyContext("b", "2")
                        .migratable()
                        .portable()
                        .keyManagement(KeyManagement.VENDOR)
                        .replica(B)
                        .control(A))
                .record();
        assertThat(record.writeQuorum()).isEqualTo(1);
        assertThat(record.keyContext()).isEqualTo(EncryptionContext.of("a", "1").with("b", "2"));
        assertThat(record.migratable()).isTrue();
        assertThat(record.portable()).isTrue();
        assertThat(record.keyManagement()).isEqualTo(KeyManagement.VENDOR);
        assertThat(record.recipients()).containsExactly(new Recipient(Role.REPLICA, B), new Recipient(Role.CONTROL, A));
    }

    @Test
    void whoSealsIsSaidOnce() {
        assertThat(SEALED.kekId()).isEqualTo(SEAL);
        assertThat(SEALED).hasToString("KeychainSeal[wrapped by " + SEAL + "]");
        assertThatIllegalStateException()
                .isThrownBy(() -> builder().seal(SEALED).seal(KeychainSeal.wrappedBy(A)))
                .withMessageContaining("set before, to " + SEALED);
    }

    @Test
    void theIdOfExportsIsReserved() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keychains.create("keywrap-store-export", spec -> spec.control(A)))
                .withMessageContaining("reserved");
        assertThat(kms.wraps).hasValue(0);
    }

    @Test
    void workUnderWayEndsAsThePolicySays() {
        keychain(spec -> spec.control(A));
        Keychain finishing = builder()
                .primaryAge(Duration.ofDays(1))
                .inFlight(InFlight.FINISH)
                .seal(SEALED)
                .build()
                .open(ID);
        try (DekLease aborted = keychains.open(ID).primary();
                DekLease finished = finishing.primary()) {
            kms.faults.put(A, RecipientsFixture::disabled);
            time.advance(DEADLINE);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(aborted::ensureUsable);
            finished.ensureUsable();
        }
    }

    @Test
    void noKekIsTheVendorsUnlessThatIsSaid() {
        Openers openers = builder()
                .seal(SEALED)
                .build()
                .create(ID, spec -> spec.control(A))
                .whoCanStillOpen();
        assertThat(openers.openers()).extracting(Opener::known).containsExactly(Known.BY_RECORD);
        assertThat(openers.warnings()).isEmpty();
    }
}
