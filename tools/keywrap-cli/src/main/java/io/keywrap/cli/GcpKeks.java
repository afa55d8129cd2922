package io.keywrap.cli;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.gcp.GcpKeyName;
import io.keywrap.gcp.GcpKms;
import io.keywrap.provider.KeyProvider;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** KEKs in Google Cloud KMS: by the application default credentials, or at an emulator on this machine, without any. */
final class GcpKeks implements AutoCloseable {
    /** Names the emulator: {@code HOST:PORT}. */
    static final String ENDPOINT = "KEYWRAP_GCP_KMS_ENDPOINT";

    /** Of 0 to 255: what is no address is looked up as a name. */
    private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

    private static final Pattern ON_THIS_MACHINE =
            Pattern.compile("(?<host>localhost|127(?:\\." + BYTE + "){3}|\\[::1]):(?<port>[1-9]\\d{0,4})");

    private final @Nullable String endpoint;
    private @Nullable KeyManagementServiceClient emulator;

    GcpKeks(Map<String, String> environment) {
        this.endpoint = environment.get(ENDPOINT);
    }

    KeyProvider.Factory factory() {
        return endpoint == null ? GcpKms.factory() : GcpKms.factory(key -> client(key, endpoint));
    }

    private synchronized KeyManagementServiceClient client(GcpKeyName key, String at) {
        if (emulator == null) {
            emulator = client(key, onThisMachine(key, at), at);
        }
        return emulator;
    }

    /** What is not encrypted must not leave this machine; a name that is looked up could lead anywhere. */
    private static String onThisMachine(GcpKeyName key, String at) {
        Matcher parts = ON_THIS_MACHINE.matcher(at);
        if (!parts.matches() || Integer.parseInt(parts.group("port")) > 0xFFFF) {
            throw refused(key, "what it has is not HOST:PORT of an emulator on this machine");
        }
        String host = parts.group("host");
        return (host.equals("localhost") ? "127.0.0.1" : host) + ":" + parts.group("port");
    }

    private static KeyManagementServiceClient client(GcpKeyName key, String loopback, String at) {
        try {
            return KeyManagementServiceClient.create(GcpKms.tune(KeyManagementServiceSettings.newBuilder()
                            .setEndpoint(loopback)
                            .setCredentialsProvider(NoCredentialsProvider.create())
                            .setTransportChannelProvider(
                                    KeyManagementServiceSettings.defaultGrpcTransportProviderBuilder()
                                            .setChannelConfigurator(channel ->
                                                    channel.usePlaintext().proxyDetector(address -> null))
                                            .build()))
                    .build());
        } catch (IOException | IllegalArgumentException e) {
            throw refused(key, "no client can be made for " + at);
        }
    }

    private static KekConfigurationException refused(GcpKeyName key, String what) {
        return new KekConfigurationException(Failure.of(key.kekId(), ENDPOINT + ": " + what)
                .operatorAction(
                        "write 127.0.0.1:PORT, as keywrap emulator gcp prints it; unset it to call Google Cloud"));
    }

    @Override
    public synchronized void close() {
        if (emulator != null) {
            emulator.close();
            emulator = null;
        }
    }
}
