package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.emulators.AzureAuditEvent;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.keychain.Keychains;
import io.keywrap.stream.EnvelopeCipher;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AWS, Google Cloud, Azure and core on one class path. */
class ThreeCloudsTest {
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", "accounts.csv");

    @TempDir
    Path folder;

    @Test
    void oneProgramHasKeysInAll() throws Exception {
        Path plain = Files.writeString(folder.resolve("plain"), "account,amount\n1,2\n");
        try (ThreeClouds clouds = new ThreeClouds()) {
            Map<String, KekId> keks = Map.of("aws", clouds.inAws, "gcp", clouds.inGcp, "azure", clouds.inAzure);
            Keychains written = clouds.keychains(folder);
            keks.forEach((id, kek) -> written.create(id, spec -> spec.control(kek)));
            for (String id : keks.keySet()) {
                cipher(written, id).encrypt(plain, folder.resolve(id + ".kwrp"), OBJECT);
            }
            Keychains read = clouds.keychains(folder);
            for (String id : keks.keySet()) {
                cipher(read, id).decrypt(folder.resolve(id + ".kwrp"), folder.resolve(id), OBJECT);
                assertThat(folder.resolve(id)).hasSameBinaryContentAs(plain);
            }
            assertThat(clouds.aws.events())
                    .extracting(CloudTrailEvent::eventName)
                    .contains("GenerateDataKey", "Decrypt");
            assertThat(clouds.gcp.requests("Encrypt")).isPositive();
            assertThat(clouds.gcp.requests("Decrypt")).isPositive();
            assertThat(clouds.azure.events())
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

    private static EnvelopeCipher cipher(Keychains keychains, String id) {
        return EnvelopeCipher.using(keychains.open(id));
    }
}
