package io.keywrap.keystore;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A token that fails is out of reach; what it wrapped is not called damaged, nor its records forged. */
class TokenOutageTest {
    private static final KekId KEK = KekId.of("keystore:token#kek");

    @TempDir
    Path folder;

    private KeyProviders providers;
    private Keychains keychains;

    @BeforeEach
    void open() throws Exception {
        providers = KeyProviders.builder()
                .time(new ManualTime())
                .cacheDeadline(Duration.ZERO)
                .register(Keystores.builder()
                        .keyStore("token", FailingToken.open(), () -> new char[0])
                        .build())
                .build();
        keychains = Keychains.builder(FileKeychainStore.open(folder), providers)
                .seal(KeychainSeal.wrappedBy(KEK))
                .build();
    }

    @AfterEach
    void mend() {
        FailingToken.mend();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CKR_GENERAL_ERROR", "CKR_DEVICE_REMOVED"})
    void aTokenThatFailsIsOutOfReachAndResumes(String failure) {
        Keychain keychain = keychains.create("t", spec -> spec.control(KEK));
        keychain.primary().close();

        FailingToken.failure = failure;
        assertThatExceptionOfType(KekUnreachableException.class)
                .isThrownBy(() -> keychains.open("t"))
                .matches(e -> e.rawCode().orElse("").equals(failure));
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(keychain::primary);

        FailingToken.failure = null;
        keychains.open("t").primary().close();
    }

    @Test
    void aWrapThatIsWrongIsStillInvalid() {
        KeyProvider provider = providers.provider(KEK);
        DekId id = DekId.random();
        EncryptionContext context = EncryptionContext.ofDek("t", id, EncryptionContext.empty());
        try (Dek dek = Dek.random(id)) {
            byte[] bytes =
                    provider.wrap(dek, context, providers.foregroundDeadline()).wrappedBytes();
            bytes[20] ^= 1;
            WrappedDek changed = WrappedDek.builder(id, KEK).build("AES-256-GCM", bytes);
            assertThatExceptionOfType(InvalidWrappedDekException.class)
                    .isThrownBy(() -> provider.unwrap(changed, context, providers.foregroundDeadline()));
        }
    }
}
