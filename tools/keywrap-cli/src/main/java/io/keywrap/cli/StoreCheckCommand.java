package io.keywrap.cli;

import io.keywrap.recovery.StoreRecovery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks a store, by itself and against what is kept outside of it. */
@Command(
        name = "check",
        description = {
            "Reads every record of a store and checks its seal. Nothing is changed.",
            "",
            "With --export also: what the store lacks of an export, and what is there again that should not be. With"
                    + " --envelopes also: which envelopes the store cannot open; only their headers are read.",
            "",
            "The exit code is 3 if there is a problem."
        },
        footer = {
            "",
            "Example:",
            "  keywrap store check --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal \\",
            "      --export keychains.kwsx --envelopes backups"
        })
final class StoreCheckCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private StoreOptions options = new StoreOptions();

    @Option(
            names = "--export",
            paramLabel = "FILE",
            description = "An export to hold the store against. Default: none.")
    private Optional<Path> export = Optional.empty();

    @Option(
            names = "--envelopes",
            arity = "1..*",
            paramLabel = "PATH",
            description = "Files, and folders with every regular file in them, that the store should open. Default:"
                    + " none.")
    private List<Path> envelopes = List.of();

    StoreCheckCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        Envelopes files = Envelopes.in(envelopes);
        if (export.isPresent()) {
            ExportFile.require(export.get());
        }
        StoreReport report = new StoreReport();
        files.reportSkipped(root, report.json());
        return report.of(root, () -> {
            try (Session session = Session.open(root);
                    Progress progress = Progress.ofFiles(root, "check")) {
                check(options.ofExisting(session), files, progress, report);
            }
        });
    }

    /** The export comes first: whether it is whole and genuine is known before anything else has taken its time. */
    private void check(StoreRecovery recovery, Envelopes files, Progress progress, StoreReport report)
            throws IOException {
        if (export.isPresent()) {
            report.examined("exported", ExportFile.compare(recovery, export.get(), report), "exported keychain");
        }
        long keychains = recovery.check(report::add).examined();
        report.examined("examined", keychains, "keychain");
        if (keychains == 0) {
            report.note("the store has no keychain that can be read");
        }
        if (!envelopes.isEmpty()) {
            long checked = recovery.checkEnvelopes(files.watchedBy(progress), report::add)
                    .examined();
            report.examined("envelopes", checked, "envelope");
            if (checked == 0) {
                report.problem("there is no envelope in what --envelopes names; to do: check the paths");
            }
        }
    }
}
