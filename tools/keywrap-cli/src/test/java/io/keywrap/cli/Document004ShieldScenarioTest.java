package io.keywrap.cli;

import static io.keywrap.cli.RunningJob.DATA;
import static io.keywrap.cli.RunningJob.OBJECT;
import static io.keywrap.cli.RunningJob.assertIsTheData;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.azure.core.credential.AccessToken;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.management.HotSpotDiagnosticMXBean;
import io.keywrap.DekLease;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.azure.AzureKms;
import io.keywrap.emulators.AwsFault;
import io.keywrap.keychain.Keychain;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.Drill;
import io.keywrap.revocation.KekInventory;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/**
 * Salesforce Shield EKM, document {@code 004_0cb88302454255a6}: a customer vets a policy with the least operations, sees the root
 * keys with their states, and has a DEK generated (first row); a DEK is unwrapped by the KMS when it is needed, and kept sealed
 * for a limited time (second row).
 */
class Document004ShieldScenarioTest {
    @TempDir
    Path folder;

    private AwsVendor vendor;
    private String arn;
    private KekId kek;

    @BeforeEach
    void start() {
        vendor = new AwsVendor(folder);
        arn = vendor.newKey("alias/root");
        kek = AwsVendor.kekId(arn);
    }

    @AfterEach
    void end() {
        vendor.close();
    }

    private static VendorAccess oneRole() {
        return VendorAccess.of(PolicyRole.BACKUP, AwsVendor.role("backup"))
                .and(PolicyRole.RESTORE, AwsVendor.role("backup"));
    }

    private Keychain create(ProductHost host, String id) {
        return host.keychains.create(id, spec -> spec.control(kek).keyContext("tenant", "acme"));
    }

    private void backUpAndRestore(String id) {
        EnvelopeCipher cipher = EnvelopeCipher.using(create(vendor.host("backup"), id));
        byte[] backup = cipher.encrypt(DATA, OBJECT);
        assertIsTheData(vendor.host("backup").cipher(id).decrypt(backup, OBJECT));
    }

    @Test
    void thePolicyThatTheCustomerVetsHasTheLeastOperationsAndTheyAreEnough() {
        String vetted = vendor.allow(arn, oneRole()).statements();
        assertThat(actions(vetted)).containsExactlyInAnyOrder("kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt");

        backUpAndRestore("tenant-42");

        assertThat(vendor.aws.events())
                .filteredOn(event -> event.principalArn().equals(Optional.of(AwsVendor.role("backup")))
                        && event.resources().contains(arn))
                .isNotEmpty()
                .allSatisfy(event -> {
                    assertThat(event.errorCode()).isEmpty();
                    assertThat("kms:" + event.eventName()).isIn(actions(vetted));
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"kms:GenerateDataKey", "kms:Decrypt"})
    void withOneOperationLessItDoesNotWork(String action) {
        vendor.allow(arn, oneRole());
        String document = vendor.customer
                .getKeyPolicy(request -> request.keyId(arn).policyName("default"))
                .policy();
        vendor.put(arn, document.replace("\"" + action + "\"", "\"kms:ListGrants\""));

        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> backUpAndRestore("tenant-42"));
    }

    private static Set<String> actions(String document) {
        Set<String> actions = new TreeSet<>();
        for (JsonElement statement :
                JsonParser.parseString(document).getAsJsonObject().getAsJsonArray("Statement")) {
            JsonElement some = ((JsonObject) statement).get("Action");
            JsonArray all = some.isJsonArray() ? some.getAsJsonArray() : new JsonArray();
            if (!some.isJsonArray()) {
                all.add(some);
            }
            all.forEach(action -> actions.add(action.getAsString()));
        }
        return actions;
    }

    @Test
    void theInventoryHasEveryRootKeyWithItsState() {
        VendorAccess access = oneRole().withStatus();
        vendor.allow(arn, access);
        ProductHost host = vendor.host("backup");
        create(host, "active");
        KekId active = kek;
        String disabled = anotherKey(host, access, "disabled");
        String deleted = anotherKey(host, access, "deleted");
        vendor.mayEverything("backup"); // With three keys its policy is about more than one.
        vendor.customer.disableKey(request -> request.keyId(disabled));
        vendor.customer.scheduleKeyDeletion(request -> request.keyId(deleted).pendingWindowInDays(7));

        assertThat(KekInventory.read(vendor.store, host.providers, host.seal).uses())
                .extracting(KekInventory.Use::kekId)
                .contains(active, AwsVendor.kekId(disabled), AwsVendor.kekId(deleted));
        Drill.builder(vendor.store, host.providers).seal(host.seal).build().run();
        assertThat(host.state(active)).isEqualTo(KekState.ACTIVE);
        assertThat(reason(host, disabled)).isEqualTo(KekRevokedException.Reason.DISABLED);
        assertThat(reason(host, deleted)).isEqualTo(KekRevokedException.Reason.PENDING_DELETION);
    }

    private String anotherKey(ProductHost host, VendorAccess access, String name) {
        String made = vendor.newKey("alias/" + name);
        vendor.allow(made, access);
        host.keychains.create(name, spec -> spec.control(AwsVendor.kekId(made)).keyContext("tenant", "acme"));
        return made;
    }

    private static KekRevokedException.Reason reason(ProductHost host, String arn) {
        return ((KekRevokedException) host.providers
                        .states()
                        .worst(AwsVendor.kekId(arn))
                        .orElseThrow()
                        .cause()
                        .orElseThrow())
                .reason();
    }

