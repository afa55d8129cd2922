package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.policy.HttpLogDetailLevel;
import com.azure.core.http.policy.HttpLogOptions;
import com.azure.core.http.policy.HttpPipelinePolicy;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.AzureDenial;
import io.keywrap.emulators.AzureFault;
import io.keywrap.emulators.AzureKey;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Where credentials and clients come from, which settings they have, and the factory in the stack. */
class AzureKmsTest extends AzureFixture {
    @Nested
    class Credentials {
        @Test
        void mayBeOthersForEachCustomer() {
            AzureKey other = vault.emulator.createKey();
            Set<AzureKeyUrl> asked = ConcurrentHashMap.newKeySet();
            AzureKms kms = EmulatedVault.builder(vault.emulator, vault.time())
                    .credentials(url -> {
                        asked.add(url);
                        String client = url.name().equals(key.name()) ? "vendor-of-one" : "vendor-of-another";
                        return of(vault.emulator.token(client));
                    })
                    .build();
            vault.emulator.deny(AzureDenial.rbac().to("vendor-of-another"));
            wrap(kms.create(EmulatedVault.kekId(key)));
            KeyProvider denied = kms.create(EmulatedVault.kekId(other));
            assertRevoked(Reason.DENIED, () -> wrap(denied));
            assertThat(asked).extracting(AzureKeyUrl::name).containsExactlyInAnyOrder(key.name(), other.name());
            assertThat(events())
                    .extracting(event -> event.clientId().orElse(""))
                    .contains("vendor-of-one", "vendor-of-another");
        }

        private TokenCredential of(String token) {
            return request ->
                    Mono.just(new AccessToken(token, OffsetDateTime.now().plusDays(1)));
        }

        @Test
        void areSetOnce() {
            AzureKms.Builder builder = AzureKms.builder().credential(of("x"));
            assertThatIllegalStateException().isThrownBy(() -> builder.credentials(url -> of("y")));
        }

        @Test
        void thatAreMissingForAKeyAreOurOwnMistake() {
            AzureKms kms = EmulatedVault.builder(vault.emulator, vault.time())
                    .credentials(url -> null)
                    .build();
            assertFails(KekConfigurationException.class, () -> kms.create(provider.kekId()));
        }

        @Test
        void areAskedForTheTenantOfTheVaultAndForItsDomain() {
            List<String> asked = Collections.synchronizedList(new ArrayList<>());
            AzureKms kms = EmulatedVault.builder(vault.emulator, vault.time())
                    .credential(request -> {
                        asked.add(request.getTenantId() + " " + request.getScopes());
                        return EmulatedVault.token(vault.emulator).getToken(request);
                    })
                    .build();
            wrap(kms.create(provider.kekId()));
            assertThat(asked).contains(vault.emulator.tenant() + " [https://vault.azure.net/.default]");
        }

        @Test
        void ofAzureIdentityAreTheDefault() {
            KeyProvider own =
                    EmulatedVault.builder(vault.emulator, vault.time()).build().create(provider.kekId());
            assertThat(own).isNotNull();
            assertThat(requests()).isEmpty();
        }
    }

    @Nested
    class Clients {
        @Test
        void sendATokenToNobodyButTheHostOfTheKey() {
            List<String> hosts = Collections.synchronizedList(new ArrayList<>());
            HttpClient http = request -> {
                hosts.add(request.getUrl().getAuthority());
                ConnectException unresolved = new ConnectException();
                return Mono.error(new UncheckedIOException(unresolved));
            };
            KeyProvider real = AzureKms.builder()
                    .credential(request -> Mono.error(new AssertionError("nobody has asked for a token")))
                    .clients(client -> client.httpClient(http))
                    .build()
                    .create(KekId.of("azure-kms://https://acme.vault.azure.net/keys/kek"));
            assertFails(KekUnreachableException.class, () -> wrap(real));
            assertThat(hosts).isNotEmpty().allMatch("acme.vault.azure.net"::equals);
        }

