package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.security.keyvault.keys.cryptography.CryptographyClient;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** How many clients of the SDK one KEK has. */
class KeyClientsTest {
    private final AzureKeyUrl key = AzureKeyUrl.parse("https://acme.vault.azure.net/keys/kek");
    private final KeyClients clients = new KeyClients(
            key,
            new KeyClients.Setup(
                    request -> Mono.error(new AssertionError("a token was asked for")),
                    AzureKms.tuned(new SharedHttpClient(() -> request -> Mono.empty())),
                    false));

    private CryptographyClient ofVersion(int number) {
        return clients.cryptography(key.inVersion(String.format(Locale.ROOT, "%032x", number)));
    }

    @Test
    void areOneForEachVersionThatIsInUse() {
        assertThat(ofVersion(1)).isSameAs(ofVersion(1)).isNotSameAs(ofVersion(2));
        assertThat(clients.cryptography(key))
                .isSameAs(clients.cryptography(key))
                .isNotSameAs(ofVersion(1));
        assertThat(clients.management()).isSameAs(clients.management());
    }

    /** Versions come with wraps, which others may have written: they must not fill the memory. */
    @Test
    void areNoMoreThanTheVersionsInUseLately() {
        CryptographyClient often = ofVersion(1);
        CryptographyClient once = ofVersion(2);
        for (int i = 3; i < 70; i++) {
            ofVersion(i);
            assertThat(ofVersion(1)).isSameAs(often);
        }
        assertThat(ofVersion(2)).isNotSameAs(once);
    }
}
