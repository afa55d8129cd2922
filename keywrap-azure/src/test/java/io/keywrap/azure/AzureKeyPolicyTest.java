package io.keywrap.azure;

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

/** The texts of roles and access policies, against files that are read by people. */
class AzureKeyPolicyTest {
    static final String TENANT = "22222222-2222-4222-8222-222222222222";
    private static final AzureKeyUrl KEY = AzureKeyUrl.parse("https://acme.vault.azure.net/keys/kek");
    private static final AzureKeyUrl HSM = AzureKeyUrl.parse("https://acme.managedhsm.azure.net/keys/kek");
    private static final String VAULT_ID = "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/backup"
            + "/providers/Microsoft.KeyVault/vaults/acme";

    private static String principal(PolicyRole role) {
        return "aaaaaaaa-0000-4000-8000-00000000000" + role.ordinal();
    }

    private static VendorAccess all() {
        VendorAccess all = VendorAccess.of(PolicyRole.BACKUP, principal(PolicyRole.BACKUP));
        for (PolicyRole role : PolicyRole.values()) {
            all = all.and(role, principal(role));
        }
        return all;
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = AzureKeyPolicyTest.class.getResourceAsStream("/policies/" + name)) {
            assertThat(in).as(name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String lines(Iterable<String> lines) {
        return String.join("\n", lines) + "\n";
    }

    @ParameterizedTest
    @EnumSource(PolicyRole.class)
    void everyRoleIsAsItWasVetted(PolicyRole role) throws IOException {
        String name = role.name().toLowerCase(Locale.ROOT);
        AzureKeyPolicy policy =
                AzureKeyPolicy.of(KEY, VendorAccess.of(role, principal(role))).locatedAt(TENANT, VAULT_ID);

        assertThat(policy.roleAssignments()).isEqualTo(golden(name + ".json"));
        assertThat(String.join("", policy.roleDefinitions().values())).isEqualTo(golden(name + "-role.json"));
        assertThat(policy.accessPolicies()).isEqualTo(golden(name + "-access.json"));
    }

    @Test
    void linesAndWordsAreAsTheyWereVetted() throws IOException {
        AzureKeyPolicy policy = AzureKeyPolicy.of(KEY, all());

        assertThat(lines(policy.roleCommands())).isEqualTo(golden("roles.sh"));
        assertThat(lines(policy.accessPolicyCommands())).isEqualTo(golden("access.sh"));
        assertThat(lines(policy.words())).isEqualTo(golden("words.txt"));
        assertThat(lines(AzureKeyPolicy.of(HSM, all()).roleCommands())).isEqualTo(golden("hsm.sh"));
        assertThat(lines(AzureKeyPolicy.of(HSM, all()).words())).isEqualTo(golden("hsm-words.txt"));
    }

    @Test
    void placesThatAreNotKnownStandOut() {
        AzureKeyPolicy policy = AzureKeyPolicy.of(KEY, all());

        assertThat(policy.roleAssignments()).contains("/subscriptions/<subscription>/resourceGroups/<resource group>/");
        assertThat(policy.accessPolicies()).contains("\"<tenant>\"");
    }

    @Test
    void aVersionIsOfNoMatter() {
        AzureKeyUrl version =
                AzureKeyUrl.parse("https://acme.vault.azure.net/keys/kek/0123456789abcdef0123456789abcdef");

        assertThat(AzureKeyPolicy.of(version, all()).roleAssignments())
                .isEqualTo(AzureKeyPolicy.of(KEY, all()).roleAssignments());
    }

    @Test
    void twoRolesOfOnePrincipalAreOneAssignment() {
        String id = principal(PolicyRole.BACKUP);
        VendorAccess both = VendorAccess.of(PolicyRole.BACKUP, id).and(PolicyRole.RESTORE, id);

        assertThat(AzureKeyPolicy.of(KEY, both).roleAssignments())
                .containsOnlyOnce("principalId")
                .contains("keywrap key wrap unwrap");
        assertThat(AzureKeyPolicy.of(KEY, both.withStatus()).roleDefinitions()).isEmpty();
    }

    @Test
    void aManagedHsmHasNoAccessPolicies() {
        AzureKeyPolicy policy = AzureKeyPolicy.of(HSM, all());

        assertThatThrownBy(policy::accessPolicies).hasMessageContaining("no access policies");
        assertThatThrownBy(policy::accessPolicyCommands).hasMessageContaining("no access policies");
    }

    @ParameterizedTest
    @ValueSource(strings = {"backup", "11111111-1111-4111-8111-11111111111", "*", "app@vendor.example"})
    void whatIsNoObjectIdIsRefused(String principal) {
        assertThatThrownBy(() -> AzureKeyPolicy.of(KEY, VendorAccess.of(PolicyRole.BACKUP, principal)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("az ad sp show");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "acme",
                "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/backup/providers/Microsoft.KeyVault/vaults/globex",
                "/subscriptions/s/resourceGroups/backup/providers/Microsoft.KeyVault/vaults/acme",
                "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/a\"b/providers/Microsoft.KeyVault/vaults/acme"
            })
    void anotherPlaceThanThatOfTheVaultIsRefused(String id) {
        assertThatThrownBy(() -> AzureKeyPolicy.of(KEY, all()).locatedAt(TENANT, id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("az keyvault show");
    }
}
