package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.credential.AccessToken;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.aws.AwsKms;
import io.keywrap.azure.AzureKms;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AzureAuditEvent;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.gcp.GcpKms;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.io.File;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** AWS, Google Cloud, Azure and core on one class path. */
class ThreeCloudsTest {
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", "accounts.csv");

    @TempDir
    Path folder;

    @Test
    void oneProgramHasKeysInAll() throws Exception {
        Path plain = Files.writeString(folder.resolve("plain"), "account,amount\n1,2\n");
        try (AwsKmsEmulator aws = AwsKmsEmulator.builder().region("eu-west-1").start(0);
                GcpKmsEmulator gcp = GcpKmsEmulator.start();
                AzureKeyVaultEmulator azure = AzureKeyVaultEmulator.start();
                KmsClient awsClient = client(aws);
                KeyManagementServiceClient gcpClient = GcpWire.client(gcp.endpoint())) {
            KekId inAws = KekId.of("aws-kms://" + aws.createKey().arn());
            Map<String, KekId> keks = Map.of(
                    "aws", inAws,
                    "gcp", KekId.of("gcp-kms://" + gcp.createKey().name()),
                    "azure", KekId.of("azure-kms://" + azure.createKey().id()));
            try (KeyProviders providers = providers(awsClient, gcpClient, client(azure))) {
                Keychains keychains = keychains(providers, inAws);
                keks.forEach((id, kek) -> keychains.create(id, spec -> spec.control(kek)));
                for (String id : keks.keySet()) {
                    cipher(keychains, id).encrypt(plain, folder.resolve(id + ".kwrp"), OBJECT);
                }
            }
            try (KeyProviders providers = providers(awsClient, gcpClient, client(azure))) {
                Keychains keychains = keychains(providers, inAws);
                for (String id : keks.keySet()) {
                    cipher(keychains, id).decrypt(folder.resolve(id + ".kwrp"), folder.resolve(id), OBJECT);
                    assertThat(folder.resolve(id)).hasSameBinaryContentAs(plain);
                }
            }
            assertThat(aws.events()).extracting(CloudTrailEvent::eventName).contains("GenerateDataKey", "Decrypt");
            assertThat(gcp.requests("Encrypt")).isPositive();
            assertThat(gcp.requests("Decrypt")).isPositive();
            assertThat(azure.events())
                    .extracting(AzureAuditEvent::operationName)
                    .contains("KeyWrap", "KeyUnwrap");
        }
    }

    @Test
    void theirJarsAreAsManyAndAsLargeAsThePagesSay() throws IOException {
        long bytes = 0;
        int jars = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            boolean ofTheCommand = entry.matches(".*/(sso|ssooidc|sts|aws-query-protocol)-[0-9.]+\\.jar");
            boolean ofCore = entry.contains("/error_prone_annotations/");
            boolean ofTheClouds = Stream.of(
                            "/software/amazon/",
                            "/org/reactivestreams/",
                            "/com/azure/",
                            "/com/fasterxml/jackson/",
                            "/com/google/",
                            "/com/microsoft/azure/",
                            "/io/grpc/",
                            "/io/opencensus/",
                            "/io/perfmark/",
                            "/io/projectreactor/",
                            "/net/java/dev/jna/",
                            "/org/bouncycastle/",
                            "/org/codehaus/mojo/",
                            "/org/threeten/")
                    .anyMatch(entry::contains);
            if (ofTheClouds && !ofTheCommand && !ofCore) {
                jars++;
                bytes += Files.size(Path.of(entry));
            }
        }
        String union = "%d jars, %.1f MB".formatted(jars, bytes / 1e6);
        assertThat(Files.readString(Path.of("../../docs/providers.md"))).contains(union);
        assertThat(Files.readString(Path.of("../../docs/compatibility.md"))).contains(union);
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

    private static KeyProviders providers(KmsClient aws, KeyManagementServiceClient gcp, AzureKms azure) {
        return KeyProviders.builder()
                .register(AwsKms.factory(arn -> aws))
                .register(GcpKms.factory(name -> gcp))
                .register(azure)
                .build();
    }

    private Keychains keychains(KeyProviders providers, KekId seal) {
        return Keychains.builder(FileKeychainStore.open(folder.resolve("store")), providers)
                .seal(KeychainSeal.wrappedBy(seal))
                .build();
    }

    private static EnvelopeCipher cipher(Keychains keychains, String id) {
        return EnvelopeCipher.using(keychains.open(id));
    }
}
