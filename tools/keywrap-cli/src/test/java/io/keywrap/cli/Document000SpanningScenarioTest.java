package io.keywrap.cli;

import static io.keywrap.cli.RunningJob.DATA;
import static io.keywrap.cli.RunningJob.OBJECT;
import static io.keywrap.cli.RunningJob.assertIsTheData;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.aws.AwsKeyPolicy;
import io.keywrap.aws.AwsKeyReference;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.keychain.Keychain;
import io.keywrap.onboarding.KeyReference;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.Preflight;
import io.keywrap.onboarding.PreflightCheck;
import io.keywrap.onboarding.PreflightReport;
import io.keywrap.onboarding.PreflightReport.Verdict;
import io.keywrap.onboarding.VendorAccess;
import io.keywrap.provider.KekState;
import io.keywrap.store.KeyManagement;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Spanning Backup, document {@code 000_b43faa278f55018d}: a customer makes a key in the Region of the data centre, allows the
 * vendor's account and pastes the ARN (first row); disables the key, and enables it again (second row). The other rows of the
 * product are in {@link Document001SpanningScenarioTest}.
 */
class Document000SpanningScenarioTest {
    @TempDir
    Path folder;

    private AwsVendor vendor;
    private String arn;
    private KekId kek;

    @BeforeEach
    void start() {
        vendor = new AwsVendor(folder);
        arn = vendor.newKey("alias/Spanning-KMS");
        kek = AwsVendor.kekId(arn);
    }

    @AfterEach
    void end() {
        vendor.close();
    }

    static List<String> dataCentres() {
        return List.of("us-east-1", "eu-west-1", "ap-southeast-2", "ca-central-1", "eu-west-2");
    }

    @ParameterizedTest
    @MethodSource("dataCentres")
    void theKeyMustBeInTheRegionOfTheDataCentre(String region) {
        String made =
                vendor.aws.createKey(AwsKeySpec.symmetric().inRegion(region)).arn();
        String pasted = "\u201c " + made + " \u201d\n";

        assertThat(AwsKeyReference.parse(pasted, Set.of(region)).required()).isEqualTo(AwsVendor.kekId(made));
        for (String other : dataCentres()) {
            if (!other.equals(region)) {
                KeyReference refused = AwsKeyReference.parse(pasted, Set.of(other));
                assertThatIllegalArgumentException()
                        .isThrownBy(refused::required)
                        .withMessageContaining(region)
                        .withMessageContaining(other);
            }
        }
    }

    @Test
    void theAliasAloneIsNotEnoughAndSaysWhatIs() {
        KeyReference pasted = AwsKeyReference.parse("Spanning-KMS", Set.of("eu-west-1"));

        assertThat(pasted.kekId()).isEmpty();
        assertThat(pasted.pasteInstead().orElseThrow()).contains("ARN");
    }

    @Test
    void theVendorMayNothingUntilTheCustomerHasPutThePolicy() {
        ProductHost host = vendor.host("backup");
        ThrowingCallable onboarding = () -> create(host, "tenant-42", "acme");

        assertThatExceptionOfType(KekException.class)
                .isThrownBy(onboarding)
                .satisfies(e -> assertThat(e.kekId()).contains(kek));
        assertThat(vendor.store.load("tenant-42")).as("nothing is half-made").isEmpty();

        String allowed = vendor.allow(arn, AwsVendor.access()).statements();
        assertThat(allowed).contains("kms:EncryptionContext:tenant").doesNotContain("kms:*");
        vendor.time.advance(Duration.ofMinutes(2)); // What was refused is not asked again for some seconds.
        EnvelopeCipher cipher = EnvelopeCipher.using(create(host, "tenant-42", "acme"));
        assertIsTheData(cipher.decrypt(cipher.encrypt(DATA, OBJECT), OBJECT));
    }

    @Test
    void thePolicyIsForThisTenantAlone() {
        vendor.allow(arn, AwsVendor.access());
        vendor.mayEverything("backup");
        create(vendor.host("backup"), "tenant-42", "acme");

        assertThatExceptionOfType(KekRevokedException.class)
                .as("the key context of another tenant")
                .isThrownBy(() -> create(vendor.host("backup"), "tenant-43", "other"))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
        assertThat(vendor.store.load("tenant-43")).isEmpty();
    }

    @Test
    void theCheckSaysWhatIsStillMissingAndWhetherTheKeyWillDo() {
        assertThat(failed(arn)).contains(PreflightCheck.PERMISSION_WRAP, PreflightCheck.PERMISSION_UNWRAP);

        AwsKeyPolicy policy = vendor.allow(arn, AwsVendor.access());
        assertThat(String.join("\n", policy.words())).contains("eu-west-1", arn, "Key policy", "Save changes");
        PreflightReport report = check(arn);
        assertThat(report.verdict()).as("%s", report.toText()).isNotEqualTo(Verdict.FAIL);
        assertThat(List.of(
                        PreflightCheck.REGION,
                        PreflightCheck.OWNER,
                        PreflightCheck.REACHABLE,
                        PreflightCheck.KEY_TYPE,
                        PreflightCheck.KEY_STATE,
                        PreflightCheck.WRAP,
                        PreflightCheck.IDENTITY,
                        PreflightCheck.UNWRAP,
                        PreflightCheck.CONTEXT))
                .allSatisfy(check ->
                        assertThat(report.line(check).orElseThrow().verdict()).isEqualTo(Verdict.PASS));

        vendor.customer.disableKey(request -> request.keyId(arn));
        assertThat(failed(arn)).containsExactly(PreflightCheck.KEY_STATE);
        String asymmetric = vendor.aws
                .createKey(AwsKeySpec.symmetric().withSpec("RSA_2048"))
                .arn();
        vendor.allow(asymmetric, AwsVendor.access());
        assertThat(failed(asymmetric)).containsExactly(PreflightCheck.KEY_TYPE);
    }

