package io.keywrap.azure.storage;

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
import io.keywrap.KekId;
import io.keywrap.aws.AwsKms;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.gcp.GcpKms;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.InMemoryKek;
import io.keywrap.testkit.InMemoryKms;
import io.keywrap.testkit.LeakCheck;
import io.keywrap.testkit.ManualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** Azure Storage, AWS KMS and Cloud KMS on the wire, a KMS in memory, and the real clients of all of them. */
final class Blobs implements AutoCloseable {
    static final String CONTAINER = "backups";
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

    final KeyProviders providers = KeyProviders.builder()
            .register(AwsKms.factory(key -> awsClient))
            .register(GcpKms.factory(key -> gcpClient))
            .register(memory)
            .time(time)
            .executor(Runnable::run)
            .onLease(leases.observer())
            .build();
    final StorageKeks keks = StorageKeks.of(providers, "tenant-42", Set.of(awsKek, gcpKek, memoryKek.id()));

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
        memory.close();
    }
}
