package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.kms.v1.KeyManagementServiceClient;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.aws.AwsKms;
import io.keywrap.emulators.AwsKmsEmulator;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** AWS, Google Cloud and core on one class path. */
class TwoCloudsTest {
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", "accounts.csv");

    @TempDir
    Path folder;

    @Test
    void oneProgramHasKeysInBoth() throws Exception {
        Path plain = Files.writeString(folder.resolve("plain"), "account,amount\n1,2\n");
        try (AwsKmsEmulator aws = AwsKmsEmulator.builder().region("eu-west-1").start(0);
                GcpKmsEmulator gcp = GcpKmsEmulator.start();
                KmsClient awsClient = client(aws);
                KeyManagementServiceClient gcpClient = GcpWire.client(gcp.endpoint())) {
            KekId inAws = KekId.of("aws-kms://" + aws.createKey().arn());
            KekId inGcp = KekId.of("gcp-kms://" + gcp.createKey().name());
            try (KeyProviders providers = providers(awsClient, gcpClient)) {
                Keychains keychains = keychains(providers, inAws);
                keychains.create("one", spec -> spec.control(inAws));
                keychains.create("two", spec -> spec.control(inGcp));
                cipher(keychains, "one").encrypt(plain, folder.resolve("one.kwrp"), OBJECT);
                cipher(keychains, "two").encrypt(plain, folder.resolve("two.kwrp"), OBJECT);
            }
            try (KeyProviders providers = providers(awsClient, gcpClient)) {
                Keychains keychains = keychains(providers, inAws);
                cipher(keychains, "one").decrypt(folder.resolve("one.kwrp"), folder.resolve("one"), OBJECT);
                cipher(keychains, "two").decrypt(folder.resolve("two.kwrp"), folder.resolve("two"), OBJECT);
            }
            assertThat(folder.resolve("one")).hasSameBinaryContentAs(plain);
            assertThat(folder.resolve("two")).hasSameBinaryContentAs(plain);
            assertThat(aws.events()).extracting(CloudTrailEvent::eventName).contains("GenerateDataKey", "Decrypt");
            assertThat(gcp.requests("Encrypt")).isPositive();
            assertThat(gcp.requests("Decrypt")).isPositive();
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
                            "/com/google/",
                            "/io/grpc/",
                            "/io/opencensus/",
                            "/io/perfmark/",
                            "/org/codehaus/mojo/",
                            "/org/threeten/")
                    .anyMatch(entry::contains);
            if (ofTheClouds && !ofTheCommand && !ofCore) {
                jars++;
                bytes += Files.size(Path.of(entry));
            }
        }
        String union = "%d jars, %.1f MB".formatted(jars, bytes / 1e6);
        assertThat(Files.readString(Path.of("../../docs/compatibility.md"))).contains(union);
    }

    private static KmsClient client(AwsKmsEmulator aws) {
        return AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(aws.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "secret")))
                .build();
    }

    private static KeyProviders providers(KmsClient aws, KeyManagementServiceClient gcp) {
        return KeyProviders.builder()
                .register(AwsKms.factory(arn -> aws))
                .register(GcpKms.factory(name -> gcp))
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
