package io.keywrap.cli;

import com.google.gson.JsonParser;
import io.keywrap.KekId;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.Preflight;
import io.keywrap.onboarding.PreflightReport;
import io.keywrap.onboarding.PreflightReport.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks whether a customer's KEK will do. */
@Command(
        name = "check",
        description = {
            "Looks whether a KEK will do before anything is encrypted under it: its place and owner, type, state and rotation, each"
                    + " permission of whoever runs this, a DEK that is wrapped and unwrapped, and that it does not unwrap with"
                    + " another key context. Each line is PASS, WARN or FAIL, with what to do.",
            "",
            "Nothing is stored, and nothing at the customer's is changed. They see the calls in their log, with the keychain"
                    + " keywrap-preflight in the key context. Run it where the product runs, once for each principal.",
            "",
            "The exit code is 0 if the KEK can be used, also with warnings, and 1 if it cannot."
        },
        footer = {
            "",
            "Examples:",
            "  keywrap kek check --keystore main=main.p12 keystore:main#tenant-42",
            "  keywrap kek check --region eu-west-1 --owner 111122223333 --role backup --role restore --context tenant=acme \\",
            "      aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        })
final class KekCheckCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Parameters(paramLabel = "URI", converter = Converters.Kek.class, description = "The KEK.")
    private KekId kek = KekId.of("keystore:none#none");

    @Option(
            names = "--region",
            paramLabel = "NAME",
            description =
                    "Where the key may be: a Region of AWS, a location of Google Cloud, or azure.net, usgovcloudapi.net, azure.cn."
                            + " Repeatable. Default: anywhere.")
    private List<String> regions = List.of();

    @Option(
            names = "--owner",
            paramLabel = "NAME",
            description = "Whose the key has to be: an account of AWS, a project of Google Cloud, the host of a vault."
                    + " Default: anybody's.")
    private Optional<String> owner = Optional.empty();

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            description =
                    "What whoever runs this has to be allowed: backup, restore, rewrap, monitor. Repeatable. Default: to wrap and"
                            + " unwrap; what else is missing is a warning.")
    private List<PolicyRole> roles = List.of();

    @Option(
            names = "--context",
            paramLabel = "KEY=VALUE",
            description =
                    "A pair of the tenant's own key context, as its keychains have it. Repeatable. Default: none.")
    private List<String> context = List.of();

    KekCheckCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        try (Session session = Session.open(root)) {
            PreflightReport report = preflight(session).check(kek);
            root.result(
                    JsonParser.parseString(report.toJson()).getAsJsonObject(),
                    report.toText().lines().toArray(String[]::new));
            return report.verdict() == Verdict.FAIL ? ExitCode.OTHER : ExitCode.DONE;
        }
    }

    private Preflight preflight(Session session) {
        Preflight.Builder preflight = Preflight.of(session.factory(kek))
                .regions(Set.copyOf(regions))
                .time(session.providers().time());
        owner.ifPresent(preflight::owner);
        if (!roles.isEmpty()) {
            preflight.roles(roles.get(0), roles.subList(1, roles.size()).toArray(PolicyRole[]::new));
        }
        return PolicyOptions.checked(
                () -> preflight.keyContext(Contexts.parse("--context", context)).build());
    }
}
