package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.rewrap.DekRotation;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Gives the keychains of a store new primaries by age. */
@Command(
        name = "rotate-all",
        description = {
            "Makes a new primary DEK for every use of every keychain of a store whose primary is old, also where nobody writes any"
                    + " more.",
            "",
            "Older DEKs stay and decrypt what is there; nothing is re-encrypted. What fails is told, and the rest is done all the"
                    + " same. Run it again after a failure, a Ctrl-C or a kill: it does what is left. The exit codes are those of"
                    + " 'keywrap rewrap'."
        },
        footer = {
            "",
            "Example:",
            "  keywrap keychain rotate-all --keystore main=main.p12 --store keychains \\",
            "      --seal-kek keystore:main#seal --older-than 90d"
        })
final class KeychainRotateAllCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private StoreOptions options = new StoreOptions();

    @Mixin
    private ListFilter keychains = new ListFilter();

    @Mixin
    private PaceOptions pace = new PaceOptions();

    @Option(
            names = "--older-than",
            paramLabel = "TIME",
            converter = Converters.Time.class,
            defaultValue = "90d",
            description = "How old a primary is that is replaced, such as 30d; 0d for all. Default: ${DEFAULT-VALUE}.")
    private Duration olderThan = Duration.ofDays(90);

    @Option(
            names = "--dry-run",
            description = "Change nothing, and show what would be done: DEKs, calls and time. Default: do it.")
    private boolean dryRun;

    KeychainRotateAllCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        KeychainFilter filter = keychains.value();
        KeychainStore store = options.store().existing(root);
        RewrapResult result = new RewrapResult();
        try (Session session = Session.open(root);
                Progress progress = Progress.ofDeks(root, "rotate")) {
            DekRotation job = applied(DekRotation.builder(store, session.providers()))
                    .seal(options.seal())
                    .filter(filter)
                    .listener(told -> progress.at(told.deksDone() + told.deksFailed(), told.deksTotal()))
                    .build();
            if (dryRun) {
                result.add(job.plan());
            } else {
                run(job, result);
            }
        }
        JsonObject object = new JsonObject();
        object.addProperty("store", options.store().toString());
        object.addProperty("dryRun", dryRun);
        result.addTo(object);
        root.result(object, result.lines().toArray(String[]::new));
        return result.exitCode();
    }

    private DekRotation.Builder applied(DekRotation.Builder job) {
        try {
            return job.olderThan(olderThan).rate(pace.rate()).concurrency(pace.concurrency());
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private void run(DekRotation job, RewrapResult result) {
        Signals signals = Signals.caught(job::cancel);
        try {
            RewrapReport report = job.run();
            result.add(report);
            root.done(Sizes.counted(report.count(Outcome.ROTATED), "primary DEK") + " made");
        } finally {
            signals.close();
        }
    }
}
