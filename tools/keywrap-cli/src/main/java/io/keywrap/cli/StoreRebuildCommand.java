package io.keywrap.cli;

import io.keywrap.KekId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes keychains again from their envelopes. */
@Command(
        name = "rebuild",
        description = {
            "Makes portable keychains again from their envelopes, or adds the DEKs that they lack, in a store that is"
                    + " made if it is missing. For when there is no export.",
            "",
            "This believes whoever can wrap under the KEKs given. Name every KEK of the customer's, since a KEK that is"
                    + " left out no longer closes the keychain. What only the lost record knew is gone.",
            "",
            "The exit code is 3 if an envelope gave nothing, or there was none."
        },
        footer = {
            "",
            "Example:",
            "  keywrap store rebuild --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal \\",
            "      --kek keystore:main#tenant-42 backups"
        })
final class StoreRebuildCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private StoreOptions options = new StoreOptions();

    @Option(
            names = "--kek",
            required = true,
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "A KEK of a customer, whose wraps are taken. Repeatable. Required.")
    private List<KekId> keks = List.of();

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "Envelopes, and folders with every regular file in them.")
    private List<Path> paths = List.of();

    StoreRebuildCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        Keks.requireDistinct(keks);
        Envelopes envelopes = Envelopes.in(paths);
        StoreReport report = new StoreReport();
        envelopes.reportSkipped(root, report.json());
        return report.of(root, () -> {
            try (Session session = Session.open(root);
                    Progress progress = Progress.ofFiles(root, "rebuild")) {
                long examined = options.ofExistingOrNew(session)
                        .rebuild(envelopes.watchedBy(progress), Set.copyOf(keks), report::add)
                        .examined();
                report.examined("examined", examined, "envelope");
                if (examined == 0) {
                    report.problem("there is no envelope in what PATH names; to do: check the paths");
                }
                report.done("the rebuild was done");
            }
        });
    }
}
