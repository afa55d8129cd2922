package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.rewrap.CutOver;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Moves the DEKs of a store to other KEKs. */
@Command(
        name = "rewrap",
        description = {
            "Moves the DEKs of the keychains of a store to another KEK, or to the current version of theirs. No envelope is read"
                    + " or changed.",
            "",
            "Each new wrap is unwrapped and proven before a record is changed. The old KEK is RETAINED for a time; a later run that"
                    + " names it drops its wraps once that is over. What fails is told, and the rest is done all the same. Run it"
                    + " again after a failure, a Ctrl-C or a kill: it does what is left. It may run in several processes.",
            "",
            "With --cut-over the old KEK is given up at once, but only after it is proven that nothing needs it: no keychain of the"
                    + " whole store has it as CONTROL or REPLICA, and every DEK opens under the recipients that remain.",
            "",
            Rewrap.WARNING,
            "",
            "The exit code is 0 if nothing is left to do. If not, the first of these that holds for one item: 4 a KEK is revoked,"
                    + " denied or missing; 3 a wrap is damaged, or a record cannot be read or believed; 6 we cannot ask; 2 a"
                    + " keychain cannot be changed like that; 1 the old KEK is still needed, or anything else; 5 try again, also"
                    + " after Ctrl-C. A dry run ends with what a run would have to tell already."
        },
        footer = {
            "",
            "Examples:",
            "  keywrap rewrap --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal \\",
            "      --from keystore:main#old --to keystore:main#new --dry-run",
            "  keywrap rewrap --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal \\",
            "      --from keystore:main#old --cut-over"
        })
final class RewrapCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private StoreOptions options = new StoreOptions();

    @Mixin
    private RewrapOptions job = new RewrapOptions();

    @Mixin
    private ListFilter keychains = new ListFilter();

    @Option(
            names = "--dry-run",
            description = "Change nothing, and show what would be done: DEKs, calls and time. Default: do it.")
    private boolean dryRun;

    RewrapCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        job.check(dryRun);
        KeychainFilter filter = keychains.value();
        KeychainStore store = options.store().existing(root);
        RewrapResult result = new RewrapResult();
        try (Session session = Session.open(root)) {
            if (job.isWork()) {
                work(session, store, filter, result);
            }
            if (job.cutOver() && result.exitCode() == ExitCode.DONE) {
                cutOver(session, store, result);
            }
        }
        JsonObject object = new JsonObject();
        object.addProperty("store", options.store().toString());
        object.addProperty("dryRun", dryRun);
        result.addTo(object);
        root.result(object, result.lines().toArray(String[]::new));
        return result.exitCode();
    }

    private void work(Session session, KeychainStore store, KeychainFilter filter, RewrapResult result) {
        try (Progress progress = Progress.ofDeks(root, "rewrap")) {
            Rewrap.Builder builder = Rewrap.builder(store, session.providers())
                    .seal(options.seal())
                    .filter(filter)
                    .listener(told -> progress.at(told.deksDone() + told.deksFailed(), told.deksTotal()));
            Rewrap work = job.applyTo(builder).build();
            if (dryRun) {
                result.add(work.plan());
                return;
            }
            run(work, result);
        }
    }

    private void run(Rewrap work, RewrapResult result) {
        Signals signals = Signals.caught(work::cancel);
        try {
            RewrapReport report = work.run();
            result.add(report);
            long changed = report.count(Outcome.MOVED) + report.count(Outcome.DROPPED);
            root.done(Sizes.counted(changed, "DEK") + " changed");
        } finally {
            signals.close();
        }
    }

    private void cutOver(Session session, KeychainStore store, RewrapResult result) {
        for (KekId kek : job.from()) {
            result.add(
                    job.pace(CutOver.from(kek)).run(store, session.providers(), options.seal()),
                    session.providers().states());
        }
    }
}
