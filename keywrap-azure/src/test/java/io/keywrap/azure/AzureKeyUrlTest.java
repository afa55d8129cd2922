package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.provider.KeyProvider;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Which URLs name a key, and that no other host is ever called or given a token. */
class AzureKeyUrlTest {
    private static final String VERSION = "0123456789abcdef0123456789abcdef";

    @ParameterizedTest
    @CsvSource({
        "https://acme.vault.azure.net/keys/kek, acme.vault.azure.net, https://login.microsoftonline.com/, false",
        "https://acme.managedhsm.azure.net/keys/kek, acme.managedhsm.azure.net, https://login.microsoftonline.com/, true",
        "https://a-1.vault.usgovcloudapi.net/keys/k, a-1.vault.usgovcloudapi.net, https://login.microsoftonline.us/, false",
        "https://abc.managedhsm.usgovcloudapi.net/keys/k, abc.managedhsm.usgovcloudapi.net, https://login.microsoftonline.us/, true",
        "https://abc.vault.azure.cn/keys/k, abc.vault.azure.cn, https://login.chinacloudapi.cn/, false",
        "https://abc.managedhsm.azure.cn/keys/k, abc.managedhsm.azure.cn, https://login.chinacloudapi.cn/, true"
    })
    void namesAVaultOrPoolOfACloud(String url, String host, String authority, boolean hsm) {
        AzureKeyUrl key = AzureKeyUrl.of(KekId.of("azure-kms://" + url));
        assertThat(key).hasToString(url);
        assertThat(key.host()).isEqualTo(host);
        assertThat(key.authorityHost()).isEqualTo(authority);
        assertThat(key.isManagedHsm()).isEqualTo(hsm);
        assertThat(key.version()).isEmpty();
        assertThat(key.kekId().uri()).isEqualTo("azure-kms://" + url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://acme.vault.azure.net/keys/kek",
                "https://acme.vault.azure.net/keys/kek/",
                "https://acme.vault.azure.net:443/keys/kek",
                "HTTPS://ACME.Vault.Azure.NET/Keys/KEK"
            })
    void hasOneCanonicalForm(String url) {
        assertThat(AzureKeyUrl.parse(url))
                .isEqualTo(AzureKeyUrl.parse("https://acme.vault.azure.net/keys/kek"))
                .hasSameHashCodeAs(AzureKeyUrl.parse("https://acme.vault.azure.net/keys/kek"))
                .hasToString("https://acme.vault.azure.net/keys/kek");
    }

    @Test
    void mayNameAVersion() {
        AzureKeyUrl key = AzureKeyUrl.parse("https://acme.vault.azure.net/keys/kek/" + VERSION.toUpperCase());
        assertThat(key.version()).contains(VERSION);
        assertThat(key).hasToString("https://acme.vault.azure.net/keys/kek/" + VERSION);
        assertThat(key).isNotEqualTo(AzureKeyUrl.parse("https://acme.vault.azure.net/keys/kek"));
        assertThat(key.isSameKeyAs(AzureKeyUrl.parse("https://acme.vault.azure.net/keys/kek")))
                .isTrue();
    }

    /** Every one of these was refused before anybody was asked for a token, and before anything was sent. */
    @Nested
    class AForeignHost {
        private final AtomicInteger asked = new AtomicInteger();
        private final TokenCredential credential = request -> {
            asked.incrementAndGet();
            return Mono.error(new AssertionError("a token was asked for"));
        };
        private final HttpClient http = request -> {
            asked.incrementAndGet();
            return Mono.error(new AssertionError("a request was sent to " + request.getUrl()));
        };
        private final KeyProvider.Factory factory = AzureKms.builder()
                .credentials(key -> {
                    asked.incrementAndGet();
                    return credential;
                })
                .clients(builder -> builder.httpClient(http))
                .build();

