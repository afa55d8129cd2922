package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.emulators.GcpFault;
import io.keywrap.emulators.GcpKeySpec;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.emulators.GcpLies;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.Preflight;
import io.keywrap.onboarding.PreflightCheck;
import io.keywrap.onboarding.PreflightReport;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.onboarding.PreflightReport.Verdict;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the preflight tells apart, over gRPC by Google's client. */
class GcpPreflightTest extends GcpFixture {
    private static final String ENCRYPT = "cloudkms.cryptoKeyVersions.useToEncrypt";
    private static final String DECRYPT = "cloudkms.cryptoKeyVersions.useToDecrypt";

    private Preflight.Builder preflight() {
        return Preflight.of(kms.factory())
                .keyContext(EncryptionContext.of("tenant", TENANT))
                .time(kms.time());
    }

    private PreflightReport check(GcpKmsKey of) {
        return preflight().build().check(EmulatedKms.kekId(of.name()));
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
        key.rotateEvery(Duration.ofDays(90));
        GcpKeyName name = GcpKeyName.parse(key.name());

        PreflightReport report = preflight()
                .regions(Set.of(name.location()))
                .owner(name.project())
                .build()
                .check(EmulatedKms.kekId(key.name()));

        assertThat(report.verdict()).as(report.toText()).isEqualTo(Verdict.PASS);
        assertThat(report.lines())
                .extracting(Line::check)
                .contains(PreflightCheck.CONTEXT, PreflightCheck.PERMISSION_WRAP, PreflightCheck.PERMISSION_UNWRAP)
                .doesNotContain(PreflightCheck.PERMISSION_GENERATE, PreflightCheck.PERMISSION_REWRAP);
        assertThat(line(report, PreflightCheck.ROTATION).detail()).isEqualTo("on, every 90 days");
        assertThat(line(report, PreflightCheck.IDENTITY).detail()).isEqualTo("version 1");
        assertThat(report.toText() + report.toJson()).doesNotContain(TENANT);
    }

    @Test
    void rotationThatIsOffIsAWarning() {
        assertOnly(check(key), Verdict.WARN, PreflightCheck.ROTATION);
    }

