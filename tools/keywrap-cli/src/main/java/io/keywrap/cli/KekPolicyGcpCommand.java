package io.keywrap.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.keywrap.KekId;
import io.keywrap.gcp.GcpKeyName;
import io.keywrap.gcp.GcpKeyPolicy;
import io.keywrap.gcp.GcpKeyReference;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The bindings on a key in Google Cloud KMS. */
@Command(
        name = "gcp",
        description = {
            "Writes the bindings on a key in Google Cloud KMS. Google decides nothing by the key context, so there is no --context; it"
                    + " authenticates it."
        },
        footer = {
            "",
            "Example:",
            "  keywrap kek policy gcp --role backup --role restore --principal backup@vendor.iam.gserviceaccount.com \\",
            "      projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek"
        })
final class KekPolicyGcpCommand implements Callable<Integer> {
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
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "words (what to click), json (the bindings, and the custom role if one is needed), cli (lines for gcloud)."
                            + " Default: words.")
    private Format format = Format.WORDS;

    KekPolicyGcpCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        KekId kek = PolicyOptions.kek(GcpKeyReference.parse(options.reference(), Set.of()));
        GcpKeyPolicy policy = PolicyOptions.checked(() -> GcpKeyPolicy.of(GcpKeyName.of(kek), options.access()));
        List<String> lines = switch (format) {
            case WORDS -> KekPolicyAwsCommand.numbered(policy.words());
            case JSON -> Json.print(json(policy)).lines().toList();
            case CLI -> policy.commands();
        };
        PolicyOptions.print(root, kek, format.name().toLowerCase(Locale.ROOT), lines);
        return ExitCode.DONE;
    }

    private static JsonObject json(GcpKeyPolicy policy) {
        JsonObject result = JsonParser.parseString(policy.bindings()).getAsJsonObject();
        policy.statusRoleDefinition().ifPresent(definition -> {
            JsonObject roles = new JsonObject();
            roles.add(GcpKeyPolicy.STATUS_ROLE, JsonParser.parseString(definition));
            result.add("customRoles", roles);
        });
        return result;
    }
}
