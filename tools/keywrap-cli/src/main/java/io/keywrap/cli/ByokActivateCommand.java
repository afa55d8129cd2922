package io.keywrap.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a pending key the active one. */
@Command(
        name = "activate",
        description = {"Makes a pending key the active one of a slot that has none."},
        footer = {
            "",
            "Example:",
            "  keywrap byok activate --keystore main=main.p12 --store keychains \\",
            "      --vendor-kek keystore:main#vendor --slot acme --version-number 1"
        })
final class ByokActivateCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private SlotOptions options = new SlotOptions();

    @Option(
            names = "--version-number",
            required = true,
            paramLabel = "N",
            description = "The pending version, as import has shown it. Required.")
    private int version;

    ByokActivateCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        return options.run(
                root,
                Optional.of("the version is active"),
                (slots, session) -> slots.activate(options.slot(), version));
    }
}
