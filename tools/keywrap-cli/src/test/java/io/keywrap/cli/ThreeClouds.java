package io.keywrap.cli;

import com.azure.core.credential.AccessToken;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
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
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** A key in each cloud, at emulators, and as many processes as a test likes that use them through the vendors' clients. */
final class ThreeClouds implements AutoCloseable {
    final AwsKmsEmulator aws;
    final GcpKmsEmulator gcp;
    final AzureKeyVaultEmulator azure;
    final AwsKmsKey seal;
    final AwsKmsKey awsKey;
    final GcpKmsKey gcpKey;
    final AzureKey azureKey;
    final KekId inAws;
    final KekId inGcp;
    final KekId inAzure;
    private final Deque<KeyProviders> opened = new ArrayDeque<>();
    private final Map<String, KmsClient> awsClients = new ConcurrentHashMap<>();
    private final KeyManagementServiceClient gcpClient;

    ThreeClouds() throws IOException {
        this(TimeSource.system());
    }

    /** Clouds in which dates come by a clock of the test. */
    ThreeClouds(TimeSource time) throws IOException {
        aws = AwsKmsEmulator.builder().region("eu-west-1").time(time).start(0);
        gcp = GcpKmsEmulator.builder().time(time).start(0);
        azure = AzureKeyVaultEmulator.builder().time(time).start(0);
        seal = aws.createKey();
        awsKey = aws.createKey();
        gcpKey = gcp.createKey();
        azureKey = azure.createKey();
        inAws = KekId.of("aws-kms://" + awsKey.arn());
        inGcp = KekId.of("gcp-kms://" + gcpKey.name());
        inAzure = KekId.of("azure-kms://" + azureKey.id());
        gcpClient = GcpWire.client(gcp.endpoint());
    }

    /** What all that is at the clouds is registered by. */
    KeyProviders.Builder register(KeyProviders.Builder builder) {
        return registerAws(builder).register(factory(inGcp)).register(factory(inAzure));
    }

    /** For those who bring clients of their own for the others. */
    KeyProviders.Builder registerAws(KeyProviders.Builder builder) {
        return builder.register(factory(inAws));
    }

    /** The cloud of a KEK, with the vendor's credentials. */
    KeyProvider.Factory factory(KekId kek) {
        if (kek.scheme().equals(GcpKms.SCHEME)) {
            return GcpKms.factory(name -> gcpClient);
        }
        return kek.scheme().equals(AzureKms.SCHEME)
                ? client(azure)
                : AwsKms.factory(arn -> awsClients.computeIfAbsent(arn.region(), region -> client(aws, region)));
    }

    KekId vendorKek() {
        return KekId.of("aws-kms://" + seal.arn());
    }

    /** Another process, with nothing in its memory. */
    KeyProviders process() {
        return process(options -> options);
    }

    KeyProviders process(UnaryOperator<KeyProviders.Builder> options) {
        KeyProviders providers = options.apply(register(KeyProviders.builder())).build();
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
                .seal(KeychainSeal.wrappedBy(vendorKek()));
    }

    private static KmsClient client(AwsKmsEmulator aws, String region) {
        return AwsKms.tune(KmsClient.builder())
                .region(Region.of(region))
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
        awsClients.values().forEach(KmsClient::close);
        azure.close();
        gcp.close();
        aws.close();
    }
}