        @Test
        void refuseAChallengeThatWantsATokenForOthers() {
            HttpClient http = new OneAnswer(
                    401,
                    "Bearer authorization=\"https://login.microsoftonline.com/t\", resource=\"https://management.azure.com\"");
            KeyProvider real = AzureKms.builder()
                    .credential(request -> Mono.error(new AssertionError("a token was asked for")))
                    .clients(client -> client.httpClient(http))
                    .build()
                    .create(KekId.of("azure-kms://https://lured.vault.azure.net/keys/kek"));
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> wrap(real))
                    .satisfies(e -> assertThat(e.getCause()).hasMessageContaining("challenge resource"));
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> real.status(deadline()))
                    .satisfies(e -> assertThat(e.getCause()).hasMessageContaining("challenge resource"));
        }

        @Test
        void neverLogBodiesEvenIfToldTo() {
            List<HttpRequest> seen = Collections.synchronizedList(new ArrayList<>());
            HttpPipelinePolicy watching = (context, next) -> {
                seen.add(context.getHttpRequest());
                return next.process();
            };
            HttpClient http = EmulatedVault.http(vault.emulator);
            AzureKms kms = AzureKms.builder()
                    .credential(EmulatedVault.token(vault.emulator))
                    .trustedHost(EmulatedVault.host(vault.emulator))
                    .clients(client -> {
                        client.httpClient(http);
                        client.addPolicy(watching);
                        client.httpLogOptions(new HttpLogOptions().setLogLevel(HttpLogDetailLevel.BODY_AND_HEADERS));
                    })
                    .build();
            String log = CapturedLog.of(() -> {
                WrappedDek wrapped = wrap(kms.create(provider.kekId()));
                assertOpens(kms.create(provider.kekId()), wrapped);
            });
            String secret = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(dek.withBytes(byte[]::clone))
                    .substring(0, 42);
            assertThat(seen).isNotEmpty();
            assertThat(log).doesNotContain(secret);
        }
    }

    @Nested
    class AVaultWithoutAddress {
        private final HttpClient unresolved = request -> {
            ConnectException failure = new ConnectException();
            failure.initCause(new UnresolvedAddressException());
            return Mono.error(failure);
        };

        private KeyProvider provider(HostNames names) {
            return AzureKms.builder()
                    .credential(EmulatedVault.token(vault.emulator))
                    .clients(client -> client.httpClient(unresolved))
                    .names(names)
                    .build()
                    .create(KekId.of("azure-kms://https://gone.vault.azure.cn/keys/kek"));
        }

        @Test
        void isADenialIfTheSignInOfItsCloudHasOne() {
            KeyProvider gone = provider("login.chinacloudapi.cn"::equals);
            assertThat(assertRevoked(Reason.DENIED, () -> wrap(gone)).presumed())
                    .isTrue();
        }

        @Test
        void isAnOutageIfTheNameServiceFindsNobody() {
            assertFails(KekUnreachableException.class, () -> wrap(provider(host -> false)));
        }

        @Test
        void isAnOutageIfItHasOneAgain() {
            assertFails(KekUnreachableException.class, () -> wrap(provider(host -> true)));
        }
    }

    @Nested
    class TheStack {
        private final KeyProviders providers = KeyProviders.builder()
                .register(vault.factory())
                .time(vault.time())
                .build();
        private final KeyProvider kek = providers.provider(provider.kekId());

        private Deadline soon() {
            return providers.foregroundDeadline();
        }

        @Test
        void keepsADekAndNoticesWhenItsDeadlineHasCome() {
            WrappedDek wrapped = kek.wrap(dek, context, soon());
            kek.unwrap(wrapped, context, soon()).close();
            key.disable();
            vault.time.advance(Duration.ofMinutes(6));
            assertRevoked(Reason.DISABLED, () -> kek.unwrap(wrapped, context, soon()));
            key.enable();
            vault.time.advance(Duration.ofSeconds(6));
            kek.unwrap(wrapped, context, soon()).close();
            providers.close();
        }

        @Test
        void judgesTheVersionsOfAKeyEachForItself() {
            WrappedDek old = kek.wrap(dek, context, soon());
            String first = key.version();
            key.rotate();
            WrappedDek next = kek.wrap(dek, context, soon());
            key.disable(first);
            assertRevoked(Reason.DISABLED, () -> kek.unwrap(old, context, soon()));
            kek.unwrap(next, context, soon()).close();
            providers.close();
        }

        @Test
        void triesAgainAfterThrottlingAsLongAsAzureAsksWithinReason() {
            WrappedDek wrapped = kek.wrap(dek, context, soon());
            vault.emulator.inject(AzureFault.throttling().header("Retry-After", "2"), 1);
            try (Dek back = kek.unwrap(wrapped, context, soon())) {
                assertThat(back.id()).isEqualTo(id);
            }
            vault.emulator.injectAlways(AzureFault.throttling().header("Retry-After", "3600"));
            DekId other = DekId.random();
            long before = System.nanoTime();
            assertThatExceptionOfType(KekException.class)
                    .isThrownBy(() -> kek.generate(other, context, soon()))
                    .satisfies(e -> assertThat(e.retryAfter()).contains(Duration.ofHours(1)));
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
            providers.close();
        }
    }

    @Test
    void aClosedProviderIsNotUsed() {
        KeyProvider closed = vault.factory().create(provider.kekId());
        WrappedDek wrapped = wrap(closed);
        closed.close();
        closed.close();
        assertThatIllegalStateException().isThrownBy(() -> wrap(closed));
        assertThatIllegalStateException().isThrownBy(() -> closed.unwrap(wrapped, context, deadline()));
    }

    @Test
    void theTimeThatIsOverBeforeACallBeginsIsToldWithoutACall() {
        Deadline over = Deadline.after(Duration.ZERO, TimeSource.system());
        assertFails(KekUnreachableException.class, () -> provider.wrap(dek, context, over));
        assertThat(requests()).isEmpty();
    }

    @Test
    void nothingPrintsACredential() {
        assertThat(new SharedCredential(EmulatedVault.token(vault.emulator))).hasToString("SharedCredential");
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> {
            key.disable();
            wrap(provider);
        });
    }
}
