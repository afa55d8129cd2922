package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.revocation.Drill;
import io.keywrap.revocation.KekInventory;
import io.keywrap.store.KeychainStore;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the KEKs that a store depends on. */
@Command(
        name = "list",
        description = {
            "Lists the KEKs that the keychains of a store depend on: every version of each, in every role, with how many"
                    + " keychains and DEKs need it.",
            "",
            "Every record's seal is checked, which takes a call of its KEK for each keychain. No other KEK is asked, unless"
                    + " --check asks each that is CONTROL or REPLICA to unwrap one wrap. Records that cannot be read or"
                    + " believed are named, and the exit code is 3 then."
        },
        footer = {
            "",
            "Example:",
            "  keywrap kek list --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal --check"
        })
final class KekListCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private StoreOptions options = new StoreOptions();

    @Option(
            names = "--check",
            description = "Ask each KEK to unwrap, and show its state, since when, and why. The exit code is that of"
                    + " 'keywrap drill'. Default: none is asked.")
    private boolean check;

    KekListCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        KeychainStore store = options.store().existing(root);
        KekReport report;
        try (Session session = Session.open(root)) {
            report = check
                    ? KekReport.of(
                            Drill.builder(store, session.providers())
                                    .seal(options.seal())
                                    .build()
                                    .run(),
                            session.providers().states(),
                            Optional.empty())
                    : KekReport.of(
                            KekInventory.read(store, session.providers(), options.seal()),
                            session.providers().states());
        }
        JsonObject result = new JsonObject();
        result.addProperty("store", options.store().toString());
        report.addTo(result);
        root.result(result, report.lines().toArray(String[]::new));
        return report.exitCode();
    }
}
