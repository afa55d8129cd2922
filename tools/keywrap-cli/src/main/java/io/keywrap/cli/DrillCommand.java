package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.revocation.Drill;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds out whether the recipients of keychains can unwrap. */
@Command(
        name = "drill",
        description = {
            "Finds out whether every recipient of these keychains can unwrap their DEKs now, before a restore has to find it"
                    + " out. What is unwrapped is proven and wiped; nothing is changed.",
            "",
            "One wrap is unwrapped for each version of a KEK that is CONTROL or REPLICA, by default. With --kek that KEK alone"
                    + " is asked. A failure ends nothing: all are asked, and all are told.",
            "",
            "The exit code is 0 if all can. If not, the first of these that holds for one of them: 4 it is revoked, denied or"
                    + " missing; 3 a wrap is damaged or missing, or a record cannot be read or believed; 6 we cannot ask;"
                    + " 5 it is out of reach."
        },
        footer = {
            "",
            "Example:",
            "  keywrap drill --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal --prefix tenant-4"
        })
final class DrillCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private StoreOptions options = new StoreOptions();

    @Mixin
    private ListFilter keychains = new ListFilter();

    @Option(
            names = "--each-dek",
            description = "Unwrap every wrap of every DEK: a call for each. Default: one for each version of a KEK.")
    private boolean eachDek;

    @Option(
            names = "--retained",
            description = "Ask RETAINED KEKs too, which keywrap never uses by itself. Default: they are not asked.")
    private boolean retained;

    DrillCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        KeychainFilter filter = keychains.value();
        KeychainStore store = options.store().existing(root);
        KekReport report;
        try (Session session = Session.open(root)) {
            report = KekReport.of(
                    drill(store, filter, session).run(), session.providers().states(), keychains.kek());
        }
        JsonObject result = new JsonObject();
        result.addProperty("store", options.store().toString());
        result.addProperty("allOpen", report.exitCode() == ExitCode.DONE);
        report.addTo(result);
        root.result(result, report.lines().toArray(String[]::new));
        return report.exitCode();
    }

    private Drill drill(KeychainStore store, KeychainFilter filter, Session session) {
        Drill.Builder drill =
                Drill.builder(store, session.providers()).seal(options.seal()).filter(filter);
        keychains.kek().ifPresent(drill::only);
        if (eachDek) {
            drill.eachDek();
        }
        if (retained) {
            drill.retained();
        }
        return drill.build();
    }
}
