package io.keywrap.emulators;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what in a vault, by role assignments or by access policies: in the place of Azure's Resource Manager, which the
 * emulator does not imitate.
 *
 * <p>Until the first assignment or access policy, every caller who has a token may do everything. From then on callers may do what
 * they were given, and the client whose token {@link AzureKeyVaultEmulator#token()} is stays the owner. A vault has one model or the
 * other: the first of a kind makes what was given in the other void, as at Azure.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class AzureAccess {
    private static final Pattern SCOPE = Pattern.compile(
            "(?:/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\\.KeyVault/vaults/(?<vault>[^/]+))?"
                    + "(?:/keys/(?<key>[A-Za-z0-9-]+)|/)?",
            Pattern.CASE_INSENSITIVE);
    private static final String VAULT_KEYS = "Microsoft.KeyVault/vaults/keys/";
    private static final String HSM_KEYS = "Microsoft.KeyVault/managedHsm/keys/";

    private final String owner;
    private final AzureService.Names names;
    private final boolean managedHsm;
    private final Map<String, Set<String>> roles = new HashMap<>();
    private final List<Assignment> assignments = new ArrayList<>();
    private final Map<String, Set<String>> policies = new HashMap<>();
    private Optional<AzureDenial> model = Optional.empty();

    AzureAccess(String owner, AzureService.Names names, boolean managedHsm) {
        this.owner = owner;
        this.names = names;
        this.managedHsm = managedHsm;
        roles.put(
                managedHsm ? "managed hsm crypto service encryption user" : "key vault crypto service encryption user",
                managedHsm
                        ? Set.of(HSM_KEYS + "read/action", HSM_KEYS + "wrap/action", HSM_KEYS + "unwrap/action")
                        : Set.of(VAULT_KEYS + "read", VAULT_KEYS + "wrap/action", VAULT_KEYS + "unwrap/action"));
    }

    /**
     * Makes a custom role.
     *
     * @param json as {@code az role definition create} takes it, or {@code az keyvault role definition create} for a Managed HSM:
     *     a name and {@code dataActions}, without wildcards
     * @throws IllegalArgumentException if it is not understood, so that none silently says something else than at Azure
     */
    public synchronized void roleDefinition(String json) {
        JsonObject role = object(json);
        String name = text(role, managedHsm ? "roleName" : "Name");
        for (String none : List.of("NotActions", "NotDataActions", "Actions")) {
            if (!texts(role, managedHsm ? lowerFirst(none) : none).isEmpty()) {
                throw new IllegalArgumentException("not understood here: " + none);
            }
        }
        Set<String> actions = texts(role, managedHsm ? "dataActions" : "DataActions");
        String prefix = managedHsm ? HSM_KEYS : VAULT_KEYS;
        if (!actions.stream().allMatch(action -> action.startsWith(prefix) && !action.contains("*"))) {
            throw new IllegalArgumentException("data actions that are not understood here, " + actions);
        }
        roles.put(name.toLowerCase(Locale.ROOT), actions);
    }

    /**
     * Assigns roles.
     *
     * @param json a list as {@code az role assignment list} prints it: {@code principalId}, {@code roleDefinitionName},
     *     {@code scope}, which is the vault, a key of it, or {@code /keys/<name>} of a Managed HSM
     * @throws IllegalArgumentException if a role or scope is not there
     */
    public synchronized void roleAssignments(String json) {
        List<Assignment> added = new ArrayList<>();
        array(json).forEach(item -> {
            JsonObject assignment = item.getAsJsonObject();
            String role = text(assignment, "roleDefinitionName").toLowerCase(Locale.ROOT);
            Matcher scope = SCOPE.matcher(text(assignment, "scope"));
            if (!roles.containsKey(role)) {
                throw new IllegalArgumentException("no such role: " + role);
            }
            if (!scope.matches() || (scope.group("vault") == null) != managedHsm || !isHere(scope.group("vault"))) {
                throw new IllegalArgumentException("no scope of this vault: " + text(assignment, "scope"));
            }
            added.add(new Assignment(text(assignment, "principalId"), role, Optional.ofNullable(scope.group("key"))));
        });
        policies.clear();
        model = Optional.of(managedHsm ? AzureDenial.managedHsm() : AzureDenial.rbac());
        assignments.addAll(added);
    }

    private boolean isHere(@Nullable String vault) {
        return managedHsm || names.vault().equalsIgnoreCase(vault);
    }

    /**
     * Adds access policies, which give what they say on all keys of the vault.
     *
     * @param json a list as a vault has it: {@code tenantId}, {@code objectId}, {@code permissions.keys}
     * @throws IllegalArgumentException if a policy is of another tenant, or for a Managed HSM, which has none
     */
    public synchronized void accessPolicies(String json) {
        if (managedHsm) {
            throw new IllegalArgumentException("a Managed HSM has no access policies");
        }
        Map<String, Set<String>> added = new HashMap<>();
        array(json).forEach(item -> {
            JsonObject policy = item.getAsJsonObject();
            if (!text(policy, "tenantId").equals(names.tenant())) {
                throw new IllegalArgumentException("another tenant: " + text(policy, "tenantId"));
            }
            added.put(text(policy, "objectId"), texts(policy.getAsJsonObject("permissions"), "keys"));
        });
        assignments.clear();
        model = Optional.of(AzureDenial.policy());
        policies.putAll(added);
    }

    /** Takes everything back: every caller may do everything again. */
    public synchronized void clear() {
        assignments.clear();
        policies.clear();
        model = Optional.empty();
    }

    /** The answer to a call that nothing allows. */
    synchronized Optional<AzureFailure> refusal(VaultCall call) {
        if (call.clientId().equalsIgnoreCase(owner)) {
            return Optional.empty();
        }
        String caller = EntraTokens.objectId(call.clientId());
        return model.filter(denial -> !allowed(call, caller))
                .map(denial -> denial.failure(call, names.vault(), names.tenant()));
    }

    private boolean allowed(VaultCall call, String caller) {
        VaultOperation wanted = call.operation();
        if (policies.getOrDefault(caller, Set.of()).stream().anyMatch(wanted.permission::equalsIgnoreCase)) {
            return true;
        }
        String action = managedHsm && wanted.action.equals("read") ? "read/action" : wanted.action;
        return assignments.stream()
                .filter(assignment -> assignment.principal.equals(caller))
                .filter(assignment -> assignment.key.isEmpty()
                        || assignment
                                .key
                                .filter(key ->
                                        call.key().filter(key::equalsIgnoreCase).isPresent())
                                .isPresent())
                .anyMatch(assignment -> roles.getOrDefault(assignment.role, Set.of())
                        .contains((managedHsm ? HSM_KEYS : VAULT_KEYS) + action));
    }

    private static JsonObject object(String json) {
        try {
            return JsonParser.parseString(json).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException e) {
            throw new IllegalArgumentException("not a JSON object", e);
        }
    }

    private static JsonArray array(String json) {
        try {
            return JsonParser.parseString(json).getAsJsonArray();
        } catch (JsonParseException | IllegalStateException e) {
            throw new IllegalArgumentException("not a JSON array", e);
        }
    }

    private static String text(JsonObject object, String name) {
        if (!object.has(name) || !object.get(name).isJsonPrimitive()) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return object.get(name).getAsString();
    }

    private static Set<String> texts(JsonObject object, String name) {
        Set<String> texts = new HashSet<>();
        if (object.has(name)) {
            object.getAsJsonArray(name).forEach(item -> texts.add(item.getAsString()));
        }
        return texts;
    }

    private static String lowerFirst(String name) {
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    private record Assignment(String principal, String role, Optional<String> key) {}
}
