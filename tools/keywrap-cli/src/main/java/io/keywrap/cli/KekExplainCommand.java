package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.aws.AwsKeyReference;
import io.keywrap.azure.AzureKeyReference;
import io.keywrap.gcp.GcpKeyReference;
import io.keywrap.onboarding.KeyReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** What a reference that somebody pasted is. */
@Command(
        name = "explain",
        description = {
            "Says which KEK a reference names that a customer has pasted: an ARN, a resource name, a key identifier, with white space,"
                    + " quotes and addresses of consoles around it; or what it looks like, and what to paste instead. No cloud is"
                    + " asked.",
            "",
            "A reference that names no KEK is a result with the exit code 6."
        },
        footer = {
            "",
            "Examples:",
            "  keywrap kek explain 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'",
            "  keywrap kek explain --cloud gcp --place europe-west1 \\",
            "      projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek"
        })
final class KekExplainCommand implements Callable<Integer> {
    /** Whose reference it is to be. */
    enum Cloud {
        AWS,
        GCP,
        AZURE
    }

    private final KeywrapCommand root;

    @Parameters(
            paramLabel = "REFERENCE",
            arity = "1..*",
            description = "What was pasted; several words are one reference. It is repeated only where it names a key.")
    private List<String> pasted = List.of();

    @Option(
            names = "--cloud",
            paramLabel = "CLOUD",
            description = "aws, gcp or azure, where only a key of this one will do. Default: any.")
    private Optional<Cloud> cloud = Optional.empty();

    @Option(
            names = "--place",
            paramLabel = "NAME",
            description =
                    "Where the key may be, with --cloud: a Region of AWS, a location of Google Cloud, or azure.net,"
                            + " usgovcloudapi.net, azure.cn. Repeatable. Default: anywhere.")
    private List<String> places = List.of();

    KekExplainCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        if (!places.isEmpty() && cloud.isEmpty()) {
            throw new UsageException("--place goes with --cloud");
        }
        KeyReference reference = cloud.map(this::of).orElseGet(this::ofAny);
        JsonObject result = new JsonObject();
        result.addProperty("accepted", reference.kekId().isPresent());
        reference.kekId().ifPresent(kek -> result.addProperty("kek", kek.uri()));
        result.addProperty("looksLike", reference.looksLike());
        result.add("notes", Json.strings(reference.notes()));
        reference.pasteInstead().ifPresent(text -> result.addProperty("pasteInstead", text));
        root.result(result, lines(reference).toArray(String[]::new));
        return reference.kekId().isPresent() ? ExitCode.DONE : ExitCode.CONFIGURATION;
    }

    /** A secret that begins with a hyphen, or stands behind one, is taken for an option; messages about options repeat it. */
    static ParameterException withoutWhatWasPasted(ParameterException failure) {
        return new ParameterException(
                failure.getCommandLine(),
                "one REFERENCE is explained, with the options --cloud and --place; to do: put the reference between quotes,"
                        + " behind '--' if it begins with a hyphen. What was given is not repeated, since it may be a secret");
    }

    private static List<String> lines(KeyReference reference) {
        List<String> lines = new ArrayList<>();
        reference.kekId().ifPresent(kek -> lines.add("KEK      " + kek));
        lines.add((reference.kekId().isPresent() ? "this is  " : "! this looks like ") + reference.looksLike());
        reference.notes().forEach(note -> lines.add("note     " + note));
        reference.pasteInstead().ifPresent(text -> lines.add("to do: " + text));
        return lines;
    }

    private KeyReference of(Cloud one) {
        Set<String> allowed = Set.copyOf(places);
        String text = String.join(" ", pasted);
        return switch (one) {
            case AWS -> AwsKeyReference.parse(text, allowed);
            case GCP -> GcpKeyReference.parse(text, allowed);
            case AZURE -> AzureKeyReference.parse(text, allowed);
        };
    }

    /** The one that is accepted, else the first that knows what it looks like. */
    private KeyReference ofAny() {
        List<KeyReference> all = Stream.of(Cloud.values()).map(this::of).toList();
        return all.stream()
                .filter(reference -> reference.kekId().isPresent())
                .findFirst()
                .or(() -> all.stream()
                        .filter(reference -> !reference.looksLike().startsWith("a reference of ")
                                && !reference.looksLike().startsWith("nothing that names"))
                        .findFirst())
                .orElseGet(() -> KeyReference.refused(
                        "nothing that names a key in AWS KMS, Google Cloud KMS or Azure Key Vault",
                        "paste the ARN of a key in AWS, the resource name of one in Google Cloud, or the key identifier of one"
                                + " in Azure"));
    }
}