    private PreflightReport check(String key) {
        return Preflight.of(vendor.kms("backup"))
                .regions(Set.of("eu-west-1"))
                .owner(AwsVendor.CUSTOMER)
                .keyContext(AwsVendor.TENANT)
                .roles(PolicyRole.BACKUP, PolicyRole.RESTORE)
                .build()
                .check(AwsVendor.kekId(key));
    }

    private List<PreflightCheck> failed(String key) {
        return check(key).lines().stream()
                .filter(line -> line.verdict() == Verdict.FAIL)
                .map(PreflightReport.Line::check)
                .toList();
    }

    @Test
    void theVendorsAccountCanBeAllowedAsAWhole() {
        VendorAccess account =
                VendorAccess.of(PolicyRole.BACKUP, AwsVendor.ACCOUNT).and(PolicyRole.RESTORE, AwsVendor.ACCOUNT);
        assertThat(vendor.allow(arn, account).statements())
                .contains("arn:aws:iam::" + AwsVendor.ACCOUNT + ":root")
                .doesNotContain(":role/");

        EnvelopeCipher cipher = EnvelopeCipher.using(create(vendor.host("backup"), "tenant-42", "acme"));
        assertIsTheData(vendor.host("restore").cipher("tenant-42").decrypt(cipher.encrypt(DATA, OBJECT), OBJECT));
        assertThatExceptionOfType(KekRevokedException.class)
                .as("the key context of another tenant")
                .isThrownBy(() -> create(vendor.host("backup"), "tenant-43", "other"));
    }

    @Test
    void theChoiceOfKeyManagementIsPermanent() {
        vendor.allow(arn, AwsVendor.access());
        ProductHost host = vendor.host("backup");
        Keychain self = create(host, "self-managed", "acme");
        Keychain managed = host.keychains.create(
                "vendor-managed", spec -> spec.control(vendor.vendorKek).keyManagement(KeyManagement.VENDOR));

        assertThat(self.record().keyManagement()).isEqualTo(KeyManagement.CUSTOMER);
        assertThat(managed.record().keyManagement()).isEqualTo(KeyManagement.VENDOR);
        assertThatIllegalStateException()
                .isThrownBy(() -> managed.changeKeyManagement(KeyManagement.CUSTOMER, List.of(kek)));
        assertThatIllegalStateException()
                .isThrownBy(() -> self.changeKeyManagement(KeyManagement.VENDOR, List.of(vendor.vendorKek)));
        assertThat(managed.record().keyManagement()).isEqualTo(KeyManagement.VENDOR);
        assertThat(self.record().keyManagement()).isEqualTo(KeyManagement.CUSTOMER);
    }

    @Test
    void disabledBackupsExportsAndRestoresFailAndEnabledTheyResume() throws Exception {
        vendor.allow(arn, AwsVendor.access());
        ProductHost host = vendor.host("backup");
        EnvelopeCipher cipher = EnvelopeCipher.using(create(host, "tenant-42", "acme"));
        byte[] before = cipher.encrypt(DATA, OBJECT);
        host.watchUntil(Duration.ofSeconds(2), () -> false);

        try (RunningJob backup = RunningJob.backup(cipher);
                RunningJob restore = RunningJob.restore(cipher, before)) {
            vendor.customer.disableKey(request -> request.keyId(arn));
            host.watchUntil(host.monitor.bound(), () -> host.state(kek) == KekState.REVOKED);

            assertThat(host.state(kek)).as("noticed within the bound").isEqualTo(KekState.REVOKED);
            assertDisabled(backup.aborted());
            assertDisabled(restore.aborted());
        }
        assertDisabled(() -> cipher.encrypt(DATA, OBJECT));
        assertDisabled(() -> cipher.decrypt(before, OBJECT));
        assertDisabled(() -> export(cipher, before));
        assertThat(folder.resolve("export")).doesNotExist();

        vendor.customer.enableKey(request -> request.keyId(arn));
        host.watchUntil(Duration.ofMinutes(11), () -> host.state(kek) == KekState.ACTIVE);
        assertThat(host.state(kek)).as("by itself, without a restart").isEqualTo(KekState.ACTIVE);
        assertIsTheData(cipher.decrypt(before, OBJECT));
        try (RunningJob backup = RunningJob.backup(cipher)) {
            assertIsTheData(cipher.decrypt(backup.finished(), OBJECT));
        }
        export(cipher, before);
        assertIsTheData(Files.readAllBytes(folder.resolve("export")));
    }

    private Keychain create(ProductHost host, String id, String tenant) {
        return host.keychains.create(id, spec -> spec.control(kek).keyContext("tenant", tenant));
    }

    private void export(EnvelopeCipher cipher, byte[] backup) throws Exception {
        cipher.decrypt(new ByteArrayInputStream(backup), folder.resolve("export"), OBJECT);
    }

    private static void assertDisabled(ThrowingCallable work) {
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(work).satisfies(e -> assertDisabled(e));
    }

    private static void assertDisabled(KekRevokedException end) {
        assertThat(end.reason()).isEqualTo(Reason.DISABLED);
        assertThat(end.recoverable()).as("temporary").isTrue();
        assertThat(end.operatorAction()).isNotBlank();
    }
}
