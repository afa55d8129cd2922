package io.keywrap.azure.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A wrapped content key as an earlier build wrote it, under a KEK of the golden files of keywrap-core, opens. It is made once and
 * never again, by {@link #make} with the name of the file.
 */
class GoldenContentKeyTest {
    private static final Path KEY_STORE =
            Path.of("").toAbsolutePath().resolve("../../keywrap-core/src/test/resources/golden/v1/golden.p12");
    private static final Path FILE = Path.of("src/test/resources/golden/v1/content-key.txt");
    private static final KekId KEK = KekId.of("keystore:golden#customer");

    @TempDir
    Path folder;

    @Test
    void aWrapOfVersion1Opens() throws IOException {
        byte[] wrapped = Base64.getDecoder().decode(Files.readString(FILE).strip());
        try (KeyProviders providers = providers()) {
            assertThat(keks(providers).key(KEK).unwrapKey("keywrap-1", wrapped)).isEqualTo(contentKey());
        }
        assertThat(new String(wrapped, 0, 3, StandardCharsets.US_ASCII)).isEqualTo("2.1");
    }

    void make(Path file) throws IOException {
        try (KeyProviders providers = providers()) {
            byte[] wrapped = keks(providers).key(KEK).wrapKey("keywrap-1", contentKey());
            Files.writeString(file, Base64.getEncoder().encodeToString(wrapped) + "\n");
        }
    }

    private static byte[] contentKey() {
        byte[] key = Arrays.copyOf("2.1".getBytes(StandardCharsets.US_ASCII), 40);
        for (int i = 8; i < 40; i++) {
            key[i] = (byte) i;
        }
        return key;
    }

    private static StorageKeks keks(KeyProviders providers) {
        return StorageKeks.of(providers, "golden", Set.of(KEK)).withKeyContext(EncryptionContext.of("tenant", "acme"));
    }

    /** Of a copy: whoever opens a key store may lock it. */
    private KeyProviders providers() throws IOException {
        Path copy = Files.copy(KEY_STORE, folder.resolve("golden.p12"));
        return KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("golden", copy, "golden, and no secret"::toCharArray)
                        .build())
                .build();
    }
}
