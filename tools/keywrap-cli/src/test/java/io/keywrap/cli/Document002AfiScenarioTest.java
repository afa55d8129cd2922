package io.keywrap.cli;

import static io.keywrap.cli.RunningJob.DATA;
import static io.keywrap.cli.RunningJob.OBJECT;
import static io.keywrap.cli.RunningJob.assertIsTheData;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.identity.ClientCertificateCredentialBuilder;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.aws.AwsKeyReference;
import io.keywrap.azure.ApplicationCertificates;
import io.keywrap.azure.AzureKeyReference;
import io.keywrap.azure.AzureKms;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AzureApplication;
import io.keywrap.gcp.GcpKeyReference;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KekState;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.ManualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Afi, document {@code 002_c2c278cf9d83259a}: keys in three clouds and several Regions (first row), the certificate of an
 * application in Azure (second row), and versions that are disabled or a grant that is removed (last row). Other secrets for
 * keychains are in {@link Document002AfiMigrationScenarioTest}.
 */
class Document002AfiScenarioTest {
    private static final String CLIENT = "66666666-6666-4666-8666-666666666666";

    @TempDir
    Path folder;

    private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-28T00:00:00Z"));
    private final List<ProductHost> hosts = new ArrayList<>();
    private ThreeClouds clouds;
    private FileKeychainStore store;

    @BeforeEach
    void start() throws IOException {
        clouds = new ThreeClouds(time);
        store = FileKeychainStore.open(folder.resolve("store"));
    }

    @AfterEach
    void end() {
        hosts.forEach(ProductHost::close);
        clouds.close();
    }

    private ProductHost host() {
        ProductHost host = new ProductHost(
                store,
                clouds.vendorKek(),
                time,
                InFlight.FINISH,
                options -> clouds.register(options).cacheDeadline(Duration.ofHours(4)));
        hosts.add(host);
        return host;
    }

    private EnvelopeCipher newKeychain(ProductHost host, String id, KekId kek) {
        return EnvelopeCipher.using(host.keychains.create(id, spec -> spec.control(kek)));
    }

    @Test
    void whatIsPastedOfThreeCloudsAndTwoRegionsWorksBehindOneApi() {
        String inOregon = clouds.aws
                .createKey(AwsKeySpec.symmetric().inRegion("us-west-2"))
                .arn();
        String inVault = "https://acme.vault.azure.net/keys/kek/0123456789abcdef0123456789abcdef";
        assertThat(AzureKeyReference.parse(inVault, Set.of("azure.net")).required())
                .isEqualTo(KekId.of("azure-kms://https://acme.vault.azure.net/keys/kek"));
        Map<String, KekId> pasted = new LinkedHashMap<>();
        pasted.put(
                "ireland",
                AwsKeyReference.parse(clouds.awsKey.arn() + "\n", Set.of()).required());
        pasted.put(
                "oregon",
                AwsKeyReference.parse("\"" + inOregon + "\"", Set.of("us-west-2"))
                        .required());
        pasted.put(
                "google",
                GcpKeyReference.parse(" " + clouds.gcpKey.name(), Set.of()).required());
        pasted.put("azure", clouds.inAzure);

        Map<String, byte[]> backups = new LinkedHashMap<>();
        ProductHost host = host();
        pasted.forEach((id, kek) -> backups.put(id, newKeychain(host, id, kek).encrypt(DATA, OBJECT)));

        ProductHost other = host();
        backups.forEach((id, backup) -> assertIsTheData(other.cipher(id).decrypt(backup, OBJECT)));
    }

