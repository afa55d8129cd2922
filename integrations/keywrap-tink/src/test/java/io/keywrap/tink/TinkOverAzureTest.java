package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeywrapException;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.AzureFault;
import io.keywrap.provider.KeyProviders;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tink under a key of Azure Key Vault, by the client of the Azure SDK over https. */
class TinkOverAzureTest {
    private static final byte[] DATA = TinkFixture.DATA;
    private static final byte[] ASSOCIATED = TinkFixture.ASSOCIATED;

    private final AzureVault vault = new AzureVault();
    private final KeyProviders providers = KeyProviders.builder()
            .register(vault.factory())
            .time(vault.time)
            .executor(Runnable::run)
            .build();

    @AfterEach
    void close() {
        providers.close();
        vault.close();
    }

    private Aead aead() throws GeneralSecurityException {
        return KeywrapKmsClient.of(providers).getAead(vault.keyUri());
    }

    private long requests() {
        return vault.emulator.count("KeyWrap") + vault.emulator.count("KeyUnwrap");
    }

    private KeywrapException assertFails(Class<? extends KeywrapException> cause, Aead aead, byte[] ciphertext) {
        KeywrapException[] failure = new KeywrapException[1];
        assertThatExceptionOfType(GeneralSecurityException.class)
                .isThrownBy(() -> aead.decrypt(ciphertext, ASSOCIATED))
                .withMessageContaining("KEK " + vault.keyUri())
                .withMessageContaining("to do: ")
                .satisfies(e ->
                        assertThat(failure[0] = (KeywrapException) e.getCause()).isExactlyInstanceOf(cause));
        return failure[0];
    }

    @Test
    void tenThousandOperationsAreTwoRequests() throws Exception {
        Aead aead = aead();
        for (int i = 0; i < 5_000; i++) {
            aead.decrypt(aead.encrypt(DATA, ASSOCIATED), ASSOCIATED);
        }
        assertThat(vault.emulator.count("KeyWrap")).isEqualTo(1);
        assertThat(vault.emulator.count("KeyUnwrap")).isEqualTo(1);
    }

    @Test
    void aDisabledKeyIsNoticedWithinTheBoundAndWorksAgainOnceEnabled() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        vault.key.disable();
        assertThat(aead.decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
        vault.time.advance(Duration.ofMinutes(5));
        KekRevokedException refusal = (KekRevokedException) assertFails(KekRevokedException.class, aead, ciphertext);
        assertThat(refusal.reason()).isEqualTo(Reason.DISABLED);
        assertThatExceptionOfType(GeneralSecurityException.class)
                .isThrownBy(() -> aead.encrypt(DATA, ASSOCIATED))
                .withCauseExactlyInstanceOf(KekRevokedException.class);
        vault.key.enable();
        vault.time.advance(Duration.ofSeconds(5));
        assertThat(aead.decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
        assertThat(aead.decrypt(aead.encrypt(DATA, ASSOCIATED), ASSOCIATED)).isEqualTo(DATA);
    }

    /** Azure goes on to wrap for a while with a key that was just disabled; nothing is encrypted under what it wraps then. */
    @Test
    void aKeyThatStillWrapsThoughItIsDisabledEncryptsNothing() throws Exception {
        vault.emulator.wrapWhileDisabled(true);
        vault.key.disable();
        Aead aead = aead();
        for (int i = 0; i < 100; i++) {
            assertThatExceptionOfType(GeneralSecurityException.class)
                    .isThrownBy(() -> aead.encrypt(DATA, ASSOCIATED))
                    .withCauseExactlyInstanceOf(KekRevokedException.class);
        }
        assertThat(requests()).isEqualTo(2);
    }

    @Test
    void afterARotationANewDekIsWrappedByTheNewVersionAndOldOnesOpen() throws Exception {
        Aead aead = aead();
        byte[] before = aead.encrypt(DATA, ASSOCIATED);
        String old = vault.key.version();
        vault.key.rotate();
        vault.key.disable(old);
        vault.time.advance(Duration.ofMinutes(5));
        byte[] after = aead.encrypt(DATA, ASSOCIATED);
        assertThat(Header.parse(before).wrapped().kekVersion()).isEqualTo(old);
        assertThat(Header.parse(after).wrapped().kekVersion()).isEqualTo(vault.key.version());
        assertThat(aead.decrypt(after, ASSOCIATED)).isEqualTo(DATA);
        assertFails(KekRevokedException.class, aead, before);
        vault.key.enable(old);
        vault.time.advance(Duration.ofSeconds(5));
        assertThat(aead.decrypt(before, ASSOCIATED)).isEqualTo(DATA);
    }

    /** Whoever makes up a ciphertext chooses the version in it; nothing is known of one that never was. */
    @Test
    void aForgedVersionIsRefusedAndNotKnownFromThen() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        Header header = Header.parse(ciphertext);
        WrappedDek wrapped = header.wrapped();
        byte[] encrypted = Arrays.copyOfRange(ciphertext, header.length(), ciphertext.length);
        for (int i = 0; i < 3; i++) {
            WrappedDek forged = WrappedDek.builder(wrapped.dekId(), wrapped.kekId())
                    .kekVersion("f".repeat(31) + i)
                    .build(wrapped.algorithm(), wrapped.wrappedBytes());
            assertFails(
                    InvalidWrappedDekException.class, aead, Header.of(forged).followedBy(encrypted));
        }
        assertThat(providers.states().all())
                .isNotEmpty()
                .allSatisfy(standing -> assertThat(standing.version()).isEqualTo(vault.key.version()));
        assertThat(aead.decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
    }

    @Test
    void anOutageIsNoRevocation() throws Exception {
        Aead aead = aead();
        byte[] ciphertext = aead.encrypt(DATA, ASSOCIATED);
        vault.emulator.injectAlways(AzureFault.answer(503, ""));
        assertThat(aead.decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
        vault.time.advance(Duration.ofMinutes(5));
        assertFails(KekUnreachableException.class, aead, ciphertext);
        vault.emulator.recover();
        assertThat(aead.decrypt(ciphertext, ASSOCIATED)).isEqualTo(DATA);
    }
}
