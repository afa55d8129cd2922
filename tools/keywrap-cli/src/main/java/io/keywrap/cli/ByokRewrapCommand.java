package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekException;
import io.keywrap.byok.ByokRewrap;
import io.keywrap.byok.ByokRewrap.Item;
import io.keywrap.byok.ByokRewrap.Outcome;
import io.keywrap.byok.ByokRewrap.Report;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Moves slots to another KEK of the vendor's, or its current version. */
@Command(
        name = "rewrap",
        description = {
            "Brings every slot of the store under the current version of --vendor-kek, from whatever version or KEK of --accept-kek it"
                    + " is under: uploaded keys and seals. Keys, states and backups are not touched.",
            "",
            "Each key is recognised, wrapped, unwrapped and compared before its old wrap goes. Run it again after a failure or a kill:"
                    + " it does what is left. Transport keys are under a keychain: 'keywrap rewrap' moves it. Ask 'keywrap kek"
                    + " dependents' before the old KEK or version is destroyed.",
            "",
            "The exit code is 0 if nothing is left to do, 1 if wraps do not tell their version, and that of the first failure if a slot"
                    + " failed. A dry run that would work is 0."
        },
        footer = {
            "",
            "Examples:",
            "  keywrap byok rewrap --store keychains \\",
            "      --vendor-kek gcp-kms://projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek",
            "  keywrap byok rewrap --keystore main=main.p12 --store keychains --vendor-kek keystore:main#new \\",
            "      --accept-kek keystore:main#old --dry-run"
        })
final class ByokRewrapCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private SlotPlaceOptions options = new SlotPlaceOptions();

    @Option(
            names = "--untold-too",
            description =
                    "Also make wraps again that do not tell their version, each time this is run. Default: they are left, and"
                            + " told.")
    private boolean untoldToo;

    @Option(names = "--dry-run", description = "Change nothing, and show what would be done. Default: do it.")
    private boolean dryRun;

    ByokRewrapCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        Report report = options.run(root, (slots, session) -> {
            ByokRewrap work = untoldToo ? ByokRewrap.of(slots).untoldToo() : ByokRewrap.of(slots);
            return dryRun ? work.plan() : work.run();
        });
        if (!dryRun) {
            root.done(Sizes.counted(report.count(Outcome.REWRAPPED), "slot") + " re-wrapped");
        }
        int exitCode = exitCode(report);
        JsonObject result = toJson(report);
        result.addProperty("exitCode", exitCode);
        root.result(result, lines(report).toArray(String[]::new));
        return exitCode;
    }

    private static int exitCode(Report report) {
        for (Item item : report.left()) {
            if (item.failure().isPresent()) {
                return ExitCode.of(item.failure().get());
            }
        }
        return report.count(Outcome.FAILED) > 0 || report.count(Outcome.UNTOLD) > 0 || report.stopped()
                ? ExitCode.OTHER
                : ExitCode.DONE;
    }

    private JsonObject toJson(Report report) {
        JsonObject result = new JsonObject();
        result.addProperty("store", options.place().store().toString());
        result.addProperty("vendorKek", options.place().vendorKek().uri());
        result.addProperty("dryRun", dryRun);
        JsonObject counts = new JsonObject();
        for (Outcome outcome : Outcome.values()) {
            counts.addProperty(outcome.name(), report.count(outcome));
        }
        result.add("counts", counts);
        result.add("left", Json.objects(report.left(), ByokRewrapCommand::toJson));
        result.addProperty("stopped", report.stopped());
        result.addProperty("complete", report.complete());
        return result;
    }

    private static JsonObject toJson(Item item) {
        JsonObject one = new JsonObject();
        one.addProperty("place", item.place());
        one.addProperty("outcome", item.outcome().name());
        one.addProperty("message", item.message());
        item.failure().map(KekException::operatorAction).ifPresent(action -> one.addProperty("toDo", action));
        return one;
    }

    private static List<String> lines(Report report) {
        List<String> lines = new ArrayList<>();
        for (Outcome outcome : Outcome.values()) {
            if (report.count(outcome) > 0) {
                lines.add("%-9s %s".formatted(outcome, Sizes.counted(report.count(outcome), "slot")));
            }
        }
        report.left().forEach(item -> lines.add("! " + item.place() + ": " + item.outcome() + ", " + item.message()));
        if (report.stopped()) {
            lines.add("stopped before the last slot");
        }
        return lines.isEmpty() ? List.of("the store has no slots") : lines;
    }
}
