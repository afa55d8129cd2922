package io.keywrap.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines for the Azure CLI, run by a shell with an {@code az} that keeps what it is told as Azure does. */
class AzureCommandsTest {
    /** Names of custom roles are unique in a tenant; a policy that is set takes the place of the one before. */
    private static final String AZ = """
            #!/bin/sh
            set -eu
            last() { for word; do :; done; printf '%s\\n' "$word"; }
            name() { last "$@" | sed 's/^.*"[rN][a-zA-Z]*ame":"\\([^"]*\\)".*$/\\1/'; }
            touch roles policy assignments
            case "$*" in
            *"definition list"*) for word; do
                if [ "${before-}" = --name ]; then grep -Fx "$word" roles || true; fi
                case "$word" in "[?roleName=='"*)
                    word=${word#*\\'}; grep -Fx "${word%%\\'*}" roles || true;;
                esac
                before=$word
            done;;
            *"definition create"*) role=$(name "$@")
                if grep -Fxq "$role" roles; then echo "$role exists" >&2; exit 1; fi
                echo "$role" >> roles;;
            *"assignment create"*) echo "$*" >> assignments;;
            *"keyvault show"*accessPolicies*) cat policy;;
            *"keyvault show"*) echo "/subscriptions/s/resourceGroups/of-$4/providers/Microsoft.KeyVault/vaults/$4";;
            *set-policy*) while [ "$1" != --key-permissions ]; do shift; done
                shift; printf '%s\\n' "$@" > policy;;
            *) echo "not known: $*" >&2; exit 2;;
            esac
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void install() throws Exception {
        Path az = Files.writeString(folder.resolve("az"), AZ);
        assertThat(az.toFile().setExecutable(true)).isTrue();
    }

    private static AzureKeyPolicy policy(String key) {
        VendorAccess all = VendorAccess.of(PolicyRole.BACKUP, "aaaaaaaa-0000-4000-8000-000000000000");
        for (PolicyRole role : PolicyRole.values()) {
            all = all.and(role, "aaaaaaaa-0000-4000-8000-00000000000" + role.ordinal());
        }
        return AzureKeyPolicy.of(AzureKeyUrl.parse(key), all);
    }

    private void run(List<String> lines) throws Exception {
        List<String> script = new ArrayList<>(List.of("set -eu"));
        script.addAll(lines);
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", String.join("\n", script))
                .directory(folder.toFile())
                .redirectErrorStream(true);
        shell.environment().merge("PATH", folder + ":", (path, first) -> first + path);
        Process process = shell.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s", said).isZero();
    }

    private List<String> kept(String name) throws Exception {
        return Files.readAllLines(folder.resolve(name));
    }

    @Test
    void theyCanBeRunAgainAndForAnotherKeyOfTheVault() throws Exception {
        run(policy("https://acme.vault.azure.net/keys/kek").roleCommands());
        List<String> roles = kept("roles");
        assertThat(roles)
                .containsExactly(
                        "keywrap key unwrap (acme)", "keywrap key unwrap read (acme)", "keywrap key wrap (acme)");

        run(policy("https://acme.vault.azure.net/keys/kek").roleCommands());
        run(policy("https://acme.vault.azure.net/keys/another").roleCommands());

        assertThat(kept("roles")).isEqualTo(roles);
        assertThat(kept("assignments")).anyMatch(line -> line.endsWith("/vaults/acme/keys/another"));
    }

    /** Its roles are for its own resource group, and their names for the whole tenant. */
    @Test
    void aVaultInAnotherResourceGroupHasRolesOfItsOwn() throws Exception {
        run(policy("https://acme.vault.azure.net/keys/kek").roleCommands());
        run(policy("https://acme-eu.vault.azure.net/keys/kek").roleCommands());

        assertThat(kept("roles")).hasSize(6).contains("keywrap key wrap (acme)", "keywrap key wrap (acme-eu)");
    }

    @Test
    void rolesOfAManagedHsmAreMadeOnceToo() throws Exception {
        run(policy("https://acme.managedhsm.azure.net/keys/kek").roleCommands());
        run(policy("https://acme.managedhsm.azure.net/keys/another").roleCommands());

        assertThat(kept("roles")).containsExactly("keywrap key unwrap", "keywrap key unwrap read", "keywrap key wrap");
    }

    @Test
    void permissionsThatAPrincipalHasAlreadyAreKept() throws Exception {
        Files.writeString(folder.resolve("policy"), "Sign\nUnwrapKey\n");
        AzureKeyPolicy backup = AzureKeyPolicy.of(
                AzureKeyUrl.parse("https://acme.vault.azure.net/keys/kek"),
                VendorAccess.of(PolicyRole.BACKUP, "aaaaaaaa-0000-4000-8000-000000000000"));

        run(backup.accessPolicyCommands());
        run(backup.accessPolicyCommands());

        assertThat(kept("policy")).containsExactlyInAnyOrder("Sign", "UnwrapKey", "wrapKey");
    }
}
