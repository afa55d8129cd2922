package io.keywrap.gcp;

import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.retrying.RetrySettings;
import com.google.api.gax.rpc.UnaryCallSettings;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import com.google.cloud.kms.v1.stub.HttpJsonKeyManagementServiceStub;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * KEKs in Google Cloud KMS: symmetric keys for encryption and decryption (software, HSM or external), named by their resource
 * name, {@code gcp-kms://projects/…/locations/…/keyRings/…/cryptoKeys/…}.
 *
 * <pre>{@code
 * KeyProviders providers = KeyProviders.builder().register(GcpKms.factory()).build();
 * }</pre>
 *
 * <p>DEKs are made here and wrapped by {@code encrypt}, with whatever version of the key is primary; the wrap keeps its
 * number. They are unwrapped by {@code decrypt} on the key, for which Google finds the version. A state is that of a
 * version: with the primary disabled nothing can be wrapped, and what older versions have wrapped still unwraps.
 *
 * <p><b>Security:</b> the canonical encoding of the key context is the additional authenticated data. Every request carries
 * checksums (CRC32C) and every answer is checked against its own; an answer that does not fit is asked for once more and
 * never used. A client over HTTP/JSON is refused, as that transport reports a withdrawn key as a bad request.
 *
 * <p><b>Errors:</b> docs/errors.md, "Google Cloud KMS".
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class GcpKms implements KeyProvider.Factory {
    /** The scheme of these KEKs. */
    public static final String SCHEME = "gcp-kms";

    private static final Duration ATTEMPT = Duration.ofSeconds(4);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);
    private static final Duration KEEP_ALIVE_ANSWER = Duration.ofSeconds(5);

    private final Clients clients;

    GcpKms(Clients clients) {
        this.clients = clients;
    }

    /**
     * KEKs by a client of keywrap's own, with the application default credentials of this process.
     *
     * <p>Credentials are looked for by the first call of a KEK, within its deadline.
     *
     * @return the factory, for {@code KeyProviders}; its client is closed with the last provider
     */
    public static GcpKms factory() {
        return new GcpKms(new OwnClient());
    }

    /**
     * KEKs by clients that the product makes: with credentials for each customer, an endpoint, a proxy.
     *
     * @param clients gives the client for a key; it is called once for each provider, and may give one client for all keys.
     *     Clients are those of gRPC, which is Google's default, stay the caller's and are never closed here. {@link #tune}
     *     sets them up
     * @return the factory, for {@code KeyProviders}
     */
    public static GcpKms factory(Function<GcpKeyName, KeyManagementServiceClient> clients) {
        return new GcpKms(key -> {
            KeyManagementServiceClient client =
                    requireGrpc(key.kekId(), Objects.requireNonNull(clients.apply(key), "the client"));
            return new Clients.Loan(() -> client, () -> {});
        });
    }

    /**
     * Sets up a client as keywrap wants it: one attempt of at most 4 seconds for each of the four calls that keywrap makes
     * ({@code encrypt}, {@code decrypt}, {@code getCryptoKey}, {@code getCryptoKeyVersion}), and a gRPC channel that notices
     * within 5 seconds that its connection is dead. keywrap repeats what can be repeated itself.
     *
     * <p>Whatever a client is set up with, a call that keywrap makes is one attempt, and over with the deadline of the call
     * or the time that the client allows for an attempt, whichever is sooner.
     *
     * @param builder a builder; it is changed. What you set on it afterwards wins. The channel is set up only if no other
     *     transport has been set before
     * @return the builder
     */
    public static KeyManagementServiceSettings.Builder tune(KeyManagementServiceSettings.Builder builder) {
        if (builder.getTransportChannelProvider() instanceof InstantiatingGrpcChannelProvider channels) {
            builder.setTransportChannelProvider(channels.toBuilder()
                    .setKeepAliveTimeDuration(KEEP_ALIVE)
                    .setKeepAliveTimeoutDuration(KEEP_ALIVE_ANSWER)
                    .build());
        }
        once(builder.encryptSettings());
        once(builder.decryptSettings());
        once(builder.getCryptoKeySettings());
        once(builder.getCryptoKeyVersionSettings());
        return builder;
    }

    private static void once(UnaryCallSettings.Builder<?, ?> call) {
        call.setRetryableCodes(Set.of()).setRetrySettings(oneAttempt(ATTEMPT));
    }

    static RetrySettings oneAttempt(Duration limit) {
        return RetrySettings.newBuilder()
                .setMaxAttempts(1)
                .setInitialRpcTimeoutDuration(limit)
                .setMaxRpcTimeoutDuration(limit)
                .setTotalTimeoutDuration(limit)
                .build();
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
     * Makes the provider of one KEK, without calling Google.
     *
     * @param kekId {@code gcp-kms://<name>}
     * @return the provider
     * @throws KekConfigurationException if it is not the name of a key, or its client is one over HTTP/JSON
     */
    @Override
    public KeyProvider create(KekId kekId) {
        GcpKeyName key = GcpKeyName.of(kekId);
        return new GcpKeyProvider(key, clients.of(key));
    }

    /** Over HTTP/JSON a withdrawn key reads as a bad request, which would pass for a damaged wrap. */
    private static KeyManagementServiceClient requireGrpc(KekId kekId, KeyManagementServiceClient client) {
        if (client.getStub() instanceof HttpJsonKeyManagementServiceStub) {
            throw new KekConfigurationException(Failure.of(
                            kekId, "its client calls Cloud KMS over HTTP/JSON, where a withdrawn key cannot be told")
                    .operatorAction("make the client with KeyManagementServiceSettings.newBuilder(), which is gRPC"));
        }
        return client;
    }
}
