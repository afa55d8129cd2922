package io.keywrap.cli;

import io.keywrap.recovery.StoreRecovery;
import io.keywrap.recovery.Summary;
import java.io.IOException;
import java.nio.file.Files;
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
            "A record that cannot be believed ends it with exit code 3, and no file is written. So does a store without"
                    + " keychains. Keep exports apart from the store."
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
                    + " then. OUT must be a new file, since an export that is not complete replaces none. Default: all"
                    + " or nothing.")
    private boolean soundOnly;

    @Option(
            names = "--allow-empty",
            description = "Write an export of a store without keychains too. Default: nothing is written, and the exit"
                    + " code is 3.")
    private boolean allowEmpty;

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
        Kept.of(root, Optional.of(options.store())).refuse(out);
        ExportFile.requireReplaceable(out);
        if (soundOnly && allowEmpty) {
            throw new UsageException("--allow-empty is for complete exports, without --sound-only");
        }
        if (soundOnly && Files.exists(out)) {
            throw new UsageException("OUT is there, and an export of what is sound does not replace it: " + out
                    + "; to do: choose another OUT, and keep this one");
        }
        StoreReport report = new StoreReport();
        return report.of(root, () -> {
            try (Session session = Session.open(root)) {
                export(options.ofExisting(session), report);
            } catch (IOException e) {
                throw Failures.naming(out, e);
            }
        });
    }

    private void export(StoreRecovery recovery, StoreReport report) throws IOException {
        if (!soundOnly && !allowEmpty && !options.holdsAny(root)) {
            report.examined("examined", 0, "keychain");
            report.problem("the store has no keychain, so nothing was written; to do: check --store, or give"
                    + " --allow-empty");
            return;
        }
        Summary summary = soundOnly ? recovery.exportSound(out, report::add) : recovery.exportTo(out);
        report.examined("examined", summary.examined(), "keychain");
        if (Files.notExists(out)) {
            report.problem("the store has no keychain that is sound, so nothing was written; to do: check --store and"
                    + " --seal-kek");
            return;
        }
        report.json().addProperty("export", out.toString());
        report.done("the export was written to " + out);
    }
}
