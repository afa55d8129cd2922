package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.aws.AwsKeyArn;
import io.keywrap.aws.AwsKeyPolicy;
import io.keywrap.aws.AwsKeyReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The policy of a key in AWS KMS. */
@Command(
        name = "aws",
        description = {
            "Writes the statements for the policy of a key in AWS KMS, or grants in their place.",
            "",
            "Cryptography is allowed with the key context alone: the pairs of --context with their values, those of keywrap itself,"
                    + " and no other key. The principal needs a policy of its own besides, in its own account: --format vendor."
        },
        footer = {
            "",
            "Examples:",
            "  keywrap kek policy aws --role monitor --principal arn:aws:iam::444455556666:role/monitor \\",
            "      arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "  keywrap kek policy aws --role backup --principal 444455556666 --merge policy.json --format json \\",
            "      arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        })
final class KekPolicyAwsCommand implements Callable<Integer> {
    private static final int MAX_POLICY_BYTES = 256 * 1024;

    /** What is written. */
    enum Format {
        WORDS,
        JSON,
        CLI,
        GRANT,
        VENDOR,
        DIFF
    }

    private final KeywrapCommand root;

    @Mixin
    private PolicyOptions options = new PolicyOptions();

    @Option(
            names = "--context",
            paramLabel = "KEY=VALUE",
            description =
                    "A pair of the tenant's own key context, as its keychains have it. Repeatable. Default: none.")
    private List<String> context = List.of();

    @Option(
            names = "--merge",
            paramLabel = "FILE",
            description =
                    "The policy of the key as it is now, as 'aws kms get-key-policy' prints it: write it with the statements,"
                            + " or how it changes. Default: none.")
    private Optional<Path> merge = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "words (what to click, and the statements), json (the statements, or the merged policy), cli (commands that"
                            + " put the merged policy), grant (commands that make grants instead), vendor (policies for the principals"
                            + " themselves), diff (how the merged policy differs). Default: words, with --merge diff.")
    private Optional<Format> format = Optional.empty();

    KekPolicyAwsCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        Format chosen = format.orElse(merge.isPresent() ? Format.DIFF : Format.WORDS);
        if (chosen == Format.DIFF && merge.isEmpty()) {
            throw new UsageException("--format diff goes with --merge");
        }
        if (merge.isPresent() && chosen != Format.DIFF && chosen != Format.JSON) {
            throw new UsageException("--merge goes with --format json or diff");
        }
        KekId kek = PolicyOptions.kek(AwsKeyReference.parse(options.reference(), Set.of()));
        AwsKeyPolicy policy = PolicyOptions.checked(
                () -> AwsKeyPolicy.of(AwsKeyArn.of(kek), options.access(), Contexts.parse("--context", context)));
        String existing = merge.isPresent() ? read(merge.get()) : "";
        List<String> lines = PolicyOptions.checked(() -> lines(chosen, policy, existing));
        PolicyOptions.print(root, kek, chosen.name().toLowerCase(Locale.ROOT), lines);
        return ExitCode.DONE;
    }

    private List<String> lines(Format chosen, AwsKeyPolicy policy, String existing) {
        return switch (chosen) {
            case JSON ->
                (existing.isEmpty()
                                ? policy.statements()
                                : policy.mergedInto(existing).document())
                        .lines()
                        .toList();
            case DIFF -> policy.mergedInto(existing).diff().lines().toList();
            case CLI -> policy.policyCommands("policy.json", "merged.json");
            case GRANT -> policy.grantCommands();
            case VENDOR -> {
                List<String> lines = new ArrayList<>();
                policy.vendorPolicies().forEach((principal, json) -> {
                    lines.add("# " + principal);
                    lines.addAll(json.lines().toList());
                });
                yield lines;
            }
            case WORDS -> {
                List<String> lines = new ArrayList<>(numbered(policy.words()));
                lines.add("");
                lines.addAll(policy.statements().lines().toList());
                yield lines;
            }
        };
    }

    static List<String> numbered(List<String> steps) {
        List<String> lines = new ArrayList<>();
        steps.forEach(step -> lines.add((lines.size() + 1) + ". " + step));
        return lines;
    }

    private static String read(Path file) throws IOException {
        if (Files.size(file) > MAX_POLICY_BYTES) {
            throw new UsageException("--merge: more than a policy, it has " + Files.size(file) + " bytes");
        }
        String text = Files.readString(file);
        if (text.isBlank()) {
            throw new UsageException("--merge: the file is empty");
        }
        return text;
    }
}
