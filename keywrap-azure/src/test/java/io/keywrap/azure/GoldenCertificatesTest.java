package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file of certificates as an earlier build wrote it, under a keychain of the golden files of keywrap-core, opens. It is made once
 * and never again, by {@link #make} with the name of the file.
 */
class GoldenCertificatesTest {
    private static final Path STORE =
            Path.of("").toAbsolutePath().getParent().resolve("keywrap-core/src/test/resources/golden/v1");
    private static final Path FILE = Path.of("src/test/resources/golden/v1/application-certificates.kwrp");

    @TempDir
    Path folder;

    @Test
    void aFileOfVersion1Opens() throws IOException {
        copyOfTheStore();
        try (KeyProviders providers = providers()) {
            ApplicationCertificates opened = builder(providers).open(FILE);
            assertThat(opened.current().sha1Thumbprint()).isEqualTo("83870C80C1FC7322C954E2876CBC68FF477295B7");
            assertThat(opened.previous().orElseThrow().sha1Thumbprint())
                    .isEqualTo("CF2CE4AE603CC82C2D86B8C35D438357AA7A16B4");
            assertThat(opened.next()).isEmpty();
            assertThat(opened.current().x509().getSerialNumber().toByteArray()).hasSize(20);
        }
    }

    void make(Path file) throws IOException {
        copyOfTheStore();
        try (KeyProviders providers = providers()) {
            builder(providers).create().renew().activate().save(file);
        }
    }

    /** Opening a store makes the file of its lock. */
    private void copyOfTheStore() throws IOException {
        try (Stream<Path> files = Files.walk(STORE)) {
            for (Path file : files.skip(1).toList()) {
                Files.copy(file, folder.resolve(STORE.relativize(file).toString()));
            }
        }
    }

    private KeyProviders providers() {
        return KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("golden", folder.resolve("golden.p12"), "golden, and no secret"::toCharArray)
                        .build())
                .build();
    }

    private ApplicationCertificates.Builder builder(KeyProviders providers) {
        return ApplicationCertificates.builder(EnvelopeCipher.using(
                        Keychains.builder(FileKeychainStore.open(folder.resolve("store")), providers)
                                .seal(KeychainSeal.wrappedBy(KekId.of("keystore:golden#vendor")))
                                .build()
                                .open("plain")))
                .tenantId("22222222-2222-4222-8222-222222222222")
                .clientId("11111111-1111-4111-8111-111111111111");
    }
}
