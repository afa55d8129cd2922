package io.keywrap.azure.storage;

import com.azure.core.credential.AccessToken;
import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobClientBuilder;
import com.azure.storage.blob.models.DownloadRetryOptions;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClient;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClientBuilder;
import com.azure.storage.blob.specialized.cryptography.EncryptionVersion;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.google.api.gax.core.NoCredentialsProvider;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.aws.AwsKms;
import io.keywrap.azure.AzureKms;
import io.keywrap.byok.ByokKms;
import io.keywrap.byok.ByokSlots;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.emulators.GcpKmsKeyVersion;
import io.keywrap.gcp.GcpKms;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.InMemoryKek;
import io.keywrap.testkit.InMemoryKeychainStore;
import io.keywrap.testkit.InMemoryKms;
import io.keywrap.testkit.LeakCheck;
import io.keywrap.testkit.ManualTime;
import io.keywrap.testkit.TestKek;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Random;
import java.util.Set;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** Azure Storage, AWS KMS, Cloud KMS and Azure Key Vault on the wire with their real clients, a KMS in memory, and an uploaded key. */
final class Blobs implements AutoCloseable {
    static final String CONTAINER = "backups";
    private static final String SLOT = "customer";
    static final DownloadRetryOptions ONCE = new DownloadRetryOptions().setMaxRetryRequests(0);
    private static final StorageSharedKeyCredential CREDENTIAL =
            new StorageSharedKeyCredential(BlobServer.ACCOUNT, "c2VjcmV0LW9mLWEtdGVzdA==");

    final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-28T00:00:00Z"));
    final LeakCheck leases = LeakCheck.forLeases();
    final BlobServer server = new BlobServer();

    final AwsKmsEmulator aws =
            AwsKmsEmulator.builder().region("eu-west-1").time(time).start(0);
    final AwsKmsKey awsKey = aws.createKey();
    final KekId awsKek = KekId.of("aws-kms://" + awsKey.arn());
    final KmsClient awsClient = AwsKms.tune(KmsClient.builder())
            .region(Region.EU_WEST_1)
            .endpointOverride(aws.endpoint())
            .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "secret")))
            .build();

    final GcpKmsEmulator gcp = GcpKmsEmulator.builder().time(time).start(0);
    final GcpKmsKey gcpKey = gcp.createKey();
    final KekId gcpKek = KekId.of("gcp-kms://" + gcpKey.name());
    final KeyManagementServiceClient gcpClient = gcpClient(gcp.endpoint());

    final InMemoryKms memory = new InMemoryKms(time);
    final InMemoryKek memoryKek = memory.kek("customer");

    final AzureKeyVaultEmulator azure =
            AzureKeyVaultEmulator.builder().time(time).start(0);
    final AzureKey azureKey = azure.createKey();
    final KekId azureKek = KekId.of("azure-kms://" + azureKey.id());

    final ByokKms byok = ByokKms.builder(
                    new InMemoryKeychainStore(), memory.kek("vendor").id())
            .build();
    final KekId byokKek = ByokKms.kekId(SLOT);
    private final Dek uploaded = Dek.random(DekId.random());

    final KeyProviders providers = KeyProviders.builder()
            .register(AwsKms.factory(key -> awsClient))
            .register(GcpKms.factory(key -> gcpClient))
            .register(azureKms(azure))
            .register(memory)
            .register(byok)
            .time(time)
            .executor(Runnable::run)
            .onLease(leases.observer())
            .build();
    final StorageKeks keks =
            StorageKeks.of(providers, "tenant-42", Set.of(awsKek, gcpKek, azureKek, byokKek, memoryKek.id()));
    private final ByokSlots slots = byok.slots(providers);

    Blobs() {
        slots.activate(
                SLOT, slots.validate(SLOT, uploaded).pending().orElseThrow().number());
    }

    /** The customer's KEK in one of the places where it may be, to be withdrawn and given back. */
    TestKek kek(String where) {
        return switch (where) {
            case "aws" -> new Withdrawable(awsKek, awsKey::disable, awsKey::enable);
            case "gcp" ->
                new Withdrawable(
                        gcpKek,
                        () -> gcpKey.versions().forEach(GcpKmsKeyVersion::disable),
                        () -> gcpKey.versions().forEach(GcpKmsKeyVersion::enable));
            case "azure" -> new Withdrawable(azureKek, azureKey::disable, azureKey::enable);
            case "byok" ->
                new Withdrawable(
                        byokKek, () -> slots.revoke(SLOT, ByokSlots.REVOKE), () -> slots.restore(SLOT, uploaded));
            default -> memoryKek;
        };
    }

    private record Withdrawable(KekId id, Runnable withdrawal, Runnable comeback) implements TestKek {
        @Override
        public void disable() {
            withdrawal.run();
        }

        @Override
        public void enable() {
            comeback.run();
        }
    }

    private static AzureKms azureKms(AzureKeyVaultEmulator vault) {
        HttpClient http = new JdkHttpClientBuilder(
                        java.net.http.HttpClient.newBuilder().sslContext(vault.trustingContext()))
                .build();
        return AzureKms.builder()
                .credential(request -> Mono.just(new AccessToken(vault.token(), OffsetDateTime.MAX)))
                .trustedHost(vault.endpoint().getAuthority())
                .clients(client -> client.httpClient(http))
                .build();
    }

    private static KeyManagementServiceClient gcpClient(String endpoint) {
        KeyManagementServiceSettings.Builder settings = KeyManagementServiceSettings.newBuilder()
                .setEndpoint(endpoint)
                .setCredentialsProvider(NoCredentialsProvider.create())
                .setTransportChannelProvider(KeyManagementServiceSettings.defaultGrpcTransportProviderBuilder()
                        .setChannelConfigurator(channel -> channel.usePlaintext())
                        .build());
        try {
            return KeyManagementServiceClient.create(GcpKms.tune(settings).build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** The client that does not encrypt. */
    BlobClient plain(String name) {
        return new BlobClientBuilder()
                .endpoint(server.endpoint())
                .credential(CREDENTIAL)
                .httpClient(new JdkHttpClientBuilder().build())
                .containerName(CONTAINER)
                .blobName(name)
                .buildClient();
    }

    static EncryptedBlobClientBuilder encrypting(BlobClient blob) {
        return new EncryptedBlobClientBuilder(EncryptionVersion.V2_1)
                .blobClient(blob)
                .requiresEncryption(true);
    }

    /** Writes under a KEK, and reads under every allowed one. */
    EncryptedBlobClient client(String name, KekId kekId) {
        return client(name, kekId, keks);
    }

    EncryptedBlobClient client(String name, KekId kekId, StorageKeks with) {
        return encrypting(plain(name))
                .key(with.asyncKey(kekId), StorageKeks.ALGORITHM)
                .keyResolver(with)
                .buildEncryptedBlobClient();
    }

    /**
     * Downloads a blob. After a failure in the middle of a download, Azure's client waits half a minute in all before it tells,
     * unless it may not try again.
     */
    static BinaryData read(EncryptedBlobClient client) {
        return client.downloadContentWithResponse(ONCE, null, null, null).getValue();
    }

    BlobServer.Stored stored(String name) {
        return server.blob(CONTAINER + "/" + name);
    }

    /** How often the KMS has been called so far. */
    long awsCalls(String operation) {
        return aws.events().stream()
                .filter(event -> event.eventName().equals(operation))
                .count();
    }

    @Override
    public void close() {
        providers.close();
        server.close();
        awsClient.close();
        aws.close();
        gcpClient.close();
        gcp.close();
        azure.close();
        byok.close();
        uploaded.close();
        memory.close();
    }
}
