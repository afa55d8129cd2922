package io.keywrap.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets a pending key take over. */
@Command(
        name = "archive",
        description = {
            "Archives the active key and makes a pending one active, in one step. What the archived one has wrapped still",
            "unwraps."
        },
        footer = {
            "",
            "Example:",
            "  keywrap byok archive --keystore main=main.p12 --store keychains \\",
            "      --vendor-kek keystore:main#vendor --slot acme --version-number 2"
        })
final class ByokArchiveCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private SlotOptions options = new SlotOptions();

    @Option(
            names = "--version-number",
            required = true,
            paramLabel = "N",
            description = "The pending version that takes over, as import has shown it. Required.")
    private int version;

    ByokArchiveCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        return options.run(
                root,
                Optional.of("the version is active, and the one before archived"),
                (slots, session) -> slots.archive(options.slot(), version));
    }
}
