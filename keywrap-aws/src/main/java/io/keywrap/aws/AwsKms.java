package io.keywrap.aws;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.builder.SdkClientBuilder;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsClientBuilder;

/**
 * KEKs in AWS KMS: symmetric keys, named by their full ARN, {@code aws-kms://arn:aws:kms:…}.
 *
 * <pre>{@code
 * KeyProviders providers = KeyProviders.builder().register(AwsKms.factory()).build();
 * }</pre>
 *
 * <p>DEKs are made by {@code GenerateDataKey}, wrapped by {@code Encrypt}, unwrapped by {@code Decrypt} with the key pinned,
 * and re-wrapped by {@code ReEncrypt}. Where the answer names the key material, the wrap keeps its id as version, so that a
 * rotation is noticed; {@code Encrypt} names none.
 *
 * <p><b>Aliases</b> are resolved by AWS when a DEK is wrapped. The wrap keeps the ARN of the key as version, and is unwrapped
 * with it wherever the alias points later; the encryption context has the alias itself too, as {@code kw:alias}. Name a KEK
 * by the ARN of its key where you can: an alias moves the decision which key it is to whoever may change the alias, a key
 * of its account and Region that it does not point to any more still unwraps, and a rotation of the key behind it is not
 * noticed, only a change of the key.
 *
 * <p><b>Multi-Region keys:</b> a wrap made under {@code key/mrk-…} in one Region unwraps through the provider of its replica
 * in another.
 *
 * <p><b>Security:</b> the key context becomes the encryption context. AWS authenticates it, lets key policies decide on it,
 * and writes it in the clear into the customer's CloudTrail: never put a secret into it.
 *
 * <p><b>Errors:</b> docs/errors.md, "AWS KMS".
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class AwsKms implements KeyProvider.Factory {
    /** The scheme of these KEKs. */
    public static final String SCHEME = "aws-kms";

    private static final Logger LOG = LoggerFactory.getLogger(AwsKms.class);
    private static final int ATTEMPTS = 2;
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ATTEMPT = Duration.ofSeconds(4);
    private static final Duration CALL = Duration.ofSeconds(10);

    private final Clients clients;

    private AwsKms(Clients clients) {
        this.clients = clients;
    }

    /**
     * KEKs by clients of keywrap's own, from the settings of the AWS SDK: credentials from its default chain, the endpoint
     * from {@code AWS_ENDPOINT_URL_KMS} or the profile, the Region from the ARN of the key.
     *
     * @return the factory, for {@code KeyProviders}; its clients are closed with the last provider that uses them
     */
    public static AwsKms factory() {
        return builder().build();
    }

    /**
     * KEKs by clients that the product makes: with credentials for each customer, an endpoint, a proxy.
     *
     * <p>A re-wrap calls both keys with the client of the old one: where the credentials of that client are not for the new
     * key, AWS denies it, and it reads as a denial of the new key's owner.
     *
     * @param clients gives the client for a key, of the key's Region; it is called once for each provider, and may give one
     *     client for many keys. Clients stay the caller's and are never closed here. {@link #tune} sets them up
     * @return the factory, for {@code KeyProviders}
     */
    public static AwsKms factory(Function<AwsKeyArn, KmsClient> clients) {
        return new AwsKms(key -> new Clients.Loan(
                Objects.requireNonNull(clients.apply(key), "the client"), other -> true, false, () -> {}));
    }

    /**
     * Begins a factory whose clients are keywrap's own.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Sets up a client as keywrap wants it: the HTTP client of the JDK, 2 attempts, 4 seconds for each, 10 seconds for a call,
     * 2 seconds to connect. Every call also ends with its deadline, or, while it connects, when it has: up to 2 seconds
     * later, and as long as the name of the host takes to resolve.
     *
     * <p>What you set on the builder afterwards wins. Another HTTP client is set by {@code httpClientBuilder(…)}, a ready
     * one by {@code httpClientBuilder(null).httpClient(…)}, as the SDK refuses to have both. An
     * {@code overrideConfiguration(…)} takes the place of retries and times as a whole, so begin it with
     * {@code builder.overrideConfiguration().toBuilder()}.
     *
     * @param builder a builder; it is changed
     * @return the builder
     */
    public static KmsClientBuilder tune(KmsClientBuilder builder) {
        return tuned(builder);
    }

    static <B extends AwsSyncClientBuilder<B, C> & SdkClientBuilder<B, C>, C> B tuned(B builder) {
        builder.httpClientBuilder(
                UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(ATTEMPT));
        return builder.overrideConfiguration(builder.overrideConfiguration().toBuilder()
                .retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                        .maxAttempts(ATTEMPTS)
                        .build())
                .apiCallAttemptTimeout(ATTEMPT)
                .apiCallTimeout(CALL)
                .build());
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
     * Makes the provider of one KEK, without calling AWS.
     *
     * @param kekId {@code aws-kms://<arn>}
     * @return the provider
     * @throws KekConfigurationException if it is not the ARN of a key or alias, or no client can be made for it
     */
    @Override
    public KeyProvider create(KekId kekId) {
        AwsKeyArn key = AwsKeyArn.of(kekId);
        try {
            return new AwsKeyProvider(key, clients.of(key));
        } catch (SdkClientException e) {
            throw noClient(
                    kekId,
                    "look at the settings of the AWS SDK (environment, profile, system properties): an endpoint such as"
                            + " AWS_ENDPOINT_URL_KMS begins with https://",
                    e);
        } catch (NoClassDefFoundError e) {
            throw noClient(
                    kekId,
                    "add what is missing to the class path: an assumed role needs software.amazon.awssdk:sts, every client"
                            + " url-connection-client",
                    e);
        }
    }

    private static KekConfigurationException noClient(KekId kekId, String operatorAction, Throwable cause) {
        return new KekConfigurationException(Failure.of(kekId, "no client of AWS KMS can be made")
                .operatorAction(operatorAction)
                .cause(cause));
    }

    static void closeQuietly(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            LOG.warn("a client of AWS failed to close", e);
        }
    }

    /** Options of a factory whose clients are keywrap's own. Not thread-safe. */
    public static final class Builder {
        private final Map<String, AwsRole> rolesByAccount = new HashMap<>();
        private @Nullable AwsCredentialsProvider credentials;

        private Builder() {}

        /**
         * Assumes a role for all KEKs in the account of that role; needs {@code software.amazon.awssdk:sts}. No role by
         * default.
         *
         * @param role the role; each account has one
         * @return this
         * @throws IllegalArgumentException if the account has a role already
         */
        public Builder assumeRole(AwsRole role) {
            AwsRole earlier = rolesByAccount.putIfAbsent(role.account(), role);
            if (earlier != null) {
                throw new IllegalArgumentException("the account has a role already: " + earlier.arn());
            }
            return this;
        }

        /**
         * Whose credentials to use, also to assume roles; the SDK's default chain by default.
         *
         * @param provider the provider; stays the caller's and is never closed here
         * @return this
         */
        @SuppressWarnings("UnnecessaryMethodReference") // It hides that the provider can be closed.
        public Builder credentials(AwsCredentialsProvider provider) {
            // The SDK closes a provider together with its client, unless it sees that it cannot.
            credentials = provider::resolveCredentials;
            return this;
        }

        /**
         * Makes the factory, without calling AWS.
         *
         * @return the factory, for {@code KeyProviders}; its clients are closed with the last provider that uses them
         */
        public AwsKms build() {
            return new AwsKms(new OwnClients(rolesByAccount, credentials));
        }
    }
}
