package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.KeychainRecord.Usage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The header of a new envelope is of its DEK, and of the keychain as it is now, though it is kept for the next one. */
class KeychainKeysTest {
    private static final byte[] DATA = {1, 2, 3};
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "a");

    @TempDir
    Path folder;

    private TestTenant tenant;

    @BeforeEach
    void setUp() {
        tenant = TestTenant.withoutCache(folder);
    }

    /** One with the header of another DEK than its own could never be read. */
    @Test
    void isOfItsDekWhereAnotherOneComesWhileItIsLeased() throws IOException {
        Keychain keychain = tenant.keychain("rotated");
        EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
        cipher.encrypt(DATA, CONTEXT);
        tenant.keks().duringTheNextUnwrap(keychain::rotate);
        byte[] before = cipher.encrypt(DATA, CONTEXT);
        byte[] after = cipher.encrypt(DATA, CONTEXT);
        assertThat(header(after).dekId()).isNotEqualTo(header(before).dekId());
        assertThat(cipher.decrypt(before, CONTEXT)).isEqualTo(DATA);
        assertThat(cipher.decrypt(after, CONTEXT)).isEqualTo(DATA);
    }

    @Test
    void carriesTheWrapsAsTheyAreNowAndNoneThatIsOnlyRetained() throws IOException {
        Keychain keychain = tenant.keychain("retained", spec -> spec.portable().replica(TestTenant.OTHER_CUSTOMER));
        EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
        byte[] before = cipher.encrypt(DATA, CONTEXT);
        assertThat(keks(before)).containsExactly(TestTenant.CUSTOMER, TestTenant.OTHER_CUSTOMER);
        tenant.keks()
                .duringTheNextUnwrap(() -> keychain.changeRecipients(
                        to -> to.control(TestTenant.CUSTOMER).retained(TestTenant.OTHER_CUSTOMER)));
        byte[] after = cipher.encrypt(DATA, CONTEXT);
        assertThat(header(after).dekId()).isEqualTo(header(before).dekId());
        assertThat(keks(after)).containsExactly(TestTenant.CUSTOMER);
    }

    /** Nobody could read what is encrypted under it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noneIsBegunUnderADekThatIsDestroyedWhileItIsLeased(boolean portable) {
        Keychain keychain = tenant.keychain("destroyed", spec -> {
            if (portable) {
                spec.portable();
            }
        });
        EnvelopeCipher cipher = EnvelopeCipher.using(keychain);
        cipher.encrypt(DATA, CONTEXT);
        DekId primary = keychain.record().primary(Usage.ENVELOPES).orElseThrow().id();
        tenant.keks().duringTheNextUnwrap(() -> {
            keychain.rotate();
            keychain.destroyDek(primary, Optional.empty());
        });
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> cipher.encrypt(DATA, CONTEXT));
        assertThat(tenant.providers().statistics().openLeases()).isZero();
    }

    private static EnvelopeHeader header(byte[] envelope) throws IOException {
        return EnvelopeHeader.read(new ByteArrayInputStream(envelope));
    }

    private static List<KekId> keks(byte[] envelope) throws IOException {
        return header(envelope).recipients().stream().map(WrappedDek::kekId).toList();
    }
}
