package io.keywrap.cli;

import io.keywrap.recovery.StoreRecovery;
import io.keywrap.recovery.Summary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a store to one file. */
@Command(
        name = "export",
        description = {
            "Writes every record of a store to one file, encrypted and authenticated under the KEK of the seal.",
            "",
            "A record that cannot be believed ends it with exit code 3, and no file is written. Keep exports apart from"
                    + " the store."
        },
        footer = {
            "",
            "Example:",
            "  keywrap store export --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal \\",
            "      keychains.kwsx"
        })
final class StoreExportCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private StoreOptions options = new StoreOptions();

    @Option(
            names = "--sound-only",
            description = "Leave out what cannot be believed, to save the rest of a damaged store; the exit code is 3"
                    + " then. Keep the last complete export too. Default: all or nothing.")
    private boolean soundOnly;

    @Parameters(
            paramLabel = "OUT",
            description =
                    "The file. An older export is replaced, in one step when the new one is complete; any other file"
                            + " is refused.")
    private Path out = Path.of("");

    StoreExportCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        if (Transfer.isStandard(out)) {
            throw new UsageException("OUT must be a file, which appears whole or not at all");
        }
        FilePlan.checkTarget(out);
        Kept.of(root, Optional.of(options.folder())).refuse(out);
        ExportFile.requireReplaceable(out);
        StoreReport report = new StoreReport();
        try (Session session = Session.open(root)) {
            StoreRecovery recovery = options.ofExisting(session);
            Summary summary = soundOnly ? recovery.exportSound(out, report::add) : recovery.exportTo(out);
            report.examined("examined", summary.examined(), "keychain");
        }
        report.json().addProperty("export", out.toString());
        return report.print(root);
    }
}
