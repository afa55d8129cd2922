package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.credential.AccessToken;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.emulators.AzureDenial;
import io.keywrap.emulators.AzureFault;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeySpec;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.Preflight;
import io.keywrap.onboarding.PreflightCheck;
import io.keywrap.onboarding.PreflightReport;
import io.keywrap.onboarding.PreflightReport.Line;
import io.keywrap.onboarding.PreflightReport.Verdict;
import io.keywrap.provider.KeyProvider;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

/** What the preflight tells apart, over https by the clients of the Azure SDK. */
class AzurePreflightTest extends AzureFixture {
    private static final String TENANT = "acme-secretive";

    private Preflight.Builder preflight(KeyProvider.Factory factory) {
        return Preflight.of(factory)
                .keyContext(EncryptionContext.of("tenant", TENANT))
                .time(vault.time());
    }

    private PreflightReport check(AzureKey of) {
        return preflight(vault.factory()).build().check(EmulatedVault.kekId(of));
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

    /** Azure tells nobody of keywrap's roles whether there is a rotation policy. */
    @Test
    void aKeyThatWillDoHasOneWarning() {
        PreflightReport report = preflight(vault.factory())
                .owner(EmulatedVault.host(vault.emulator))
                .build()
                .check(EmulatedVault.kekId(key));

        assertOnly(report, Verdict.WARN, PreflightCheck.ROTATION);
        assertOnly(report, Verdict.FAIL);
        assertThat(report.lines())
                .extracting(Line::check)
                .contains(
                        PreflightCheck.PERMISSION_STATUS,
                        PreflightCheck.PERMISSION_WRAP,
                        PreflightCheck.PERMISSION_UNWRAP,
                        PreflightCheck.CONTEXT,
                        PreflightCheck.LATENCY)
                .doesNotContain(PreflightCheck.PERMISSION_GENERATE, PreflightCheck.PERMISSION_REWRAP);
        assertThat(line(report, PreflightCheck.IDENTITY).detail()).isEqualTo("version " + key.version());
        assertThat(report.toText() + report.toJson()).doesNotContain(TENANT);
    }

    @Test
    void aKekOfOneVersionDoesNotFollowRotations() {
        PreflightReport report = preflight(vault.factory()).build().check(KekId.of("azure-kms://" + key.versionedId()));

        assertThat(line(report, PreflightCheck.ROTATION).detail()).startsWith("not followed");
    }

    @Test
    void anotherCloudAndAnotherVaultThanIsTaken() {
        PreflightReport report = preflight(vault.factory())
                .regions(Set.of("azure.net"))
                .owner("acme.vault.azure.net")
                .build()
                .check(EmulatedVault.kekId(key));

        assertOnly(report, Verdict.FAIL, PreflightCheck.REGION, PreflightCheck.OWNER);
    }

    @Test
    void theCloudIsWhatANameTellsOfTheRegion() {
        PreflightReport report = preflight(AzureKms.builder()
                        .credential(request -> Mono.error(new IllegalStateException("not to be asked")))
                        .build())
                .regions(Set.of("azure.cn"))
                .budget(Duration.ofMillis(1))
                .build()
                .check(KekId.of("azure-kms://https://acme.managedhsm.usgovcloudapi.net/keys/kek"));

        assertThat(line(report, PreflightCheck.REGION).detail()).contains("the key is in usgovcloudapi.net");
    }

    @Test
    void theTokenOfAnotherTenant() {
        AccessToken token = new AccessToken(
                vault.emulator.tokenOfTenant("99999999-9999-4999-8999-999999999999"),
                OffsetDateTime.now().plusDays(1));
        KeyProvider.Factory factory = EmulatedVault.builder(vault.emulator, vault.time())
                .credential(request -> Mono.just(token))
                .build();

        PreflightReport report = preflight(factory).build().check(EmulatedVault.kekId(key));

        assertOnly(report, Verdict.FAIL, PreflightCheck.CALLER);
        assertThat(line(report, PreflightCheck.CALLER).detail()).contains("it is of another tenant than the vault");
    }

    @Test
    void aKeyOfAnotherTypeOrForOtherOperations() {
        PreflightReport aes = check(vault.emulator.createKey(AzureKeySpec.octHsm()));
        assertOnly(aes, Verdict.FAIL, PreflightCheck.KEY_TYPE);
        assertThat(line(aes, PreflightCheck.KEY_TYPE).detail()).contains("oct-HSM");

        PreflightReport signing =
                check(vault.emulator.createKey(AzureKeySpec.rsa(2048).withKeyOps("sign", "verify")));
        assertOnly(signing, Verdict.FAIL, PreflightCheck.KEY_TYPE);
        assertThat(line(signing, PreflightCheck.KEY_TYPE).toDo()).contains("key_ops");
    }

    @Test
    void aDisabledKeyAnExpiredOneAndOneThatIsDeleted() {
        key.disable();
        assertOnly(check(key), Verdict.FAIL, PreflightCheck.KEY_STATE);
        assertThat(line(check(key), PreflightCheck.KEY_STATE).detail()).isEqualTo("the key is disabled");

        key.enable();
        key.expiresAt(Optional.of(vault.time().now().plus(Duration.ofDays(3))));
        assertThat(line(check(key), PreflightCheck.KEY_STATE).verdict()).isEqualTo(Verdict.WARN);
        vault.advance(Duration.ofDays(4));
        assertThat(line(check(key), PreflightCheck.KEY_STATE).detail()).startsWith("the key has expired");

        key.softDelete();
        assertThat(line(check(key), PreflightCheck.KEY_STATE).detail()).contains("can be recovered");
    }

    @ParameterizedTest
    @CsvSource({
        "KeyWrap, PERMISSION_WRAP, FAIL",
        "KeyUnwrap, PERMISSION_UNWRAP, FAIL",
        "KeyGet, PERMISSION_STATUS, WARN"
    })
    void eachMissingPermission(String operation, PreflightCheck check, Verdict verdict) {
        vault.emulator.deny(AzureDenial.rbac().on(operation));

        PreflightReport report = check(key);

        assertOnly(
                report, Verdict.FAIL, verdict == Verdict.FAIL ? new PreflightCheck[] {check} : new PreflightCheck[0]);
        assertThat(line(report, check).verdict()).as(report.toText()).isEqualTo(verdict);
        assertThat(line(report, check).toDo()).isNotEmpty();
    }

    /** Whoever may not wrap has no wrap to try; bytes that are none tell it as well. */
    @Test
    void aRestoreThatMayNotWrapIsKnownToUnwrap() {
        vault.emulator.deny(AzureDenial.policy().on("KeyWrap"));
        PreflightReport may =
                preflight(vault.factory()).roles(PolicyRole.RESTORE).build().check(EmulatedVault.kekId(key));
        assertOnly(may, Verdict.FAIL);
        assertThat(line(may, PreflightCheck.PERMISSION_UNWRAP).detail()).isEqualTo("unwrapKey is allowed");

        vault.emulator.deny(AzureDenial.policy().on("KeyUnwrap"));
        assertOnly(
                preflight(vault.factory()).roles(PolicyRole.RESTORE).build().check(EmulatedVault.kekId(key)),
                Verdict.FAIL,
                PreflightCheck.PERMISSION_UNWRAP);
    }

    @Test
    void aDisabledKeyIsToldToARestoreThatMayDoNothingElse() {
        vault.emulator.deny(AzureDenial.policy().on("KeyWrap"));
        vault.emulator.deny(AzureDenial.policy().on("KeyGet"));
        key.disable();
        PreflightReport report =
                preflight(vault.factory()).roles(PolicyRole.RESTORE).build().check(EmulatedVault.kekId(key));
        assertOnly(report, Verdict.FAIL, PreflightCheck.KEY_STATE);
        assertThat(line(report, PreflightCheck.KEY_STATE).detail()).contains("disabled");
    }

    @ParameterizedTest
    @CsvSource({"BACKUP, PERMISSION_UNWRAP, unwrapKey", "RESTORE, PERMISSION_WRAP, wrapKey"})
    void aRightThatTheRoleDoesNotNeedIsAWarning(PolicyRole role, PreflightCheck check, String permission) {
        PreflightReport report = preflight(vault.factory()).roles(role).build().check(EmulatedVault.kekId(key));

        assertOnly(report, Verdict.FAIL);
        assertThat(line(report, check).verdict()).as(report.toText()).isEqualTo(Verdict.WARN);
        assertThat(line(report, check).detail()).startsWith(permission + " is allowed, and not needed here");
    }

    /** What is denied after the first unwrap says nothing of the context. */
    @Test
    void aDenialAltogetherIsNoRefusedContext() {
        vault.emulator.inject(AzureFault.slow(Duration.ZERO).on("KeyUnwrap"), 1);
        vault.emulator.injectAlways(AzureFault.error(403, "Forbidden", "ForbiddenByRbac", "Caller is not authorized")
                .on("KeyUnwrap"));

        PreflightReport report = check(key);

        assertThat(line(report, PreflightCheck.CONTEXT).verdict())
                .as(report.toText())
                .isEqualTo(Verdict.WARN);
        assertThat(line(report, PreflightCheck.CONTEXT).detail()).contains("by now not with its own either");
    }

    @Test
    void networkRulesAreToldAsSuch() {
        vault.emulator.deny(AzureDenial.firewall());

        assertThat(check(key).toText()).contains("FAIL  permission: wrap", "the network rules of the vault");
    }

    /** The vault has no say in the context: keywrap compares it itself, and finds out a vault that gives other bytes back. */
    @Test
    void aVaultThatGivesOtherBytesBack() {
        vault.emulator.injectAlways(AzureFault.wrongValue(new byte[64]).on("KeyUnwrap"));

        assertOnly(check(key), Verdict.FAIL, PreflightCheck.UNWRAP);
    }

    @Test
    void aHostThatCannotBeReached() {
        vault.emulator.close();

        PreflightReport report = check(key);

        assertOnly(report, Verdict.FAIL, PreflightCheck.REACHABLE);
        assertThat(report.line(PreflightCheck.KEY_STATE)).isEmpty();
    }

    @Test
    void aHostThatIsNoneOfAzure() {
        PreflightReport report =
                preflight(vault.factory()).build().check(KekId.of("azure-kms://https://evil.example/keys/kek"));

        assertOnly(report, Verdict.FAIL, PreflightCheck.FORM);
    }
}
