package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.Configuration;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.KmsClients;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AeadConfig2026;
import com.google.crypto.tink.aead.KmsAeadConfig2026;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import com.google.crypto.tink.aead.LegacyKmsAeadParameters;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import io.keywrap.AuthenticationFailedException;
import io.keywrap.KekRevokedException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What Tink's own classes make of the client. */
class TinkUsersTest extends TinkFixture {
    @BeforeAll
    static void register() throws Exception {
        AeadConfig.register();
    }

    @Test
    void aKeysetIsEncryptedAndReadAgain() throws Exception {
        KeysetHandle keyset = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, AeadConfig2026.get());
        byte[] stored =
                TinkProtoKeysetFormat.serializeEncryptedKeyset(keyset, aead(), ASSOCIATED, AeadConfig2026.get());
        assertThat(TinkProtoKeysetFormat.parseEncryptedKeyset(stored, aead(), ASSOCIATED, AeadConfig2026.get())
                        .equalsKeyset(keyset))
                .isTrue();
        byte[] bare =
                TinkProtoKeysetFormat.serializeKeyset(keyset, InsecureSecretKeyAccess.get(), AeadConfig2026.get());
        assertThat(stored.length).isGreaterThan(bare.length);
        assertFails(
                AuthenticationFailedException.class,
                () -> TinkProtoKeysetFormat.parseEncryptedKeyset(stored, aead(), DATA, AeadConfig2026.get()));
    }

    @Test
    void aRevocationIsToldWhenAKeysetIsRead() throws Exception {
        KeysetHandle keyset = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, AeadConfig2026.get());
        byte[] stored =
                TinkProtoKeysetFormat.serializeEncryptedKeyset(keyset, aead(), ASSOCIATED, AeadConfig2026.get());
        keywrap.kek().disable();
        keywrap.time().advance(Duration.ofMinutes(5));
        assertFails(
                KekRevokedException.class,
                () -> TinkProtoKeysetFormat.parseEncryptedKeyset(stored, aead(), ASSOCIATED, AeadConfig2026.get()));
    }

    /** It makes a DEK of its own for each message, which keywrap's wraps: the KMS is asked twice all the same. */
    @Test
    void theEnvelopeAeadOfTinkWorksAndNoLongerAsksTheKmsForEachMessage() throws Exception {
        Aead envelope = KmsEnvelopeAead.create(PredefinedAeadParameters.AES256_GCM, aead());
        for (int i = 0; i < 1_000; i++) {
            assertThat(envelope.decrypt(envelope.encrypt(DATA, ASSOCIATED), ASSOCIATED))
                    .isEqualTo(DATA);
        }
        assertThat(keywrap.kek().calls()).isEqualTo(2);
    }

    @Test
    void aKeyThatNamesAKekIsServedByAConfigurationWithThisClient() throws Exception {
        KeysetHandle keyset = KeysetHandle.generateNew(
                LegacyKmsAeadParameters.create(keywrap.kek().id().uri()), KmsAeadConfig2026.getForKmsClients(client));
        Aead aead = keyset.getPrimitive(KmsAeadConfig2026.getForKmsClients(client), Aead.class);
        assertThat(aead.decrypt(aead.encrypt(DATA, ASSOCIATED), ASSOCIATED)).isEqualTo(DATA);
    }

    /** Tink's keyset tries each of its keys and tells of none why it failed; the Aead of the KEK itself does, as the guide says. */
    @Test
    void whyAKeyThatNamesAKekDoesNotDecryptIsToldByTheAeadOfTheKek() throws Exception {
        Configuration withKeks = KmsAeadConfig2026.getForKmsClients(client);
        Aead byName = KeysetHandle.generateNew(
                        LegacyKmsAeadParameters.create(keywrap.kek().id().uri()), withKeks)
                .getPrimitive(withKeks, Aead.class);
        byte[] ciphertext = byName.encrypt(DATA, ASSOCIATED);
        keywrap.kek().disable();
        keywrap.time().advance(Duration.ofMinutes(5));
        assertThatExceptionOfType(GeneralSecurityException.class)
                .isThrownBy(() -> byName.decrypt(ciphertext, ASSOCIATED))
                .withMessage("decryption failed")
                .withNoCause();
        assertFails(KekRevokedException.class, () -> byName.encrypt(DATA, ASSOCIATED));
        assertFails(KekRevokedException.class, () -> aead().decrypt(ciphertext, ASSOCIATED));
    }

    @Test
    void aKeyThatNamesAKekIsServedByTheRegistryOfTink() throws Exception {
        KmsClients.add(client);
        KeysetHandle keyset = KeysetHandle.generateNew(
                LegacyKmsAeadParameters.create(keywrap.kek().id().uri()), RegistryConfiguration.get());
        Aead aead = keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        assertThat(aead().decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
    }
}
