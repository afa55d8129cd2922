package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.Preflight;
import io.keywrap.onboarding.PreflightCheck;
import io.keywrap.onboarding.PreflightReport;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.onboarding.PreflightReport.Verdict;
import io.keywrap.onboarding.VendorAccess;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** What the preflight says of a policy that allows too much, and of whom a wrong key context is refused by. */
class AwsPreflightRightsTest {
    private static final String VENDOR = "arn:aws:iam::444455556666:role/backup";
    private static final EncryptionContext ACME = EncryptionContext.of("tenant", "acme");

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
        AwsPrincipal vendor = emulator.principal(VENDOR);
        client = AwsKms.tune(KmsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(emulator.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(vendor.accessKeyId(), vendor.secretAccessKey())))
                .build();
    }

    @AfterEach
    void end() {
        client.close();
        emulator.close();
    }

    private void allow(VendorAccess access) {
        key.policy(AwsKeyPolicy.of(AwsKeyArn.parse(key.arn()), access, ACME).statements());
    }

    private PreflightReport check(PolicyRole role, PolicyRole... more) {
        return Preflight.of(AwsKms.factory(arn -> client))
                .keyContext(ACME)
                .roles(role, more)
                .slowAbove(Duration.ofMinutes(1))
                .build()
                .check(EmulatedKms.kekId(key.arn()));
    }

    private static Line line(PreflightReport report, PreflightCheck check) {
        return report.line(check).orElseThrow(() -> new AssertionError(check + " is missing in\n" + report.toText()));
    }

    @ParameterizedTest
    @CsvSource({
        "BACKUP, RESTORE, PERMISSION_UNWRAP, kms:Decrypt",
        "RESTORE, BACKUP, PERMISSION_WRAP, kms:Encrypt",
        "MONITOR, BACKUP, PERMISSION_GENERATE, kms:GenerateDataKey",
        "REWRAP, BACKUP, PERMISSION_GENERATE, kms:GenerateDataKey",
        "RESTORE, REWRAP, PERMISSION_REWRAP, kms:ReEncrypt"
    })
    void aRightThatTheRoleDoesNotNeedIsAWarning(
            PolicyRole role, PolicyRole tooMuch, PreflightCheck check, String action) {
        allow(VendorAccess.of(role, VENDOR));
        assertThat(line(check(role), check).verdict()).isEqualTo(Verdict.PASS);

        allow(VendorAccess.of(role, VENDOR).and(tooMuch, VENDOR));

        PreflightReport report = check(role);
        assertThat(line(report, check).verdict()).as(report.toText()).isEqualTo(Verdict.WARN);
        assertThat(line(report, check).detail()).startsWith(action + " is allowed, and not needed here");
        assertThat(line(report, check).toDo()).contains(action);
        assertThat(line(check(role, tooMuch), check).verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void toReadTheStateIsNeverTooMuch() {
        allow(VendorAccess.of(PolicyRole.BACKUP, VENDOR).withStatus());

        assertThat(line(check(PolicyRole.BACKUP), PreflightCheck.PERMISSION_STATUS)
                        .verdict())
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void aConditionOfThePolicyIsToldFromARefusalByTheKey() {
        allow(VendorAccess.of(PolicyRole.REWRAP, VENDOR));

        assertThat(line(check(PolicyRole.REWRAP), PreflightCheck.CONTEXT))
                .isEqualTo(
                        Line.pass(
                                PreflightCheck.CONTEXT,
                                "refused by the key for another DEK, another keychain; denied by the policy for another tenant"));
    }

    /** The key would still refuse it; but whoever may unwrap for one tenant may do it for all. */
    @Test
    void aPolicyWithoutAConditionOnTheContextIsAWarning() {
        key.policy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"" + VENDOR
                + "\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}");

        assertThat(line(check(PolicyRole.REWRAP), PreflightCheck.CONTEXT))
                .matches(line -> line.verdict() == Verdict.WARN)
                .matches(line -> line.detail().endsWith("another tenant; the policy allows every key context"));
    }

    /** The dry run and the first unwrap are allowed; what is denied afterwards says nothing of the context. */
    @Test
    void aDenialAltogetherIsNoRefusedContext() {
        allow(VendorAccess.of(PolicyRole.REWRAP, VENDOR));
        emulator.inject(AwsFault.slow(Duration.ZERO).on("Decrypt"), 2);
        emulator.injectAlways(AwsFault.error(400, "AccessDeniedException", "User is not authorized")
                .on("Decrypt"));

        assertThat(line(check(PolicyRole.REWRAP), PreflightCheck.CONTEXT))
                .matches(line -> line.verdict() == Verdict.WARN)
                .matches(line -> line.detail().contains("by now not with its own either"));
    }

    /** Whoever may neither wrap nor read the state hears it from the dry run alone. */
    @Test
    void aDisabledKeyIsToldToARestoreThatMayDoNothingElse() {
        allow(VendorAccess.of(PolicyRole.RESTORE, VENDOR));
        assertThat(check(PolicyRole.RESTORE).verdict()).isEqualTo(Verdict.PASS);
        key.disable();

        PreflightReport report = check(PolicyRole.RESTORE);
        assertThat(report.verdict()).as(report.toText()).isEqualTo(Verdict.FAIL);
        assertThat(line(report, PreflightCheck.KEY_STATE).detail()).contains("disabled");
    }
}
