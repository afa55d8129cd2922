package io.keywrap.emulators;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is refused as a role, an assignment or an access policy; what they allow is shown with the clients of the SDK. */
class AzureRolesTest {
    private static final String ROLE = "{\"Name\":\"r\",\"DataActions\":[\"Microsoft.KeyVault/vaults/keys/read\"]}";

    private final AzureKeyVaultEmulator azure = AzureKeyVaultEmulator.start();
    private final String scope =
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/" + azure.vault();

    @AfterEach
    void end() {
        azure.close();
    }

    private static String assignment(String role, String scope) {
        return "[{\"principalId\":\"p\",\"roleDefinitionName\":\"" + role + "\",\"scope\":\"" + scope + "\"}]";
    }

    @Test
    void rolesOfTheVaultAndOfAKeyAreTaken() {
        azure.access().roleDefinition(ROLE);

        assertThatCode(() -> {
                    azure.access().roleAssignments(assignment("R", scope));
                    azure.access().roleAssignments(assignment("r", scope + "/keys/k"));
                    azure.access().roleAssignments(assignment("Key Vault Crypto Service Encryption User", scope));
                })
                .doesNotThrowAnyException();
    }

    @Test
    void whatIsNotUnderstoodIsRefused() {
        AzureAccess access = azure.access();

        assertThatThrownBy(() -> access.roleDefinition("[]")).hasMessageContaining("not a JSON object");
        assertThatThrownBy(() -> access.roleDefinition("{}")).hasMessageContaining("Name is missing");
        assertThatThrownBy(() -> access.roleDefinition(ROLE.replace("keys/read", "*")))
                .hasMessageContaining("not understood");
        assertThatThrownBy(() -> access.roleDefinition(ROLE.replace("}", ",\"NotDataActions\":[\"x\"]}")))
                .hasMessageContaining("NotDataActions");
        assertThatThrownBy(() -> access.roleAssignments("{}")).hasMessageContaining("not a JSON array");
        assertThatThrownBy(() -> access.roleAssignments(assignment("none", scope)))
                .hasMessageContaining("no such role");
        access.roleDefinition(ROLE);
        assertThatThrownBy(() -> access.roleAssignments(assignment("r", scope + "x")))
                .hasMessageContaining("no scope");
        assertThatThrownBy(() -> access.roleAssignments(assignment("r", "/keys/k")))
                .hasMessageContaining("no scope");
        assertThatThrownBy(() -> access.accessPolicies("[{\"tenantId\":\"other\"}]"))
                .hasMessageContaining("another tenant");
    }

    @Test
    void aManagedHsmHasRolesOfItsOwnAndNoAccessPolicies() {
        try (AzureKeyVaultEmulator hsm =
                AzureKeyVaultEmulator.builder().managedHsm().start(0)) {
            hsm.access().roleAssignments(assignment("Managed HSM Crypto Service Encryption User", "/keys/k"));
            assertThatThrownBy(() -> hsm.access().accessPolicies("[]")).hasMessageContaining("no access policies");
            assertThatThrownBy(() -> hsm.access().roleDefinition(ROLE)).hasMessageContaining("roleName");
        }
    }
}
