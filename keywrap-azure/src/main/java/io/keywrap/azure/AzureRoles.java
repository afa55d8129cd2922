package io.keywrap.azure;

import io.keywrap.onboarding.KekOperation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What operations are called in roles and in access policies. */
final class AzureRoles {
    private final boolean managedHsm;
    private final String vault;

    AzureRoles(String vault, boolean managedHsm) {
        this.vault = vault;
        this.managedHsm = managedHsm;
    }

    /** Whether Azure has a role with just this. A re-wrap is an unwrap and a wrap. */
    boolean isBuiltIn(Set<KekOperation> operations) {
        return words(operations).size() == 3;
    }

    /**
     * The name of a custom role is taken in the whole tenant of the customer, while one of ours is for the resource group of one
     * vault; so it has the name of the vault, which no other has. In a Managed HSM names are local.
     */
    String name(Set<KekOperation> operations) {
        if (isBuiltIn(operations)) {
            return managedHsm
                    ? "Managed HSM Crypto Service Encryption User"
                    : "Key Vault Crypto Service Encryption User";
        }
        return "keywrap key " + String.join(" ", words(operations)) + (managedHsm ? "" : " (" + vault + ")");
    }

    List<String> actions(Set<KekOperation> operations) {
        return words(operations).stream().map(this::action).toList();
    }

    private String action(String word) {
        return "Microsoft.KeyVault/" + (managedHsm ? "managedHsm" : "vaults") + "/keys/" + word
                + (word.equals("read") && !managedHsm ? "" : "/action");
    }

    /** Of an access policy. */
    List<String> permissions(Set<KekOperation> operations) {
        return words(operations).stream()
                .map(word -> word.equals("read") ? "get" : word + "Key")
                .toList();
    }

    private static List<String> words(Set<KekOperation> operations) {
        List<String> words = new ArrayList<>();
        if (operations.contains(KekOperation.WRAP)) {
            words.add("wrap");
        }
        if (operations.contains(KekOperation.UNWRAP)) {
            words.add("unwrap");
        }
        if (operations.contains(KekOperation.STATUS)) {
            words.add("read");
        }
        return words;
    }

    /** A custom role; on one line if there is no line end. */
    String definition(Set<KekOperation> operations, String scope, String lineEnd) {
        String quoted = actions(operations).stream()
                .map(action -> "\"" + action + "\"")
                .collect(Collectors.joining(lineEnd.isEmpty() ? "," : ", "));
        String description = "Lets a backup service " + String.join(" and ", words(operations)) + " with a key.";
        List<String> members = managedHsm
                ? List.of(
                        member("roleName", "\"" + name(operations) + "\"", lineEnd),
                        member("description", "\"" + description + "\"", lineEnd),
                        member("actions", "[]", lineEnd),
                        member("notActions", "[]", lineEnd),
                        member("dataActions", "[" + quoted + "]", lineEnd),
                        member("notDataActions", "[]", lineEnd))
                : List.of(
                        member("Name", "\"" + name(operations) + "\"", lineEnd),
                        member("IsCustom", "true", lineEnd),
                        member("Description", "\"" + description + "\"", lineEnd),
                        member("Actions", "[]", lineEnd),
                        member("NotActions", "[]", lineEnd),
                        member("DataActions", "[" + quoted + "]", lineEnd),
                        member("NotDataActions", "[]", lineEnd),
                        member("AssignableScopes", "[" + scope + "]", lineEnd));
        return "{" + lineEnd + String.join("," + lineEnd, members) + lineEnd + "}" + lineEnd;
    }

    private static String member(String name, String value, String lineEnd) {
        return lineEnd.isEmpty() ? "\"" + name + "\":" + value : "  \"" + name + "\": " + value;
    }
}