        @ParameterizedTest
        @ValueSource(
                strings = {
                    // another domain, before, behind or around
                    "https://evil.example/keys/kek",
                    "https://acme.vault.azure.net.evil.example/keys/kek",
                    "https://acmevault.azure.net/keys/kek",
                    "https://acme-vault.azure.net/keys/kek",
                    "https://vault.azure.net/keys/kek",
                    "https://acme.vault.azure.com/keys/kek",
                    "https://acme.vault.azure.net.cn/keys/kek",
                    "https://acme.vault.microsoftazure.de/keys/kek",
                    "https://acme.privatelink.vaultcore.azure.net/keys/kek",
                    "https://acme.blob.core.windows.net/keys/kek",
                    "https://evil.example.acme.vault.azure.net/keys/kek",
                    "https://.vault.azure.net/keys/kek",
                    "https://a..vault.azure.net/keys/kek",
                    // user names, ports, dots at the end
                    "https://acme.vault.azure.net@evil.example/keys/kek",
                    "https://user@acme.vault.azure.net/keys/kek",
                    "https://user:pass@acme.vault.azure.net/keys/kek",
                    "https://acme.vault.azure.net:443@evil.example/keys/kek",
                    "https://@acme.vault.azure.net/keys/kek",
                    "https://acme.vault.azure.net:444/keys/kek",
                    "https://acme.vault.azure.net:80/keys/kek",
                    "https://acme.vault.azure.net:/keys/kek",
                    "https://acme.vault.azure.net:0443/keys/kek",
                    "https://acme.vault.azure.net./keys/kek",
                    "https://acme.vault.azure.net.:443/keys/kek",
                    // letters that look alike, and those that Unicode takes for ASCII when it ignores case
                    "https://acme.vault.\u0430zure.net/keys/kek",
                    "https://acme.vau\u217ct.azure.net/keys/kek",
                    "https://acme\u3002vault.azure.net/keys/kek",
                    "https://acme.vault.azure.net\uff0fkeys/kek",
                    "https://acme.vault.azure.net/\u212aeys/kek",
                    "https://acme.vault.azure.net/key\u017f/kek",
                    "https://acme\u00ad.vault.azure.net/keys/kek",
                    // escapes and separators
                    "https://acme.vault.azure.net%2eevil.example/keys/kek",
                    "https://acme%2evault.azure.net/keys/kek",
                    "https://acme.vault.azure.net%40evil.example/keys/kek",
                    "https://evil.example\\@acme.vault.azure.net/keys/kek",
                    "https://evil.example\\.vault.azure.net/keys/kek",
                    "https:\\\\acme.vault.azure.net\\keys\\kek",
                    "https://evil.example/.vault.azure.net/keys/kek",
                    "https://evil.example?.vault.azure.net/keys/kek",
                    "https://evil.example#.vault.azure.net/keys/kek",
                    "https:///acme.vault.azure.net/keys/kek",
                    "https:acme.vault.azure.net/keys/kek",
                    // addresses, in every way of writing them
                    "https://127.0.0.1/keys/kek",
                    "https://127.0.0.1:8443/keys/kek",
                    "https://2130706433/keys/kek",
                    "https://0x7f.1/keys/kek",
                    "https://[::1]/keys/kek",
                    "https://[::1]:8443/keys/kek",
                    "https://[::ffff:169.254.169.254]/keys/kek",
                    "https://169.254.169.254/keys/kek",
                    "https://localhost/keys/kek",
                    "https://localhost:8443/keys/kek",
                    // another protocol
                    "http://acme.vault.azure.net/keys/kek",
                    "ftp://acme.vault.azure.net/keys/kek",
                    "acme.vault.azure.net/keys/kek",
                    "//acme.vault.azure.net/keys/kek",
                    // no key of a vault
                    "https://acme.vault.azure.net",
                    "https://acme.vault.azure.net/keys",
                    "https://acme.vault.azure.net/keys/",
                    "https://acme.vault.azure.net/secrets/kek",
                    "https://acme.vault.azure.net/keys/../secrets/kek",
                    "https://acme.vault.azure.net//keys/kek",
                    "https://acme.vault.azure.net/keys//kek",
                    "https://acme.vault.azure.net/keys/k_k",
                    "https://acme.vault.azure.net/keys/kek?api-version=7.6",
                    "https://acme.vault.azure.net/keys/kek#x",
                    "https://acme.vault.azure.net/keys/kek/0123456789abcdef0123456789abcde",
                    "https://acme.vault.azure.net/keys/kek/0123456789abcdef0123456789abcdef0",
                    "https://acme.vault.azure.net/keys/kek/0123456789abcdef0123456789abcdeg",
                    "https://acme.vault.azure.net/keys/kek/0123456789abcdef0123456789abcdef/x",
                    "https://acme.vault.azure.net/keys/kek//",
                    // names that no vault can have
                    "https://ab.vault.azure.net/keys/kek",
                    "https://a--b.vault.azure.net/keys/kek",
                    "https://-abc.vault.azure.net/keys/kek",
                    "https://abc-.vault.azure.net/keys/kek",
                    "https://abcdefghijklmnopqrstuvwxy.vault.azure.net/keys/kek"
                })
        void isRefusedBeforeAnythingIsSent(String url) {
            assertThatIllegalArgumentException().isThrownBy(() -> AzureKeyUrl.parse(url));
            KekId kekId = KekId.of("azure-kms://" + url);
            assertThatExceptionOfType(KekConfigurationException.class).isThrownBy(() -> AzureKeyUrl.of(kekId));
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> factory.create(kekId))
                    .satisfies(e -> assertThat(e.kekId()).contains(kekId));
            assertThat(asked).hasValue(0);
        }

