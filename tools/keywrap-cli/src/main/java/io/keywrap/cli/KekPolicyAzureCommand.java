package io.keywrap.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.keywrap.KekId;
import io.keywrap.azure.AzureKeyPolicy;
import io.keywrap.azure.AzureKeyReference;
import io.keywrap.azure.AzureKeyUrl;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Roles or access policies for a key in Azure. */
@Command(
        name = "azure",
        description = {
            "Writes role assignments on a key in Azure Key Vault or Managed HSM, or access policies of a vault that has these. A"
                    + " principal is the object id of a service principal in the customer's tenant. Azure binds no context, so"
                    + " there is no --context; keywrap does."
        },
        footer = {
            "",
            "Example:",
            "  keywrap kek policy azure --role backup --role restore --principal 33333333-3333-4333-8333-333333333333 \\",
            "      --format cli https://acme.vault.azure.net/keys/kek"
        })
final class KekPolicyAzureCommand implements Callable<Integer> {
    /** What is written. */
    enum Format {
        WORDS,
        JSON,
        CLI
    }

    private final KeywrapCommand root;

    @Mixin
    private PolicyOptions options = new PolicyOptions();

    @Option(
            names = "--access-policy",
            description = "Write access policies, in json and cli. Default: role assignments.")
    private boolean accessPolicy;

    @Option(
            names = "--tenant",
            paramLabel = "UUID",
            description = "The customer's tenant, with --vault-id. Default: a place to fill in.")
    private Optional<String> tenant = Optional.empty();

    @Option(
            names = "--vault-id",
            paramLabel = "ID",
            description =
                    "The resource id of the vault, with --tenant. Default: places to fill in; the lines of cli find it out.")
    private Optional<String> vaultId = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "words (what to click), json (custom roles and role assignments, or access policies), cli (lines for az)."
                            + " Default: words.")
    private Format format = Format.WORDS;

    KekPolicyAzureCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        if (tenant.isPresent() != vaultId.isPresent()) {
            throw new UsageException("--tenant and --vault-id go together");
        }
        KekId kek = PolicyOptions.kek(AzureKeyReference.parse(options.reference(), Set.of()));
        List<String> lines = PolicyOptions.checked(() -> lines(policy(kek)));
        PolicyOptions.print(root, kek, format.name().toLowerCase(Locale.ROOT), lines);
        return ExitCode.DONE;
    }

    private AzureKeyPolicy policy(KekId kek) {
        AzureKeyPolicy policy = AzureKeyPolicy.of(AzureKeyUrl.of(kek), options.access());
        return tenant.isPresent() ? policy.locatedAt(tenant.get(), vaultId.orElseThrow()) : policy;
    }

    private List<String> lines(AzureKeyPolicy policy) {
        return switch (format) {
            case WORDS -> KekPolicyAwsCommand.numbered(policy.words());
            case JSON -> Json.print(json(policy)).lines().toList();
            case CLI -> accessPolicy ? policy.accessPolicyCommands() : policy.roleCommands();
        };
    }

    private JsonObject json(AzureKeyPolicy policy) {
        JsonObject result = new JsonObject();
        if (accessPolicy) {
            result.add("accessPolicies", JsonParser.parseString(policy.accessPolicies()));
            return result;
        }
        JsonArray definitions = new JsonArray();
        policy.roleDefinitions().values().forEach(definition -> definitions.add(JsonParser.parseString(definition)));
        result.add("roleDefinitions", definitions);
        result.add("roleAssignments", JsonParser.parseString(policy.roleAssignments()));
        return result;
    }
}
