package io.keywrap.tink;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig2026;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import io.keywrap.provider.KeyProviders;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ciphertexts as one release wrote them, which every later one must decrypt: with and without pairs in the key context, and
 * a keyset of Tink's with something that it has encrypted.
 *
 * <p>A set is made once, by {@link #main} with the name of a new folder under {@code src/test/resources/golden}, and never
 * again. These keys protect nothing.
 */
class GoldenCiphertextTest {
    private static final KekId KEK = KekId.of("keystore:golden#customer");
    private static final byte[] DATA = "id,name\n1,acme\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] ASSOCIATED = "grüße/a.csv".getBytes(StandardCharsets.UTF_8);
    private static final EncryptionContext PAIRS = EncryptionContext.of("tenant", "acme");

    @TempDir
    Path folder;

    private KeyProviders providers;

    public static void main(String[] arguments) throws Exception {
        Path set = Files.createDirectory(Path.of(arguments[0]));
        Keystores.createKek(set.resolve("golden.p12"), KEK, GoldenCiphertextTest::password);
        try (KeyProviders providers = providers(set)) {
            Aead aead = KeywrapKmsClient.of(providers).getAead(KEK.uri());
            Files.write(set.resolve("small.kwtk"), aead.encrypt(DATA, ASSOCIATED));
            Files.write(set.resolve("empty.kwtk"), aead.encrypt(new byte[0], new byte[0]));
            Files.write(set.resolve("pairs.kwtk"), withPairs(providers).encrypt(DATA, ASSOCIATED));
            KeysetHandle keyset = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, AeadConfig2026.get());
            Files.write(
                    set.resolve("keyset.bin"),
                    TinkProtoKeysetFormat.serializeEncryptedKeyset(keyset, aead, ASSOCIATED, AeadConfig2026.get()));
            Files.write(
                    set.resolve("by-keyset.bin"),
                    keyset.getPrimitive(AeadConfig2026.get(), Aead.class).encrypt(DATA, ASSOCIATED));
        }
    }

    private static char[] password() {
        return "golden".toCharArray();
    }

    private static KeyProviders providers(Path set) {
        return KeyProviders.builder()
                .register(Keystores.builder()
                        .pkcs12("golden", set.resolve("golden.p12"), GoldenCiphertextTest::password)
                        .build())
                .build();
    }

    private static Aead withPairs(KeyProviders providers) throws Exception {
        return KeywrapKmsClient.builder(providers).keyContext(PAIRS).build().getAead(KEK.uri());
    }

    private static byte[] golden(String name) throws Exception {
        return Files.readAllBytes(path(name));
    }

    private static Path path(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(GoldenCiphertextTest.class.getResource("/golden/v1/" + name))
                .toURI());
    }

    private Aead aead() throws Exception {
        Files.copy(path("golden.p12"), folder.resolve("golden.p12"));
        providers = providers(folder);
        return KeywrapKmsClient.of(providers).getAead(KEK.uri());
    }

    @AfterEach
    void close() {
        if (providers != null) {
            providers.close();
        }
    }

    @Test
    void ciphertextsOpen() throws Exception {
        Aead aead = aead();
        assertThat(aead.decrypt(golden("small.kwtk"), ASSOCIATED)).isEqualTo(DATA);
        assertThat(aead.decrypt(golden("empty.kwtk"), null)).isEmpty();
        assertThat(withPairs(providers).decrypt(golden("pairs.kwtk"), ASSOCIATED))
                .isEqualTo(DATA);
    }

    @Test
    void aKeysetOpens() throws Exception {
        KeysetHandle keyset = TinkProtoKeysetFormat.parseEncryptedKeyset(
                golden("keyset.bin"), aead(), ASSOCIATED, AeadConfig2026.get());
        Aead data = keyset.getPrimitive(AeadConfig2026.get(), Aead.class);
        assertThat(data.decrypt(golden("by-keyset.bin"), ASSOCIATED)).isEqualTo(DATA);
    }
}
