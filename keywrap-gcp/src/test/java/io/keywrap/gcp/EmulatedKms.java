package io.keywrap.gcp;

import com.google.api.gax.core.CredentialsProvider;
import com.google.api.gax.core.NoCredentialsProvider;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.emulators.GcpFault;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.emulators.GcpKmsKeyVersion;
import io.keywrap.provider.KeyProvider;
import io.keywrap.testkit.ManualTime;
import io.keywrap.testkit.TestKek;
import io.keywrap.testkit.TestKms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Cloud KMS as the contract of providers drives it: the emulator, called over gRPC by Google's client. */
class EmulatedKms implements TestKms {
    static final List<String> PERMISSIONS = List.of(
            "cloudkms.cryptoKeyVersions.useToEncrypt",
            "cloudkms.cryptoKeyVersions.useToDecrypt",
            "cloudkms.cryptoKeys.get",
            "cloudkms.cryptoKeyVersions.get");

    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-01T00:00:00Z"));
    final GcpKmsEmulator emulator = GcpKmsEmulator.builder().time(time).start(0);
    final KeyManagementServiceClient client = client(emulator.endpoint());
    private final KeyProvider.Factory factory = GcpKms.factory(key -> client);

    static KeyManagementServiceClient client(String endpoint) {
        return client(endpoint, NoCredentialsProvider.create());
    }

    static KeyManagementServiceClient client(String endpoint, CredentialsProvider credentials) {
        return client(GcpKms.tune(plain(endpoint, credentials)));
    }

    static KeyManagementServiceClient client(KeyManagementServiceSettings.Builder settings) {
        try {
            return KeyManagementServiceClient.create(settings.build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The settings of a client that speaks without TLS. */
    static KeyManagementServiceSettings.Builder plain(String endpoint, CredentialsProvider credentials) {
        return KeyManagementServiceSettings.newBuilder()
                .setEndpoint(endpoint)
                .setCredentialsProvider(credentials)
                .setTransportChannelProvider(KeyManagementServiceSettings.defaultGrpcTransportProviderBuilder()
                        .setChannelConfigurator(channel -> channel.usePlaintext())
                        .build());
    }

    @Override
    public TestKek createKek() {
        GcpKmsKey key = emulator.createKey();
        return new Kek(key, kekId(key.name()));
    }

    static KekId kekId(String name) {
        return KekId.of("gcp-kms://" + name);
    }

    @Override
    public KekId unknownKek() {
        return kekId(emulator.keyRing() + "/cryptoKeys/never-made");
    }

    @Override
    public KeyProvider.Factory factory() {
        return factory;
    }

    @Override
    public TimeSource time() {
        return time;
    }

    @Override
    public void advance(Duration duration) {
        time.advance(duration);
    }

    @Override
    public void close() {
        client.close();
        emulator.close();
    }

    class Kek implements TestKek {
        private final GcpKmsKey key;
        private final KekId id;

        Kek(GcpKmsKey key, KekId id) {
            this.key = key;
            this.id = id;
        }

        @Override
        public KekId id() {
            return id;
        }

        @Override
        public void disable() {
            key.versions().forEach(GcpKmsKeyVersion::disable);
        }

        @Override
        public void enable() {
            key.versions().forEach(GcpKmsKeyVersion::enable);
        }

        @Override
        public void deny() {
            PERMISSIONS.forEach(key::deny);
        }

        @Override
        public void allow() {
            PERMISSIONS.forEach(key::allow);
        }

        @Override
        public void scheduleDeletion(Duration delay) {
            key.versions().forEach(version -> version.scheduleDestroy(delay));
        }

        @Override
        public void cancelDeletion() {
            key.versions().forEach(GcpKmsKeyVersion::restore);
        }

        @Override
        public void delete() {
            key.versions().forEach(GcpKmsKeyVersion::destroyNow);
        }

        @Override
        public void rotate() {
            key.rotate();
        }

        @Override
        public void throttle() {
            emulator.injectAlways(GcpFault.quota());
        }

        @Override
        public void unreachable() {
            emulator.injectAlways(GcpFault.unavailable());
        }

        @Override
        public void slow(Duration delay) {
            emulator.injectAlways(GcpFault.slow(delay));
        }

        @Override
        public void misconfigure() {
            emulator.injectAlways(GcpFault.unauthenticated());
        }

        @Override
        public void recover() {
            emulator.recover();
        }
    }
}
