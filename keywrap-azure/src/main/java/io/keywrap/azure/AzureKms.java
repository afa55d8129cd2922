package io.keywrap.azure;

import com.azure.core.client.traits.HttpTrait;
import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RequestRetryCondition;
import com.azure.core.http.policy.RetryOptions;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.provider.KeyProvider;
import java.io.IOException;
import java.security.Provider;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * KEKs in Azure Key Vault and Managed HSM: RSA keys, and AES keys that are named as such; written
 * {@code azure-kms://https://<vault>.vault.azure.net/keys/<name>}.
 *
 * <pre>{@code
 * KeyProviders providers = KeyProviders.builder().register(AzureKms.factory()).build();
 * }</pre>
 *
 * <p>DEKs are made here, wrapped by {@code wrapKey} with {@code RSA-OAEP-256} or {@code A256KW}, and unwrapped by
 * {@code unwrapKey}. No more than these two permissions is needed; {@code get} serves {@link KeyProvider#status} alone, and tells
 * more about a key that has refused.
 *
 * <p><b>Versions:</b> Azure says which version wrapped, the wrap keeps it, and it is unwrapped with that version for ever: after
 * a rotation old wraps open, and the status tells that they need a re-wrap. A KEK may be named with a version; nothing is then
 * wrapped or unwrapped with another.
 *
 * <p><b>Security:</b>
 *
 * <ul>
 *   <li>Azure does all wrapping and unwrapping. The SDK's own cryptography, which would go on with a key that is disabled, is
 *       off; for this reason clients are made here, and a ready {@code CryptographyClient}, which does not tell whether it keeps
 *       keys, is not taken.
 *   <li>Azure binds no context to a wrap, so {@code DEK ‖ SHA-256(key context)} is wrapped, and the digest compared afterwards.
 *       The key context itself does not reach Azure.
 *   <li>Tokens go to the hosts of Azure's clouds alone, see {@link AzureKeyUrl}.
 *   <li>Bodies of requests and answers, which hold DEKs, are not logged, whatever {@code AZURE_HTTP_LOG_DETAIL_LEVEL} says.
 * </ul>
 *
 * <p><b>Errors:</b> docs/errors.md, "Azure Key Vault".
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class AzureKms implements KeyProvider.Factory {
    /** The scheme of these KEKs. */
    public static final String SCHEME = "azure-kms";

    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ATTEMPT = Duration.ofSeconds(4);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final int RETRIES = 1;

    private final Function<AzureKeyUrl, TokenCredential> credentials;
    private final Consumer<HttpTrait<?>> settings;
    private final Predicate<AzureKeyUrl> aesKeys;
    private final AzureHosts hosts;
    private final HostNames names;
    private final TimeSource time;
    private final Duration settled;

    private AzureKms(Builder builder) {
        SharedHttpClient http = new SharedHttpClient(AzureKms::httpClient);
        this.credentials = builder.credentials == null ? new OwnCredentials(http) : builder.credentials;
        this.settings = tuned(http).andThen(builder.settings);
        this.aesKeys = builder.aesKeys;
        this.hosts = new AzureHosts(builder.trusted);
        this.names = builder.names;
        this.time = builder.time;
        this.settled = builder.settled;
    }

    /**
     * KEKs with the credentials that azure-identity finds by itself: environment, workload and managed identity, Azure CLI and
     * others. Tokens are taken of whichever tenant the vault of a key is in.
     *
     * @return the factory, for {@code KeyProviders}
     */
    public static AzureKms factory() {
        return builder().build();
    }

    /**
     * KEKs with one credential for all of them.
     *
     * @param credential the credential; for vaults of customers it must be allowed to take tokens of their tenants,
     *     {@code additionallyAllowedTenants("*")}
     * @return the factory, for {@code KeyProviders}
     */
    public static AzureKms factory(TokenCredential credential) {
        return builder().credential(credential).build();
    }

    /**
     * Begins a factory.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Sets up a builder of the SDK (of a client, or of a credential) as keywrap wants it: the HTTP client of the JDK, 2 attempts,
     * 4 seconds for each, 2 seconds to connect. The second attempt is for answers that were lost and for HTTP 5xx; if Azure says
     * when to come again (HTTP 429, {@code Retry-After}), the SDK would sleep for as long as that, so it is left to the stack,
     * which has a cap. An answer to a POST whose JSON is none of Azure's is a failure, where the SDK would read it for ever. The
     * clients of this factory are set up so already, and each of their calls also ends with its deadline.
     *
     * @param builder the builder of a credential, or of a client of Key Vault; others may have answers that are taken for
     *     failures. It is changed
     * @param <B> its type
     * @return the builder
     */
    public static <B extends HttpTrait<B>> B tune(B builder) {
        tuned(AzureKms::httpClient).accept(builder);
        return builder;
    }

    private static HttpClient httpClient() {
        return new JdkHttpClientBuilder()
                .connectionTimeout(CONNECT)
                .responseTimeout(ATTEMPT)
                .readTimeout(ATTEMPT)
                .writeTimeout(ATTEMPT)
                .build();
    }

    static Consumer<HttpTrait<?>> tuned(Supplier<HttpClient> http) {
        return builder -> {
            builder.httpClient(http.get());
            builder.addPolicy(new AnswerShape(HttpMethod.POST));
            builder.retryOptions(new RetryOptions(new FixedDelayOptions(RETRIES, PAUSE))
                    .setShouldRetryCondition(AzureKms::isWorthAnother));
        };
    }

    private static boolean isWorthAnother(RequestRetryCondition condition) {
        HttpResponse response = condition.getResponse();
        if (response == null) {
            return condition.getThrowable() instanceof IOException failure && !(failure instanceof AnswerShape.Foreign);
        }
        return response.getStatusCode() >= 500
                && response.getHeaderValue(HttpHeaderName.RETRY_AFTER) == null
                && response.getHeaderValue(HttpHeaderName.RETRY_AFTER_MS) == null
                && response.getHeaderValue(HttpHeaderName.X_MS_RETRY_AFTER_MS) == null;
    }

    /**
     * The scheme.
     *
     * @return {@value #SCHEME}
     */
    @Override
    public String scheme() {
        return SCHEME;
    }

    /**
     * Makes the provider of one KEK, without calling Azure.
     *
     * @param kekId {@code azure-kms://<url>}
     * @return the provider
     * @throws KekConfigurationException if it is not the URL of a key on a host of Azure's, or no client can be made for it
     */
    @Override
    public KeyProvider create(KekId kekId) {
        return create(kekId, Optional.empty());
    }

    /**
     * Makes the provider of one KEK; the little that is done here, the SHA-256 of key contexts, is done by a certain provider of
     * the JCA.
     *
     * @param kekId {@code azure-kms://} and the URL of a key, with or without a version
     * @param cryptoProvider the provider that the user named
     * @return the provider
     * @throws KekConfigurationException if it is not the URL of a key on a host of Azure's, or no client can be made for it
     */
    @Override
    public KeyProvider create(KekId kekId, Provider cryptoProvider) {
        return create(kekId, Optional.of(cryptoProvider));
    }

    private KeyProvider create(KekId kekId, Optional<Provider> cryptoProvider) {
        AzureKeyUrl key = hosts.keyOf(kekId);
        TokenCredential credential = credentials.apply(key);
        if (credential == null) {
            throw new KekConfigurationException(Failure.of(kekId, "there is no credential for the key")
                    .operatorAction("give a credential for each KEK of Azure, or do not name this one"));
        }
        KeyClients clients = new KeyClients(
                key, new KeyClients.Setup(new SharedCredential(credential), settings, hosts.isEmulator(key)));
        return new AzureKeyProvider(
                kekId,
                aesKeys.test(key) ? WrapAlgorithm.A256KW : WrapAlgorithm.RSA_OAEP_256,
                hosts,
                clients,
                new AzureCalls(clients, names, time, new MissingKeys(settled, time)),
                cryptoProvider);
    }

    /** Options of a factory. Not thread-safe. */
    public static final class Builder {
        private final Set<String> trusted = new HashSet<>();
        private @Nullable Function<AzureKeyUrl, TokenCredential> credentials;
        private Consumer<HttpTrait<?>> settings = builder -> {};
        private Predicate<AzureKeyUrl> aesKeys = key -> false;
        private HostNames names = HostNames::bySystem;
        private TimeSource time = TimeSource.system();
        private Duration settled = MissingKeys.SETTLED;

        private Builder() {}

        /**
         * One credential for all KEKs; those that azure-identity finds by itself are the default.
         *
         * @param credential the credential; for vaults of customers it must be allowed to take tokens of their tenants,
         *     {@code additionallyAllowedTenants("*")}
         * @return this
         */
        public Builder credential(TokenCredential credential) {
            Objects.requireNonNull(credential, "credential");
            return credentials(key -> credential);
        }

        /**
         * A credential for each KEK, such as one certificate for each customer.
         *
         * @param credentials gives the credential for a key; called once for each provider
         * @return this
         * @throws IllegalStateException if there is one already
         */
        public Builder credentials(Function<AzureKeyUrl, TokenCredential> credentials) {
            if (this.credentials != null) {
                throw new IllegalStateException("there are credentials already");
            }
            this.credentials = Objects.requireNonNull(credentials, "credentials");
            return this;
        }

        /**
         * Settings of the clients, on top of those of {@link AzureKms#tune}: another HTTP client, a proxy, a policy, a name for
         * the customer's log. None by default.
         *
         * <p><b>Security:</b> a {@code pipeline(…)} takes the place of everything else, credential and logging included.
         *
         * @param settings is given the builder of each client; it may not keep it
         * @return this
         */
        public Builder clients(Consumer<HttpTrait<?>> settings) {
            this.settings = Objects.requireNonNull(settings, "settings");
            return this;
        }

        /**
         * Which keys are AES keys ({@code oct-HSM}, in a Managed HSM or a vault of the tier Premium), which wrap with
         * {@code A256KW}. None by default: all others are RSA keys.
         *
         * @param keys tells it of a key
         * @return this
         */
        public Builder aesKeys(Predicate<AzureKeyUrl> keys) {
            aesKeys = Objects.requireNonNull(keys, "keys");
            return this;
        }

        /**
         * An emulator on this machine, which is called and given tokens as if it were a vault. None by default; one call for
         * each.
         *
         * <p><b>Security:</b> whoever listens there gets whatever token it asks for. Give such a factory credentials that are worth
         * nothing elsewhere.
         *
         * @param hostAndPort {@code localhost}, {@code 127.0.0.1} or {@code [::1]}, and a port
         * @return this
         * @throws IllegalArgumentException if it is something else
         */
        public Builder trustedHost(String hostAndPort) {
            trusted.add(AzureHosts.requireLoopback(hostAndPort));
            return this;
        }

        /** For tests. */
        Builder names(HostNames other) {
            names = other;
            return this;
        }

        /** For tests. */
        Builder time(TimeSource other) {
            time = other;
            return this;
        }

        /** For tests. */
        Builder settled(Duration other) {
            settled = other;
            return this;
        }

        /**
         * Makes the factory, without calling Azure.
         *
         * @return the factory, for {@code KeyProviders}
         */
        public AzureKms build() {
            return new AzureKms(this);
        }
    }
}
