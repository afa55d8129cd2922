package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.Preflight;
import io.keywrap.onboarding.PreflightCheck;
import io.keywrap.onboarding.PreflightReport;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.onboarding.PreflightReport.Verdict;
import io.keywrap.onboarding.VendorAccess;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** What the preflight tells apart, called by a role of the vendor over HTTP by the client of the AWS SDK. */
class AwsPreflightTest {
    private static final String VENDOR = "arn:aws:iam::444455556666:role/backup";
    private static final EncryptionContext ACME = EncryptionContext.of("tenant", "acme");
    private static final List<String> USES =
            List.of("Encrypt", "Decrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo");
    private static final List<String> READS = List.of("DescribeKey", "GetKeyRotationStatus");

    private AwsKmsEmulator emulator;
    private AwsKmsKey key;
    private KmsClient client;

    @BeforeEach
    void start() {
        emulator = AwsKmsEmulator.builder()
                .region("eu-west-1")
                .onlyKnownCredentials()
                .start(0);
        key = emulator.createKey();
        allowAllBut(key);
        client = client(emulator.endpoint(), emulator.principal(VENDOR));
    }

    @AfterEach
    void end() {
        client.close();
        emulator.close();
    }

    private static KmsClient client(URI endpoint, AwsPrincipal principal) {
        return AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(endpoint)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(principal.accessKeyId(), principal.secretAccessKey())))
                .build();
    }

    private static void allowAllBut(AwsKmsKey key, String... actions) {
        List<String> denied = List.of(actions);
        key.policy("{\"Version\":\"2012-10-17\",\"Statement\":["
                + statement(
                        USES, denied, ",\"Condition\":{\"StringEquals\":{\"kms:EncryptionContext:tenant\":\"acme\"}}")
                + "," + statement(READS, denied, "") + "]}");
    }

    private static String statement(List<String> actions, List<String> denied, String condition) {
        return "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"" + VENDOR + "\"},\"Resource\":\"*\",\"Action\":["
                + actions.stream()
                        .filter(action -> !denied.contains(action))
                        .map(action -> "\"kms:" + action + "\"")
                        .collect(Collectors.joining(","))
                + "]" + condition + "}";
    }

    private Preflight.Builder preflight() {
        return Preflight.of(AwsKms.factory(arn -> client)).keyContext(ACME).slowAbove(Duration.ofMinutes(1));
    }

    private PreflightReport check(AwsKmsKey of) {
        return preflight().build().check(EmulatedKms.kekId(of.arn()));
    }

    private static Line line(PreflightReport report, PreflightCheck check) {
        return report.line(check).orElseThrow(() -> new AssertionError(check + " is missing in\n" + report.toText()));
    }

    private static void assertOnly(PreflightReport report, Verdict verdict, PreflightCheck... checks) {
        assertThat(report.lines().stream()
                        .filter(line -> line.verdict() == verdict)
                        .map(Line::check))
                .as("%s", report.toText())
                .containsExactly(checks);
    }

    @Test
    void aKeyThatWillDoPassesEverything() {
        try (KmsClient owner =
                client(emulator.endpoint(), emulator.principal("arn:aws:iam::111122223333:user/admin"))) {
            key.resetPolicy();
            owner.enableKeyRotation(request -> request.keyId(key.arn()));
            allowAllBut(key);
        }

        PreflightReport report = preflight()
                .regions(Set.of("eu-west-1"))
                .owner("111122223333")
                .build()
                .check(EmulatedKms.kekId(key.arn()));

        assertThat(report.lines()).extracting(Line::check).containsExactly(PreflightCheck.values());
        assertOnly(report, Verdict.WARN);
        assertThat(report.verdict()).as(report.toText()).isEqualTo(Verdict.PASS);
        assertThat(line(report, PreflightCheck.ROTATION).detail()).isEqualTo("on, every 365 days");
    }

    @Test
    void rotationThatIsOffIsAWarning() {
        assertOnly(check(key), Verdict.WARN, PreflightCheck.ROTATION);
        assertThat(check(key).verdict()).isEqualTo(Verdict.WARN);
    }

    @Test
    void aKeyInAnotherRegionThanTheDataCentreTakes() {
        PreflightReport report =
                preflight().regions(Set.of("us-east-1", "ca-central-1")).build().check(EmulatedKms.kekId(key.arn()));

        assertOnly(report, Verdict.FAIL, PreflightCheck.REGION);
        assertThat(line(report, PreflightCheck.REGION).detail()).contains("eu-west-1");
        assertThat(line(report, PreflightCheck.REGION).toDo()).endsWith("ca-central-1 or us-east-1");
    }

    @Test
    void anArnWithTheWrongRegion() {
        KekId elsewhere = EmulatedKms.kekId(key.arn().replace("eu-west-1", "us-east-1"));

        PreflightReport report = preflight().build().check(elsewhere);

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.line(PreflightCheck.WRAP)).isEmpty();
        assertThat(report.toText()).contains("PASS  reachable", "to do: ");
    }

    @Test
    void aKeyOfAnotherAccount() {
        AwsKmsKey foreign = emulator.createKey(AwsKeySpec.symmetric().inAccount("999988887777"));
        allowAllBut(foreign);

        PreflightReport report = preflight().owner("111122223333").build().check(EmulatedKms.kekId(foreign.arn()));

        assertOnly(report, Verdict.FAIL, PreflightCheck.OWNER);
        assertThat(line(report, PreflightCheck.OWNER).detail()).contains("999988887777", "not to 111122223333");
    }

    @Test
    void aKeyOfAnotherAccountThatIsNotThereIsAskedForByEveryOperation() {
        PreflightReport report = preflight()
                .build()
                .check(EmulatedKms.kekId(
                        "arn:aws:kms:eu-west-1:999988887777:key/00000000-0000-0000-0000-000000000000"));

        assertOnly(
                report,
                Verdict.FAIL,
                PreflightCheck.PERMISSION_WRAP,
                PreflightCheck.PERMISSION_GENERATE,
                PreflightCheck.PERMISSION_UNWRAP);
        assertThat(line(report, PreflightCheck.PERMISSION_UNWRAP).toDo())
                .contains("kms:Decrypt", "a key of another account that was deleted, or never was");
    }

    @ParameterizedTest
    @CsvSource({"RSA_2048,ENCRYPT_DECRYPT", "RSA_4096,SIGN_VERIFY", "HMAC_256,GENERATE_VERIFY_MAC"})
    void anAsymmetricKey(String spec, String usage) {
        AwsKmsKey wrong =
                emulator.createKey(AwsKeySpec.symmetric().withSpec(spec).withUsage(usage));
        allowAllBut(wrong);

        PreflightReport report = check(wrong);

        assertOnly(report, Verdict.FAIL, PreflightCheck.KEY_TYPE);
        assertThat(line(report, PreflightCheck.KEY_TYPE).detail()).contains(spec, usage);
    }

    @Test
    void anAsymmetricKeyWhoseTypeMayNotBeReadFailsWhenItIsUsed() {
        AwsKmsKey wrong =
                emulator.createKey(AwsKeySpec.symmetric().withSpec("RSA_2048").withUsage("SIGN_VERIFY"));
        allowAllBut(wrong, "DescribeKey");

        assertThat(line(check(wrong), PreflightCheck.WRAP).detail()).contains("not one to encrypt with");
    }

    @Test
    void aDisabledKeyAndOneToBeDeleted() {
        key.disable();
        PreflightReport disabled = check(key);
        assertOnly(disabled, Verdict.FAIL, PreflightCheck.KEY_STATE);
        assertThat(line(disabled, PreflightCheck.KEY_STATE).detail()).isEqualTo("the key is disabled");

        key.scheduleDeletion(Duration.ofDays(7));
        assertThat(line(check(key), PreflightCheck.KEY_STATE).detail()).startsWith("the key is pending deletion");
    }

    @ParameterizedTest
    @CsvSource({
        "Encrypt, PERMISSION_WRAP, FAIL",
        "GenerateDataKey, PERMISSION_GENERATE, FAIL",
        "Decrypt, PERMISSION_UNWRAP, FAIL",
        "ReEncryptFrom, PERMISSION_REWRAP, WARN",
        "ReEncryptTo, PERMISSION_REWRAP, WARN",
        "DescribeKey, PERMISSION_STATUS, WARN"
    })
    void eachMissingPermission(String action, PreflightCheck check, Verdict verdict) {
        allowAllBut(key, action);

        PreflightReport report = check(key);

        Set<PreflightCheck> permissions = EnumSet.of(
                PreflightCheck.PERMISSION_WRAP,
                PreflightCheck.PERMISSION_GENERATE,
                PreflightCheck.PERMISSION_UNWRAP,
                PreflightCheck.PERMISSION_REWRAP,
                PreflightCheck.PERMISSION_STATUS);
        assertThat(line(report, check).verdict()).as(report.toText()).isEqualTo(verdict);
        assertThat(report.lines().stream()
                        .filter(line -> line.verdict() == Verdict.FAIL)
                        .map(Line::check))
                .containsExactlyElementsOf(verdict == Verdict.FAIL ? List.of(check) : List.of());
        permissions.remove(check);
        assertThat(permissions).allMatch(other -> line(report, other).verdict() == Verdict.PASS);
    }

    @Test
    void theStatusOfRotationMayBeMissingAlone() {
        allowAllBut(key, "GetKeyRotationStatus");

        assertThat(line(check(key), PreflightCheck.ROTATION).detail())
                .startsWith("not told: access to the key is denied");
    }

    @Test
    void aPermissionThatTheVendorsOwnPolicyLacks() {
        emulator.identityPolicy(
                emulator.principal(VENDOR),
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"kms:Encrypt\","
                        + "\"kms:GenerateDataKey\",\"kms:DescribeKey\"],\"Resource\":\"*\"}]}");

        PreflightReport report = check(key);

        assertOnly(report, Verdict.FAIL, PreflightCheck.PERMISSION_UNWRAP);
        assertThat(line(report, PreflightCheck.PERMISSION_UNWRAP).detail())
                .startsWith("kms:Decrypt is denied: our own permissions");
    }

    /** With the policy that is made for it, and its conditions on the key context. */
    @ParameterizedTest
    @EnumSource(PolicyRole.class)
    void eachRoleWithItsOwnPolicy(PolicyRole role) {
        key.policy(AwsKeyPolicy.of(AwsKeyArn.parse(key.arn()), VendorAccess.of(role, VENDOR), ACME)
                .statements());

        PreflightReport own = preflight().roles(role).build().check(EmulatedKms.kekId(key.arn()));
        PreflightReport whole =
                preflight().roles(PolicyRole.REWRAP).keyContext(ACME).build().check(EmulatedKms.kekId(key.arn()));

        assertOnly(own, Verdict.FAIL);
        assertThat(whole.verdict()).isEqualTo(role == PolicyRole.REWRAP ? Verdict.WARN : Verdict.FAIL);
    }

    @Test
    void aPolicyForAnotherTenantsContext() {
        key.policy(AwsKeyPolicy.of(
                        AwsKeyArn.parse(key.arn()),
                        VendorAccess.of(PolicyRole.REWRAP, VENDOR),
                        EncryptionContext.of("tenant", "globex"))
                .statements());

        assertThat(line(check(key), PreflightCheck.PERMISSION_WRAP).verdict()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void aKeyThatDoesNotEnforceTheContext() {
        key.ignoreContext(true);

        PreflightReport report = check(key);

        assertOnly(report, Verdict.FAIL, PreflightCheck.CONTEXT);
        assertThat(line(report, PreflightCheck.CONTEXT).detail()).contains("opens with the key context of another DEK");
    }

    @Test
    void anotherKeyThatAnswers() {
        emulator.injectAlways(
                AwsFault.wrongField("KeyId", emulator.createKey().arn()).on("Encrypt"));

        assertOnly(check(key), Verdict.FAIL, PreflightCheck.IDENTITY);
    }

    @Test
    void aHostThatCannotBeReached() {
        URI endpoint = emulator.endpoint();
        emulator.close();

        PreflightReport report = check(key);

        assertThat(endpoint.getPort()).isPositive();
        assertOnly(report, Verdict.FAIL, PreflightCheck.REACHABLE);
        assertThat(report.line(PreflightCheck.LATENCY)).isEmpty();
    }

    @Test
    void credentialsThatNobodyKnows() {
        client.close();
        client = client(
                emulator.endpoint(), new AwsPrincipal("arn:aws:iam::444455556666:role/none", "AKIANOBODY", "secret"));

        assertOnly(check(key), Verdict.FAIL, PreflightCheck.CALLER);
    }

    @Test
    void whatIsNoArn() {
        PreflightReport report = preflight().build().check(KekId.of("aws-kms://tenant-42"));

        assertOnly(report, Verdict.FAIL, PreflightCheck.FORM);
        assertThat(report.lines()).hasSize(1);
    }

    @Test
    void aMultiRegionKeyWithReplicas() {
        AwsKmsKey primary = emulator.createKey(AwsKeySpec.symmetric().asMultiRegion());
        allowAllBut(primary);
        assertThat(line(check(primary), PreflightCheck.MULTI_REGION).verdict()).isEqualTo(Verdict.PASS);

        primary.replicate("us-east-1");

        assertThat(line(check(primary), PreflightCheck.MULTI_REGION))
                .matches(line -> line.verdict() == Verdict.WARN)
                .matches(line -> line.detail().endsWith("replicas in us-east-1"));
    }

    @Test
    void anAliasIsLookedAtLikeItsKey() {
        PreflightReport report = preflight().build().check(EmulatedKms.kekId(key.alias("kek")));

        assertOnly(report, Verdict.FAIL);
        assertThat(line(report, PreflightCheck.IDENTITY).detail()).contains(key.arn());
    }

    /** Dry runs change and make nothing, and the log of the customer shows who looked. */
    @Test
    void nothingIsLeftBehind() {
        emulator.clearEvents();

        PreflightReport report = check(key);

        assertThat(emulator.events().stream().map(CloudTrailEvent::eventName))
                .containsOnly(
                        "DescribeKey", "GetKeyRotationStatus", "Encrypt", "GenerateDataKey", "Decrypt", "ReEncrypt");
        assertThat(emulator.events().stream()
                        .map(CloudTrailEvent::toJson)
                        .filter(event -> event.contains("encryptionContext")))
                .isNotEmpty()
                .allMatch(event -> event.contains(Preflight.KEYCHAIN));
        assertThat(Stream.of(report.toText(), report.toJson())).noneMatch(text -> text.contains("acme"));
    }
}
