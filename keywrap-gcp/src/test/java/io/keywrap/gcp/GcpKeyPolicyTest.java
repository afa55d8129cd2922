package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The texts of bindings, against files that are read by people. */
class GcpKeyPolicyTest {
    private static final GcpKeyName KEY =
            GcpKeyName.parse("projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek");
    private static final VendorAccess ALL = VendorAccess.of(PolicyRole.BACKUP, account("backup"))
            .and(PolicyRole.RESTORE, account("restore"))
            .and(PolicyRole.REWRAP, account("rewrap"))
            .and(PolicyRole.MONITOR, account("monitor"));

    private static String account(String name) {
        return name + "@vendor.iam.gserviceaccount.com";
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = GcpKeyPolicyTest.class.getResourceAsStream("/policies/" + name)) {
            assertThat(in).as(name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @EnumSource(PolicyRole.class)
    void everyRoleIsAsItWasVetted(PolicyRole role) throws IOException {
        String name = role.name().toLowerCase(Locale.ROOT);
        GcpKeyPolicy policy = GcpKeyPolicy.of(KEY, VendorAccess.of(role, account(name)));

        assertThat(policy.bindings()).isEqualTo(golden(name + ".json"));
        assertThat(String.join("\n", policy.commands()) + "\n").isEqualTo(golden(name + ".sh"));
    }

    @Test
    void allOfThemTogetherAndInWords() throws IOException {
        GcpKeyPolicy policy = GcpKeyPolicy.of(KEY, ALL);

        assertThat(policy.bindings()).isEqualTo(golden("all.json"));
        assertThat(policy.statusRoleDefinition()).contains(golden("status-role.json"));
        assertThat(String.join("\n", policy.words()) + "\n").isEqualTo(golden("words.txt"));
    }

    @Test
    void whoeverNeedsNoStatusNeedsNoCustomRole() {
        GcpKeyPolicy policy = GcpKeyPolicy.of(KEY, VendorAccess.of(PolicyRole.BACKUP, account("backup")));

        assertThat(policy.statusRoleDefinition()).isEmpty();
        assertThat(policy.commands()).hasSize(1);
        assertThat(GcpKeyPolicy.of(
                                KEY,
                                VendorAccess.of(PolicyRole.BACKUP, account("backup"))
                                        .withStatus())
                        .statusRoleDefinition())
                .isPresent();
    }

    @Test
    void twoRolesOfOneAccountAreOneBinding() {
        VendorAccess both = VendorAccess.of(PolicyRole.BACKUP, account("a")).and(PolicyRole.RESTORE, account("a"));

        assertThat(GcpKeyPolicy.of(KEY, both).bindings())
                .contains("roles/cloudkms.cryptoKeyEncrypterDecrypter")
                .doesNotContain("cryptoKeyEncrypter\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serviceAccount:backup@vendor.iam.gserviceaccount.com",
                "group:backup@vendor.example",
                "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/s",
                "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/*"
            })
    void otherPrincipalsStandAsTheyAre(String principal) {
        assertThat(GcpKeyPolicy.of(KEY, VendorAccess.of(PolicyRole.BACKUP, principal))
                        .bindings())
                .contains("\"" + principal + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "allUsers",
                "allAuthenticatedUsers",
                "domain:vendor.example",
                "user:someone@vendor.example",
                "backup",
                "backup@vendor.example",
                "serviceAccount:a@b.iam.gserviceaccount.com'",
                "serviceAccount:a b@b.iam.gserviceaccount.com"
            })
    void whatIsNoPrincipalForAKeyIsRefused(String principal) {
        assertThatThrownBy(() -> GcpKeyPolicy.of(KEY, VendorAccess.of(PolicyRole.BACKUP, principal)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(principal);
    }
}
