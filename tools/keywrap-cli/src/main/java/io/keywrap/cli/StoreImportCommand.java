package io.keywrap.cli;

import io.keywrap.recovery.StoreRecovery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a store what an export has. */
@Command(
        name = "import",
        description = {
            "Gives a store, which is made if it is missing, what an export has and it lacks.",
            "",
            "A newer record is never replaced by an older one, and a DEK that either side has destroyed stays"
                    + " destroyed. What somebody has to decide is left as it is; the exit code is 3 then."
        },
        footer = {
            "",
            "Example:",
            "  keywrap store import --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal \\",
            "      keychains.kwsx"
        })
final class StoreImportCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private StoreOptions options = new StoreOptions();

    @Option(
            names = "--dry-run",
            description = "Change nothing, and show how store and export differ; the exit code is 3 if the store lacks"
                    + " anything. Default: import.")
    private boolean dryRun;

    @Parameters(paramLabel = "IN", description = "The export.")
    private Path in = Path.of("");

    StoreImportCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        ExportFile.require(in);
        StoreReport report = new StoreReport();
        report.json().addProperty("dryRun", dryRun);
        return report.of(root, () -> {
            try (Session session = Session.open(root)) {
                StoreRecovery recovery = options.ofExistingOrNew(session);
                long exported = dryRun
                        ? ExportFile.compare(recovery, in, report)
                        : ExportFile.using(in, () -> recovery.importFrom(in, report::add))
                                .examined();
                report.examined("examined", exported, "exported keychain");
                if (!dryRun) {
                    report.done("the export was imported");
                }
            }
        });
    }
}