    @Test
    void aDekIsGeneratedInsideOfTheKmsAndOnlyItsWrapIsKept() throws Exception {
        vendor.allow(arn, oneRole());
        Keychain keychain = create(vendor.host("backup"), "tenant-42");

        assertThat(vendor.log("GenerateDataKey", arn)).hasSize(1);
        assertThat(vendor.log("Encrypt", arn)).as("made here and sent there").isEmpty();
        try (DekLease lease = keychain.primary()) {
            byte[] dek = lease.withBytes(byte[]::clone);
            assertNotIn(dek);
            assertNotIn(Base64.getEncoder().encode(dek));
        }
    }

    private void assertNotIn(byte[] secret) throws IOException {
        String text = new String(secret, StandardCharsets.ISO_8859_1);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as("%s", file)
                        .doesNotContain(text);
            }
        }
    }

    @Test
    void aDekIsUnwrappedByTheKmsWithItsContextAndKeptForALimitedTime() {
        vendor.allow(arn, oneRole());
        byte[] backup =
                EnvelopeCipher.using(create(vendor.host("backup"), "tenant-42")).encrypt(DATA, OBJECT);
        vendor.aws.clearEvents();
        EnvelopeCipher elsewhere = vendor.host("backup", options -> options.cacheDeadline(Duration.ofMinutes(5)))
                .cipher("tenant-42");

        elsewhere.decrypt(backup, OBJECT);
        elsewhere.decrypt(backup, OBJECT);
        assertThat(vendor.log("Decrypt", arn)).singleElement().satisfies(event -> {
            assertThat(event.keyId()).contains(arn);
            assertThat(event.encryptionContext())
                    .containsEntry("tenant", "acme")
                    .containsEntry("kw:keychain", "tenant-42");
        });

        vendor.time.advance(Duration.ofMinutes(5));
        elsewhere.decrypt(backup, OBJECT);
        assertThat(vendor.log("Decrypt", arn)).hasSize(2);

        vendor.customer.disableKey(request -> request.keyId(arn));
        vendor.time.advance(Duration.ofMinutes(5));
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> elsewhere.decrypt(backup, OBJECT));
    }

    /** A refusal would end it before; nobody tells of one here. */
    @Test
    void noDekIsKeptForLongerAlsoWhileTheKmsIsSilent() {
        vendor.allow(arn, oneRole());
        byte[] backup =
                EnvelopeCipher.using(create(vendor.host("backup"), "tenant-42")).encrypt(DATA, OBJECT);
        EnvelopeCipher elsewhere = vendor.host("backup", options -> options.cacheDeadline(Duration.ofMinutes(5)))
                .cipher("tenant-42");
        elsewhere.decrypt(backup, OBJECT);
        vendor.aws.injectAlways(AwsFault.error(500, "KMSInternalException", "silent"));

        vendor.time.advance(Duration.ofMinutes(5).minusSeconds(1));
        assertIsTheData(elsewhere.decrypt(backup, OBJECT));
        vendor.time.advance(Duration.ofSeconds(1));
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> elsewhere.decrypt(backup, OBJECT));
    }

    /** In Azure, whose emulator has a certificate: a client that does not trust it is not answered. */
    @Test
    void theCallsGoOverTls() throws Exception {
        try (ThreeClouds clouds = new ThreeClouds()) {
            assertThat(clouds.azure.endpoint().getScheme()).isEqualTo("https");
            clouds.keychains(folder.resolve("azure")).create("tenant-42", spec -> spec.control(clouds.inAzure));
            assertThat(clouds.azure.count("KeyWrap")).isEqualTo(1);
            try (var untrusting = untrusting(clouds)) {
                assertThatExceptionOfType(KekConfigurationException.class)
                        .isThrownBy(() -> clouds.keychains(folder.resolve("azure"), untrusting)
                                .open("tenant-42")
                                .primary());
            }
            assertThat(clouds.azure.count("KeyUnwrap")).isZero();
        }
    }

    private static KeyProviders untrusting(ThreeClouds clouds) {
        return clouds.registerAws(KeyProviders.builder())
                .register(AzureKms.builder()
                        .trustedHost(clouds.azure.endpoint().getAuthority())
                        .credential(request -> Mono.just(new AccessToken(
                                clouds.azure.token(),
                                OffsetDateTime.now(ZoneOffset.UTC).plusHours(1))))
                        .build())
                .build();
    }

    @Test
    void whatIdlesInTheCacheIsSealed() throws Exception {
        vendor.allow(arn, oneRole());
        Keychain keychain = create(vendor.host("backup"), "tenant-42");
        byte[] masked;
        try (DekLease lease = keychain.primary()) {
            masked = lease.withBytes(Document004ShieldScenarioTest::masked);
        }
        assertThat(inADumpOfTheHeap(masked)).as("the DEK, while nobody uses it").isFalse();
        try (DekLease lease = keychain.primary()) {
            lease.ensureUsable();
            assertThat(inADumpOfTheHeap(masked)).as("while it is leased").isTrue();
        }
        assertThat(vendor.log("Decrypt", arn)).as("it was in the cache").hasSize(1);
    }

    private static byte[] masked(byte[] bytes) {
        byte[] masked = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            masked[i] = (byte) ~bytes[i];
        }
        return masked;
    }

    private boolean inADumpOfTheHeap(byte[] masked) throws IOException {
        Path dump = folder.resolve("heap.hprof");
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(dump.toString(), true);
        String secret = new String(masked(masked), StandardCharsets.ISO_8859_1);
        byte[] block = new byte[1 << 22];
        String tail = "";
        boolean found = false;
        try (var in = Files.newInputStream(dump)) {
            for (int read = in.read(block); read > 0 && !found; read = in.read(block)) {
                String text = tail + new String(block, 0, read, StandardCharsets.ISO_8859_1);
                found = text.contains(secret);
                tail = text.substring(Math.max(0, text.length() - secret.length()));
            }
        }
        Files.delete(dump);
        return found;
    }
}
