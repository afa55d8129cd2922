package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.aws.AwsKeyArn;
import io.keywrap.aws.AwsKeyPolicy;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.Preflight;
import io.keywrap.onboarding.PreflightCheck;
import io.keywrap.onboarding.PreflightReport;
import io.keywrap.onboarding.PreflightReport.Verdict;
import io.keywrap.onboarding.VendorAccess;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Globex pastes the name of Acme's key, which Acme has allowed the vendor to use. The vendor's credentials are the same for both, so
 * the key works: what tells is whose it is.
 */
class OwnerOfAKeyTest {
    private static final EncryptionContext ACME = EncryptionContext.of("tenant", "acme");
    private static final EncryptionContext GLOBEX = EncryptionContext.of("tenant", "globex");

    private ThreeClouds clouds;

    @BeforeEach
    void start() throws IOException {
        clouds = new ThreeClouds();
    }

    @AfterEach
    void end() {
        clouds.close();
    }

    private List<PreflightCheck> failed(KekId kek, EncryptionContext pairs, Optional<String> owner) {
        Preflight.Builder preflight =
                Preflight.of(clouds.factory(kek)).keyContext(pairs).roles(PolicyRole.BACKUP, PolicyRole.RESTORE);
        owner.ifPresent(preflight::owner);
        return preflight.build().check(kek).lines().stream()
                .filter(line -> line.verdict() == Verdict.FAIL)
                .map(PreflightReport.Line::check)
                .toList();
    }

    @Test
    void inGoogleCloudNothingButTheOwnerTells() {
        assertThat(failed(clouds.inGcp, GLOBEX, Optional.empty())).isEmpty();

        assertThat(failed(clouds.inGcp, GLOBEX, Optional.of("globex-prod"))).containsExactly(PreflightCheck.OWNER);
        String acme = clouds.gcpKey.name().split("/", 3)[1];
        assertThat(failed(clouds.inGcp, ACME, Optional.of(acme))).isEmpty();
    }

    @Test
    void inAzureNothingButTheOwnerTells() {
        assertThat(failed(clouds.inAzure, GLOBEX, Optional.empty())).isEmpty();

        assertThat(failed(clouds.inAzure, GLOBEX, Optional.of("globex.vault.azure.net")))
                .containsExactly(PreflightCheck.OWNER);
        String acme = clouds.azure.endpoint().getAuthority();
        assertThat(failed(clouds.inAzure, ACME, Optional.of(acme))).isEmpty();
    }

    /** The policy that Acme has put is for Acme's context alone. The owner tells it where a policy has no such condition. */
    @Test
    void inAwsThePolicyTellsTooAndTheOwnerAlways() {
        String arn = clouds.awsKey.arn();
        String account = AwsKeyArn.parse(arn).account();
        assertThat(failed(clouds.inAws, GLOBEX, Optional.empty())).isEmpty();
        assertThat(failed(clouds.inAws, GLOBEX, Optional.of("222233334444"))).containsExactly(PreflightCheck.OWNER);

        VendorAccess access = VendorAccess.of(PolicyRole.BACKUP, account).and(PolicyRole.RESTORE, account);
        clouds.awsKey.policy(AwsKeyPolicy.of(AwsKeyArn.parse(arn), access, ACME).statements());

        assertThat(Set.copyOf(failed(clouds.inAws, GLOBEX, Optional.empty())))
                .containsExactlyInAnyOrder(
                        PreflightCheck.PERMISSION_WRAP,
                        PreflightCheck.PERMISSION_GENERATE,
                        PreflightCheck.PERMISSION_UNWRAP);
        assertThat(failed(clouds.inAws, ACME, Optional.of(account))).isEmpty();
    }
}
