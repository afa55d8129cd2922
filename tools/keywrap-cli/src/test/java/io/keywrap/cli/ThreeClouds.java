package io.keywrap.cli;

import com.azure.core.credential.AccessToken;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import io.keywrap.KekId;
import io.keywrap.aws.AwsKms;
import io.keywrap.azure.AzureKms;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.gcp.GcpKms;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** A key in each cloud, at emulators, and as many processes as a test likes that use them through the vendors' clients. */
final class ThreeClouds implements AutoCloseable {
    final AwsKmsEmulator aws = AwsKmsEmulator.builder().region("eu-west-1").start(0);
    final GcpKmsEmulator gcp = GcpKmsEmulator.start();
    final AzureKeyVaultEmulator azure = AzureKeyVaultEmulator.start();
    final AwsKmsKey seal = aws.createKey();
    final AwsKmsKey awsKey = aws.createKey();
    final GcpKmsKey gcpKey = gcp.createKey();
    final AzureKey azureKey = azure.createKey();
    final KekId inAws = KekId.of("aws-kms://" + awsKey.arn());
    final KekId inGcp = KekId.of("gcp-kms://" + gcpKey.name());
    final KekId inAzure = KekId.of("azure-kms://" + azureKey.id());
    private final Deque<KeyProviders> opened = new ArrayDeque<>();
    private final KmsClient awsClient = client(aws);
    private final KeyManagementServiceClient gcpClient;

    ThreeClouds() throws IOException {
        gcpClient = GcpWire.client(gcp.endpoint());
    }

    /** Another process, with nothing in its memory. */
    KeyProviders process() {
        return process(options -> options);
    }

    KeyProviders process(UnaryOperator<KeyProviders.Builder> options) {
        KeyProviders providers = options.apply(KeyProviders.builder()
                        .register(AwsKms.factory(arn -> awsClient))
                        .register(GcpKms.factory(name -> gcpClient))
                        .register(client(azure)))
                .build();
        opened.push(providers);
        return providers;
    }

    Keychains keychains(Path folder) {
        return keychains(folder, process());
    }

    Keychains keychains(Path folder, KeyProviders providers) {
        return builder(folder, providers).build();
    }

    Keychains.Builder builder(Path folder, KeyProviders providers) {
        return Keychains.builder(FileKeychainStore.open(folder.resolve("store")), providers)
                .seal(KeychainSeal.wrappedBy(KekId.of("aws-kms://" + seal.arn())));
    }

    private static KmsClient client(AwsKmsEmulator aws) {
        return AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(aws.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "secret")))
                .build();
    }

    private static AzureKms client(AzureKeyVaultEmulator azure) {
        return AzureKms.builder()
                .trustedHost(azure.endpoint().getAuthority())
                .credential(request -> Mono.just(new AccessToken(
                        azure.token(), OffsetDateTime.now(ZoneOffset.UTC).plusHours(1))))
                .clients(client -> client.httpClient(
                        new JdkHttpClientBuilder(HttpClient.newBuilder().sslContext(azure.trustingContext())).build()))
                .build();
    }

    @Override
    public void close() {
        opened.forEach(KeyProviders::close);
        gcpClient.close();
        awsClient.close();
        azure.close();
        gcp.close();
        aws.close();
    }
}
