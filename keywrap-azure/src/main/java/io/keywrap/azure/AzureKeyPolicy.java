package io.keywrap.azure;

import io.keywrap.onboarding.KekOperation;
import io.keywrap.onboarding.VendorAccess;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What lets a vendor's service principals use a customer's key in Azure Key Vault or Managed HSM, and nothing more: role assignments
 * on the key, or access policies of a vault that has these instead.
 *
 * <p>Whoever wraps, unwraps and reads the state gets the role that Azure has for it, <em>Key Vault Crypto Service Encryption User</em>
 * or <em>Managed HSM Crypto Service Encryption User</em>. For less there is none, so there are custom roles, which have the name of
 * the vault in theirs, since no two in a tenant may have the same.
 *
 * <p><b>Shape and units:</b> texts that depend on nothing but what was given, so that they can be compared and kept under version
 * control. Places that are not known stand in them as {@code <subscription>} and the like, until {@link #locatedAt} tells them;
 * the lines of commands find them out.
 *
 * <p><b>Security:</b> Azure binds no context to a wrap, so it decides nothing by one. keywrap refuses a wrap of another context after
 * the unwrap; whoever may unwrap with the key may do so for every context. An access policy is for all keys of its vault. A
 * vault for each tenant keeps tenants apart.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/general/rbac-guide">Role-based access to Key Vault</a>
 */
public final class AzureKeyPolicy {
    private static final Pattern OBJECT_ID = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern VAULT_ID = Pattern.compile(
            "/subscriptions/" + OBJECT_ID.pattern()
                    + "/resourceGroups/[\\w.()-]{1,90}/providers/Microsoft\\.KeyVault/vaults/[A-Za-z0-9-]{3,24}",
            Pattern.CASE_INSENSITIVE);

    private final AzureKeyUrl key;
    private final SortedMap<String, Set<KekOperation>> operations;
    private final AzureRoles roles;
    private final String tenant;
    private final String vaultId;

    private AzureKeyPolicy(
            AzureKeyUrl key, SortedMap<String, Set<KekOperation>> operations, String tenant, String vaultId) {
        this.key = key;
        this.operations = operations;
        this.roles = new AzureRoles(name(key), key.isManagedHsm());
        this.tenant = tenant;
        this.vaultId = vaultId;
    }

    /**
     * Makes the policy of one key.
     *
     * @param key the customer's key; a version is of no matter
     * @param access who is to have which role, by the <em>object ids</em> of service principals in the customer's tenant, which are
     *     other ids than those of the applications
     * @return the policy
     * @throws IllegalArgumentException if a principal is no UUID
     */
    public static AzureKeyPolicy of(AzureKeyUrl key, VendorAccess access) {
        SortedMap<String, Set<KekOperation>> operations =
                access.inForm(AzureKeyPolicy::objectId).operationsByPrincipal();
        return new AzureKeyPolicy(
                key,
                operations,
                "<tenant>",
                "/subscriptions/<subscription>/resourceGroups/<resource group>/providers/Microsoft.KeyVault/vaults/"
                        + name(key));
    }

    private static String objectId(String principal) {
        String id = principal.toLowerCase(Locale.ROOT);
        if (!OBJECT_ID.matcher(id).matches()) {
            throw new IllegalArgumentException("not the object id of a service principal: '" + principal
                    + "'; expected the UUID that 'az ad sp show --id <application id> --query id' prints in the customer's"
                    + " tenant");
        }
        return id;
    }

    private static String name(AzureKeyUrl key) {
        return key.host().substring(0, key.host().indexOf('.'));
    }

    /**
     * The same, with the places that the URL of a key does not tell.
     *
     * @param tenantId the customer's tenant, a UUID
     * @param vaultResourceId the resource id of the vault, {@code /subscriptions/…/vaults/<name>}
     * @return a new policy
     * @throws IllegalArgumentException if one of them is none, or the vault is another than that of the key
     */
    public AzureKeyPolicy locatedAt(String tenantId, String vaultResourceId) {
        String id = objectId(tenantId);
        if (!VAULT_ID.matcher(vaultResourceId).matches()
                || !vaultResourceId.toLowerCase(Locale.ROOT).endsWith("/vaults/" + name(key))) {
            throw new IllegalArgumentException("not the resource id of the vault '" + name(key) + "': '"
                    + vaultResourceId + "'; 'az keyvault show --name " + name(key) + " --query id' prints it");
        }
        return new AzureKeyPolicy(key, operations, id, vaultResourceId);
    }

    /**
     * The custom roles that are needed, as {@code az role definition create} takes them, or {@code az keyvault role definition
     * create} for a Managed HSM.
     *
     * @return JSON by the name of the role; empty if the roles of Azure do
     */
    public SortedMap<String, String> roleDefinitions() {
        SortedMap<String, String> definitions = new TreeMap<>();
        operations.values().stream()
                .filter(allowed -> !roles.isBuiltIn(allowed))
                .forEach(allowed ->
                        definitions.put(roles.name(allowed), roles.definition(allowed, "\"" + group() + "\"", "\n")));
        return Collections.unmodifiableSortedMap(definitions);
    }

    private String group() {
        return vaultId.substring(0, vaultId.toLowerCase(Locale.ROOT).indexOf("/providers/"));
    }

    /**
     * The role assignments, in the form of {@code az role assignment list}.
     *
     * @return a JSON list
     */
    public String roleAssignments() {
        String scope = (key.isManagedHsm() ? "" : vaultId) + "/keys/" + key.name();
        return list(operations, (principal, allowed) -> """
                  {
                    "principalId": "%s",
                    "principalType": "ServicePrincipal",
                    "roleDefinitionName": "%s",
                    "scope": "%s"
                  }""".formatted(principal, roles.name(allowed), scope));
    }

    /**
     * The access policies, for a vault that has these, as a template of Azure has them: in one that makes a vault they take the
     * place of all that it has, so use them with the operation <em>add</em>, or the {@link #accessPolicyCommands() lines}.
     *
     * @return a JSON list
     * @throws IllegalArgumentException of a Managed HSM, which has no access policies
     */
    public String accessPolicies() {
        requireVault();
        return list(operations, (principal, allowed) -> """
                  {
                    "tenantId": "%s",
                    "objectId": "%s",
                    "permissions": {
                      "keys": [%s]
                    }
                  }""".formatted(
                        tenant,
                        principal,
                        roles.permissions(allowed).stream()
                                .map(permission -> "\"" + permission + "\"")
                                .collect(Collectors.joining(", "))));
    }

    private static String list(
            SortedMap<String, Set<KekOperation>> operations, BiFunction<String, Set<KekOperation>, String> form) {
        return operations.entrySet().stream()
                        .map(entry -> form.apply(entry.getKey(), entry.getValue())
                                .indent(2)
                                .stripTrailing())
                        .collect(Collectors.joining(",\n", "[\n", "\n]"))
                + "\n";
    }

    /**
     * Lines for the Azure CLI that make the custom roles which are not there yet, and assign the roles.
     *
     * @return lines for a POSIX shell, the first of which finds out the resource id of the vault
     */
    public List<String> roleCommands() {
        List<String> lines = new ArrayList<>();
        Map<String, Set<KekOperation>> custom = new TreeMap<>();
        operations.values().stream()
                .filter(allowed -> !roles.isBuiltIn(allowed))
                .forEach(allowed -> custom.put(roles.name(allowed), allowed));
        String name = name(key);
        if (key.isManagedHsm()) {
            custom.values()
                    .forEach(allowed -> lines.add(unlessThere("az keyvault role definition list --hsm-name " + name
                                    + " --query \"[?roleName=='" + roles.name(allowed) + "'].roleName\" --output tsv")
                            + "az keyvault role definition create --hsm-name " + name + " --role-definition '"
                            + roles.definition(allowed, "", "") + "'"));
            operations.forEach((principal, allowed) -> lines.add("az keyvault role assignment create --hsm-name " + name
                    + " --assignee-object-id " + principal + " --assignee-principal-type ServicePrincipal --role '"
                    + roles.name(allowed) + "' --scope /keys/" + key.name()));
            return lines;
        }
        lines.add("VAULT=$(az keyvault show --name " + name + " --query id --output tsv)");
        custom.values()
                .forEach(allowed -> lines.add(unlessThere("az role definition list --custom-role-only true --name '"
                                + roles.name(allowed)
                                + "' --scope \"${VAULT%/providers/*}\" --query '[].roleName' --output tsv")
                        + "az role definition create --role-definition '"
                        + roles.definition(allowed, "\"'\"${VAULT%/providers/*}\"'\"", "") + "'"));
        operations.forEach(
                (principal, allowed) -> lines.add("az role assignment create --assignee-object-id " + principal
                        + " --assignee-principal-type ServicePrincipal --role '" + roles.name(allowed)
                        + "' --scope \"$VAULT/keys/"
                        + key.name() + "\""));
        return lines;
    }

    private static String unlessThere(String query) {
        return "test -n \"$(" + query + ")\" || ";
    }

    /**
     * Lines for the Azure CLI that add to the access policies. What it sets takes the place of the permissions that the principal
     * has for keys, so they are asked for first, and set too.
     *
     * @return one line for each principal, for a POSIX shell
     * @throws IllegalArgumentException of a Managed HSM, which has no access policies
     */
    public List<String> accessPolicyCommands() {
        requireVault();
        return operations.entrySet().stream()
                .map(entry -> "KEPT=$(az keyvault show --name " + name(key)
                        + " --query \"properties.accessPolicies[?objectId=='" + entry.getKey()
                        + "'].permissions.keys[]\" --output tsv) && az keyvault set-policy --name " + name(key)
                        + " --object-id " + entry.getKey() + " --key-permissions $(printf '%s\\n' "
                        + String.join(" ", roles.permissions(entry.getValue())) + " $KEPT | sort -fu)")
                .toList();
    }

    private void requireVault() {
        if (key.isManagedHsm()) {
            throw new IllegalArgumentException("a Managed HSM has no access policies; use its roles");
        }
    }

    /**
     * What to click in the Azure portal.
     *
     * @return the steps, one sentence or two each
     */
    public List<String> words() {
        List<String> steps = new ArrayList<>();
        String name = name(key);
        if (key.isManagedHsm()) {
            steps.add(
                    "The roles of keys in a Managed HSM are local to it, and custom ones are made with the Azure CLI alone.");
            steps.add("Open the Azure portal, the Managed HSM " + name + ", and there Local RBAC, Add.");
        } else {
            steps.add("Open the Azure portal, the vault " + name
                    + ", and there Access configuration, which says how access is given.");
            steps.add("If it says role-based access control: open Keys, the key " + key.name()
                    + ", Access control (IAM), Add, Add role assignment.");
        }
        operations.forEach((principal, allowed) -> steps.add("Choose the role " + roles.name(allowed)
                + (roles.isBuiltIn(allowed)
                        ? ""
                        : ", a custom role with the data actions " + String.join(" and ", roles.actions(allowed)))
                + "; the scope is the key; the member is the service principal with the object id " + principal + "."));
        if (!key.isManagedHsm()) {
            operations.forEach((principal, allowed) ->
                    steps.add("If it says access policies: Access policies, Create, the key permissions "
                            + String.join(" and ", roles.permissions(allowed)) + ", the service principal " + principal
                            + "; if it is in the list already, Edit, and leave what it has."));
        }
        steps.add("It takes effect within minutes. To end the access, remove these again, or disable the key.");
        return steps;
    }

    /**
     * Whose key and what for.
     *
     * @return such as {@code AzureKeyPolicy[https://…, {…=[…]}]}
     */
    @Override
    public String toString() {
        return "AzureKeyPolicy[" + key + ", " + operations + "]";
    }
}