    @Test
    void anotherLocationAndAnotherProject() {
        PreflightReport report = preflight()
                .regions(Set.of("us-east1"))
                .owner("another-project")
                .build()
                .check(EmulatedKms.kekId(key.name()));

        assertOnly(report, Verdict.FAIL, PreflightCheck.REGION, PreflightCheck.OWNER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"locations/", "projects/"})
    void aNameOfAnotherPlaceIsNotFound(String part) {
        String elsewhere = key.name().replaceFirst(part + "[^/]+", part + "elsewhere-1");

        PreflightReport report = preflight().build().check(EmulatedKms.kekId(elsewhere));

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(report.line(PreflightCheck.WRAP)).isEmpty();
        assertThat(report.toText()).contains("PASS  reachable");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ASYMMETRIC_DECRYPT", "ASYMMETRIC_SIGN", "MAC", "RAW_ENCRYPT_DECRYPT"})
    void aKeyOfAnotherPurpose(String purpose) {
        PreflightReport report =
                check(kms.emulator.createKey(GcpKeySpec.software().withPurpose(purpose)));

        assertOnly(report, Verdict.FAIL, PreflightCheck.KEY_TYPE);
        assertThat(line(report, PreflightCheck.KEY_TYPE).detail()).contains(purpose);
    }

    @Test
    void aDisabledVersionAndOneToBeDestroyed() {
        key.primary().disable();
        assertOnly(check(key), Verdict.FAIL, PreflightCheck.KEY_STATE);

        key.primary().scheduleDestroy(Duration.ofDays(7));
        assertThat(line(check(key), PreflightCheck.KEY_STATE).toDo()).isNotEmpty();
        assertOnly(check(key), Verdict.FAIL, PreflightCheck.KEY_STATE);
    }

    @ParameterizedTest
    @CsvSource({
        ENCRYPT + ", PERMISSION_WRAP, FAIL",
        DECRYPT + ", PERMISSION_UNWRAP, FAIL",
        "cloudkms.cryptoKeys.get, PERMISSION_STATUS, WARN"
    })
    void eachMissingPermission(String permission, PreflightCheck check, Verdict verdict) {
        key.deny(permission);

        PreflightReport report = check(key);

        assertOnly(
                report, Verdict.FAIL, verdict == Verdict.FAIL ? new PreflightCheck[] {check} : new PreflightCheck[0]);
        assertThat(line(report, check).verdict()).isEqualTo(verdict);
        assertThat(line(report, check).toDo()).isNotEmpty();
    }

    /** By the list that Google gives: no call is made that would be refused. */
    @Test
    void aMissingPermissionIsFoundOutWithoutUsingIt() {
        key.deny(ENCRYPT);
        key.deny(DECRYPT);

        check(key);

        assertThat(kms.emulator.requests("TestIamPermissions")).isEqualTo(2);
        assertThat(kms.emulator.requests("Encrypt") + kms.emulator.requests("Decrypt"))
                .isZero();
    }

    @Test
    void aRoleNeedsItsOwnPermissionsAlone() {
        key.deny(ENCRYPT);
        PreflightReport restore = preflight().roles(PolicyRole.RESTORE).build().check(EmulatedKms.kekId(key.name()));

        assertOnly(restore, Verdict.FAIL);
        assertThat(line(restore, PreflightCheck.PERMISSION_WRAP).detail()).endsWith("it is not needed here");
    }

    @ParameterizedTest
    @CsvSource({"BACKUP, PERMISSION_UNWRAP, " + DECRYPT, "RESTORE, PERMISSION_WRAP, " + ENCRYPT})
    void aRightThatTheRoleDoesNotNeedIsAWarning(PolicyRole role, PreflightCheck check, String permission) {
        PreflightReport report = preflight().roles(role).build().check(EmulatedKms.kekId(key.name()));

        assertOnly(report, Verdict.FAIL);
        assertThat(line(report, check).verdict()).as(report.toText()).isEqualTo(Verdict.WARN);
        assertThat(line(report, check).detail()).startsWith(permission + " is allowed, and not needed here");
    }

    /** What is denied after the first unwrap says nothing of the context. */
    @Test
    void aDenialAltogetherIsNoRefusedContext() {
        kms.emulator.inject(GcpFault.slow(Duration.ZERO).on("Decrypt"), 1);
        kms.emulator.injectAlways(GcpFault.error("PERMISSION_DENIED", "Permission denied on resource")
                .on("Decrypt"));

        PreflightReport report = check(key);

        assertThat(line(report, PreflightCheck.CONTEXT).verdict())
                .as(report.toText())
                .isEqualTo(Verdict.WARN);
        assertThat(line(report, PreflightCheck.CONTEXT).detail()).contains("by now not with its own either");
    }

    @Test
    void aKeyThatDoesNotEnforceTheContext() {
        key.ignoreContext(true);

        assertOnly(check(key), Verdict.FAIL, PreflightCheck.CONTEXT);
    }

    @Test
    void anotherKeyThatAnswers() {
        kms.emulator.injectAlways(GcpLies.name(kms.emulator.createKey().name() + "/cryptoKeyVersions/1")
                .on("Encrypt"));

        assertOnly(check(key), Verdict.FAIL, PreflightCheck.IDENTITY);
    }

    @Test
    void anotherDekThatComesBack() {
        kms.emulator.injectAlways(GcpLies.swapped(new byte[32]).on("Decrypt"));

        assertOnly(check(key), Verdict.FAIL, PreflightCheck.UNWRAP);
    }

    @Test
    void aHostThatCannotBeReached() {
        kms.emulator.injectAlways(GcpFault.unavailable());
        assertOnly(check(key), Verdict.FAIL, PreflightCheck.REACHABLE);

        kms.emulator.close();
        assertOnly(check(key), Verdict.FAIL, PreflightCheck.REACHABLE);
    }

    @Test
    void credentialsThatGoogleDoesNotTake() {
        kms.emulator.injectAlways(GcpFault.unauthenticated());

        assertOnly(check(key), Verdict.FAIL, PreflightCheck.CALLER);
    }

    @Test
    void aLocationOfSeveralRegions() {
        assertThat(GcpPreflightLocations.of("europe-west1")).isEqualTo("a key of one region");
        assertThat(GcpPreflightLocations.of("northamerica-northeast2")).isEqualTo("a key of one region");
        assertThat(GcpPreflightLocations.of("eur4")).contains("more than one region");
        assertThat(GcpPreflightLocations.of("global")).contains("more than one region");
    }

    /** The line of a key that is only described. */
    private static final class GcpPreflightLocations {
        static String of(String location) {
            return GcpPreflight.lines(
                            GcpKeyName.parse("projects/acme-prod/locations/" + location + "/keyRings/r/cryptoKeys/k"),
                            com.google.cloud.kms.v1.CryptoKey.newBuilder()
                                    .setPurpose(com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose.ENCRYPT_DECRYPT)
                                    .build(),
                            java.util.Optional.empty())
                    .stream()
                    .filter(line -> line.check() == PreflightCheck.MULTI_REGION)
                    .findFirst()
                    .orElseThrow()
                    .detail();
        }
    }
}
