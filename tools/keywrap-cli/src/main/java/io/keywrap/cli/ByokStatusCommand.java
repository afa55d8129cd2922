package io.keywrap.cli;

import io.keywrap.KekException.Failure;
import io.keywrap.KekNotFoundException;
import io.keywrap.byok.ByokKms;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows a slot. */
@Command(
        name = "status",
        description = {"Shows the versions of a slot and their states, after checking its seal."},
        footer = {
            "",
            "Example:",
            "  keywrap byok status --keystore main=main.p12 --store keychains \\",
            "      --vendor-kek keystore:main#vendor --slot acme"
        })
final class ByokStatusCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private SlotOptions options = new SlotOptions();

    ByokStatusCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        return options.run(
                root,
                Optional.empty(),
                (slots, session) -> slots.status(options.slot())
                        .orElseThrow(() -> new KekNotFoundException(
                                Failure.of(ByokKms.kekId(options.slot()), "the store has no slot of this name")
                                        .operatorAction("check --slot and --store"))));
    }
}
