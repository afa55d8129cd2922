package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.credential.AccessToken;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/**
 * Wraps as an earlier build wrote them open in a vault that has the key: what stands in a wrap, how it is encrypted, and
 * what Azure is asked. Made once, from docs/format.md and without keywrap's adapter, and never again.
 */
class GoldenWrapTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/v1");
    private static final DekId ID = DekId.of("00112233445566778899aabbccddeeff");
    private static final EncryptionContext CONTEXT =
            EncryptionContext.ofDek("tenant-42", ID, EncryptionContext.of("tenant", "grüße"));

    @ParameterizedTest
    @ValueSource(strings = {"RSA-OAEP-256", "A256KW"})
    void opensInAVaultThatHasTheKey(String algorithm) throws Exception {
        String text = Files.readString(GOLDEN.resolve(algorithm + "-dek.txt"));
        WrappedDek wrapped = WrappedDek.parseText(text);
        assertThat(wrapped.toText()).isEqualTo(text);
        assertThat(wrapped.dekId()).isEqualTo(ID);
        assertThat(wrapped.kekId()).isEqualTo(kek(algorithm));
        assertThat(wrapped.kekVersion()).isEqualTo(GoldenVault.VERSION);
        assertThat(wrapped.algorithm()).isEqualTo(algorithm);
        AccessToken token = new AccessToken("token", OffsetDateTime.now().plusDays(1));
        GoldenVault vault = new GoldenVault(algorithm, GOLDEN);
        AzureKms azure = AzureKms.builder()
                .credential(request -> Mono.just(token))
                .aesKeys(key -> algorithm.equals("A256KW"))
                .clients(client -> client.httpClient(vault))
                .build();
        try (KeyProvider provider = azure.create(wrapped.kekId());
                Dek dek = provider.unwrap(
                        wrapped, CONTEXT, Deadline.after(Duration.ofSeconds(10), TimeSource.system()))) {
            assertThat(dek.<byte[]>withBytes(byte[]::clone)).isEqualTo(key());
        }
    }

    private static KekId kek(String algorithm) {
        String service = algorithm.equals("A256KW") ? "managedhsm" : "vault";
        return KekId.of("azure-kms://https://golden." + service + ".azure.net/keys/customer");
    }

    private static byte[] key() {
        byte[] key = new byte[Dek.BYTES];
        Arrays.fill(key, (byte) 9);
        return key;
    }
}
