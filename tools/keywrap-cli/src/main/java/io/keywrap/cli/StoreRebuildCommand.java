package io.keywrap.cli;

import io.keywrap.KekId;
import io.keywrap.recovery.Finding;
import io.keywrap.recovery.Summary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
            "This believes whoever can wrap under the KEKs given. Name every KEK of the keychain's customer, from your own"
                    + " records, and nobody else's: an envelope that lacks a wrap under one of them gives nothing. What only"
                    + " the lost record knew is gone.",
            "",
            "The exit code is 3 if an envelope gave nothing, or there was none."
        },
        footer = {
            "",
            "Example:",
            "  keywrap store rebuild --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal \\",
            "      --id tenant-42 --kek keystore:main#tenant-42 backups"
        })
final class StoreRebuildCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private StoreOptions options = new StoreOptions();

    @Option(
            names = "--id",
            required = true,
            paramLabel = "ID",
            converter = Converters.KeychainId.class,
            description = "The keychain to rebuild; envelopes of others are skipped. Required.")
    private String id = "";

    @Option(
            names = "--kek",
            required = true,
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "A KEK of the keychain's customer. Repeatable: each of them must have wrapped every DEK."
                    + " Required.")
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
                Summary summary = options.ofExistingOrNew(session)
                        .rebuild(Map.of(id, Set.copyOf(keks)), envelopes.watchedBy(progress), report::add);
                report.examined("examined", summary.examined(), "envelope");
                if (summary.examined() == summary.count(Finding.Kind.ENVELOPE_SKIPPED)) {
                    report.problem("there is no envelope of keychain '" + id
                            + "' in what PATH names; to do: check the id and the paths");
                }
                report.done("the rebuild was done");
            }
        });
    }
}
