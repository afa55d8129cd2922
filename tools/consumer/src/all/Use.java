package com.example.consumer;

import com.azure.core.credential.AccessToken;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.google.api.gax.core.NoCredentialsProvider;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.cloud.kms.v1.KeyManagementServiceSettings;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.aws.AwsKms;
import io.keywrap.azure.AzureKms;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.gcp.GcpKms;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.InMemoryKeychainStore;
import java.net.http.HttpClient;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** One program with KEKs in three clouds, each an emulator on this machine. */
public final class Use {
    private Use() {}

    public static void main(String[] arguments) throws Exception {
        try (AwsKmsEmulator aws = AwsKmsEmulator.builder().region("eu-west-1").start(0);
                GcpKmsEmulator gcp = GcpKmsEmulator.start();
                AzureKeyVaultEmulator azure = AzureKeyVaultEmulator.start();
                KeyManagementServiceClient client = gcpClient(gcp);
                KeyProviders providers = KeyProviders.builder()
                        .register(AwsKms.factory(arn -> awsClient(aws)))
                        .register(GcpKms.factory(name -> client))
                        .register(azureKms(azure))
                        .build()) {
            KekId vendor = KekId.of("aws-kms://" + aws.createKey().arn());
            Keychains keychains = Keychains.builder(new InMemoryKeychainStore(), providers)
                    .seal(KeychainSeal.wrappedBy(vendor))
                    .build();
            List<String> keks = List.of(
                    "aws-kms://" + aws.createKey().arn(),
                    "gcp-kms://" + gcp.createKey().name(),
                    "azure-kms://" + azure.createKey().id());
            for (String kek : keks) {
                backUpAndRestore(EnvelopeCipher.using(
                        keychains.create("tenant of " + kek, spec -> spec.control(KekId.of(kek)))));
            }
            System.out.print(", envelopes under " + keks.size() + " clouds");
        }
    }

    private static void backUpAndRestore(EnvelopeCipher cipher) {
        EncryptionContext context = EncryptionContext.of("object", "a");
        byte[] data = {1, 2, 3};
        if (!Arrays.equals(data, cipher.decrypt(cipher.encrypt(data, context), context))) {
            throw new AssertionError("not what was encrypted");
        }
    }

    private static KmsClient awsClient(AwsKmsEmulator aws) {
        return AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(aws.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "secret")))
                .build();
    }

    private static KeyManagementServiceClient gcpClient(GcpKmsEmulator gcp) throws Exception {
        return KeyManagementServiceClient.create(GcpKms.tune(KeyManagementServiceSettings.newBuilder()
                        .setEndpoint(gcp.endpoint())
                        .setCredentialsProvider(NoCredentialsProvider.create())
                        .setTransportChannelProvider(
                                KeyManagementServiceSettings.defaultGrpcTransportProviderBuilder()
                                        .setChannelConfigurator(channel -> channel.usePlaintext())
                                        .build()))
                .build());
    }

    private static AzureKms azureKms(AzureKeyVaultEmulator azure) {
        AccessToken token = new AccessToken(azure.token(), OffsetDateTime.now().plusDays(1));
        return AzureKms.builder()
                .trustedHost(azure.endpoint().getAuthority())
                .credential(request -> Mono.just(token))
                .clients(settings -> settings.httpClient(
                        new JdkHttpClientBuilder(HttpClient.newBuilder().sslContext(azure.trustingContext())).build()))
                .build();
    }
}