    @Test
    void thePortalsCertificateOpensTheVaultOnceTheCustomerHasUploadedIt() throws Exception {
        AzureApplication application = clouds.azure.registerApplication(CLIENT);
        EnvelopeCipher ofTheVendor = newKeychain(host(), "certificates", clouds.vendorKek());
        ApplicationCertificates made = certificates(ofTheVendor).create();
        Path file = folder.resolve("application.kwrp");
        made.save(file);
        ProductHost host = hostWith(certificates(ofTheVendor).open(file));

        assertThatExceptionOfType(KekConfigurationException.class)
                .isThrownBy(() -> newKeychain(host, "tenant-42", clouds.inAzure))
                .satisfies(e -> assertThat(e.operatorAction()).contains("upload"));
        assertThat(made.current().toPem()).contains("BEGIN CERTIFICATE").doesNotContain("PRIVATE");
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                .as("what the vendor keeps")
                .startsWith("KWRP")
                .doesNotContain("PRIVATE");

        application.upload(made.current().x509());
        EnvelopeCipher cipher = newKeychain(host, "tenant-42", clouds.inAzure);
        byte[] backup = cipher.encrypt(DATA, OBJECT);
        assertIsTheData(hostWith(certificates(ofTheVendor).open(file))
                .cipher("tenant-42")
                .decrypt(backup, OBJECT));
        assertThat(clouds.azure.events())
                .filteredOn(event -> event.operationName().equals("KeyUnwrap"))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.clientId()).contains(CLIENT));
    }

    private ApplicationCertificates.Builder certificates(EnvelopeCipher cipher) {
        return ApplicationCertificates.builder(cipher)
                .tenantId(clouds.azure.tenant())
                .clientId(CLIENT)
                .time(time);
    }

    private ProductHost hostWith(ApplicationCertificates certificates) {
        HttpClient http = new JdkHttpClientBuilder(
                        java.net.http.HttpClient.newBuilder().sslContext(clouds.azure.trustingContext()))
                .build();
        AzureKms azure = AzureKms.builder()
                .trustedHost(clouds.azure.endpoint().getAuthority())
                .clients(client -> client.httpClient(http))
                .credential(certificates.credential((ClientCertificateCredentialBuilder settings) ->
                        settings.authorityHost(clouds.azure.authorityHost().toString())
                                .disableInstanceDiscovery()
                                .httpClient(http)))
                .build();
        ProductHost host = new ProductHost(
                store,
                clouds.vendorKek(),
                time,
                InFlight.FINISH,
                options -> clouds.registerAws(options).register(azure));
        hosts.add(host);
        return host;
    }

    @Test
    void disabledVersionsLetRunningJobsFinishAndNewOnesFailOnceTheCachedKeyHasExpired() throws Exception {
        ProductHost host = host();
        EnvelopeCipher cipher = newKeychain(host, "tenant-42", clouds.inGcp);
        byte[] before = cipher.encrypt(DATA, OBJECT);
        byte[] finished;
        try (RunningJob backup = RunningJob.backup(cipher);
                RunningJob restore = RunningJob.restore(cipher, before)) {
            clouds.gcpKey.primary().disable();
            time.advance(Duration.ofHours(3));
            assertIsTheData(cipher.decrypt(before, OBJECT)); // From the cache.
            time.advance(Duration.ofHours(1));
            assertRefused(Reason.DISABLED, () -> cipher.decrypt(before, OBJECT));
            assertRefused(Reason.DISABLED, () -> cipher.encrypt(DATA, OBJECT));

            assertThat(backup.isRunning()).isTrue();
            finished = backup.finished();
            assertIsTheData(restore.finished());
        }
        assertRefused(Reason.DISABLED, () -> cipher.decrypt(finished, OBJECT));

        clouds.gcpKey.version(1).enable();
        time.advance(Duration.ofMinutes(1));
        assertIsTheData(cipher.decrypt(before, OBJECT));
        assertIsTheData(cipher.decrypt(finished, OBJECT));
    }

    @Test
    void theMonitorDoesNotWaitForHours() throws Exception {
        ProductHost host = host();
        EnvelopeCipher cipher = newKeychain(host, "tenant-42", clouds.inGcp);
        byte[] before = cipher.encrypt(DATA, OBJECT);
        host.watchUntil(Duration.ofSeconds(2), () -> false);
        try (RunningJob backup = RunningJob.backup(cipher)) {
            clouds.gcpKey.primary().disable();
            host.watchUntil(host.monitor.bound(), () -> host.state(clouds.inGcp) == KekState.REVOKED);

            assertThat(host.monitor.bound()).isLessThan(Duration.ofMinutes(2));
            assertRefused(Reason.DISABLED, () -> cipher.decrypt(before, OBJECT));
            clouds.gcpKey.version(1).enable();
            byte[] finished = backup.finished();
            host.watchUntil(Duration.ofMinutes(11), () -> host.state(clouds.inGcp) == KekState.ACTIVE);
            assertIsTheData(cipher.decrypt(finished, OBJECT));
        }
    }

    @Test
    void aRemovedGrantRefusesNewJobsUntilItIsGivenBack() throws Exception {
        ProductHost host = host();
        EnvelopeCipher cipher = newKeychain(host, "tenant-42", clouds.inGcp);
        try (RunningJob backup = RunningJob.backup(cipher)) {
            clouds.gcpKey.deny("cloudkms.cryptoKeyVersions.useToDecrypt");
            byte[] finished = backup.finished();
            time.advance(Duration.ofHours(4));
            assertRefused(Reason.DENIED, () -> cipher.decrypt(finished, OBJECT));
            assertRefused(Reason.DENIED, () -> host().cipher("tenant-42").decrypt(finished, OBJECT));

            clouds.gcpKey.allow("cloudkms.cryptoKeyVersions.useToDecrypt");
            time.advance(Duration.ofMinutes(1));
            assertIsTheData(cipher.decrypt(finished, OBJECT));
        }
    }

    private static void assertRefused(Reason reason, ThrowingCallable work) {
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(work).satisfies(e -> {
            assertThat(e.reason()).isEqualTo(reason);
            assertThat(e.recoverable()).isTrue();
        });
    }
}