        @ParameterizedTest
        @ValueSource(strings = {"https://acme.vault.azure.net/keys/kek\n", " https://acme.vault.azure.net/keys/kek"})
        void mayNotHideBehindWhiteSpace(String url) {
            assertThatIllegalArgumentException().isThrownBy(() -> AzureKeyUrl.parse(url));
        }

        @ParameterizedTest
        @ValueSource(strings = {"aws-kms://arn", "azure-kms:https://acme.vault.azure.net/keys/kek", "azure-kmsx://x"})
        void mayNotBeOfAnotherScheme(String kekId) {
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> AzureKeyUrl.of(KekId.of(kekId)));
        }
    }

    @Nested
    class AnEmulator {
        @ParameterizedTest
        @ValueSource(strings = {"localhost:8443", "127.0.0.1:1", "[::1]:65535", "LOCALHOST:8443"})
        void isTrustedByItsPortOnThisMachine(String host) {
            AzureKms kms = AzureKms.builder()
                    .credential(request -> Mono.empty())
                    .trustedHost(host)
                    .build();
            assertThatCode(() -> kms.create(KekId.of("azure-kms://https://" + host + "/keys/kek")))
                    .doesNotThrowAnyException();
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> kms.create(KekId.of("azure-kms://https://localhost:8444/keys/kek")));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "localhost",
                    "localhost:",
                    "localhost:0",
                    "localhost:123456",
                    "127.0.0.2:8443",
                    "127.1:8443",
                    "10.0.0.1:8443",
                    "0.0.0.0:8443",
                    "[::]:8443",
                    "evil.example:8443",
                    "localhost.evil.example:8443",
                    "user@localhost:8443",
                    "localhost:8443/",
                    "localhost:8443@evil.example",
                    "https://localhost:8443",
                    "localhost:8443\n",
                    ""
                })
        void isOnThisMachineAndNowhereElse(String host) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AzureKms.builder().trustedHost(host));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "acme.vault.azure.net, azure-kms/vault.azure.net",
        "ACME.managedhsm.azure.cn, azure-kms/managedhsm.azure.cn",
        "127.0.0.1:8443, azure-kms/127.0.0.1:8443"
    })
    void failsWithItsCloudAndIsWithdrawnByItsVault(String host, String service) {
        AzureKms kms = AzureKms.builder()
                .credential(request -> Mono.empty())
                .trustedHost("127.0.0.1:8443")
                .build();
        try (KeyProvider provider = kms.create(KekId.of("azure-kms://https://" + host + "/keys/kek"))) {
            assertThat(provider.place()).isEqualTo(new KeyProvider.Place(service, host.toLowerCase(Locale.ROOT)));
        }
    }
}
