package io.keywrap.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Destroys the material of a slot. */
@Command(
        name = "revoke",
        description = {
            "Destroys the material of every key of a slot: nothing wraps and unwraps any more, and work under way is aborted in",
            "every JVM within its poll interval. The same keys, imported again, give access back."
        },
        footer = {
            "",
            "Example:",
            "  keywrap byok revoke --keystore main=main.p12 --store keychains \\",
            "      --vendor-kek keystore:main#vendor --slot acme --confirm revoke"
        })
final class ByokRevokeCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private SlotOptions options = new SlotOptions();

    @Option(
            names = "--confirm",
            required = true,
            paramLabel = "WORD",
            description = "The word 'revoke', as a sign that it is meant. Required.")
    private String confirmed = "";

    ByokRevokeCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        return options.run(
                root, Optional.of("the slot is revoked"), (slots, session) -> slots.revoke(options.slot(), confirmed));
    }
}
