package io.keywrap.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Destroys one version for good. */
@Command(
        name = "drop",
        description = {
            "Destroys a version that is archived, revoked or pending for good: what is wrapped under it alone is lost.",
            "",
            "It is refused while a keychain of the store has or may have wraps under the version, and if the store has no keychains: 'keywrap rewrap --renew byok://SLOT'"
                    + " moves them, and 'keywrap kek dependents --kek-version N byok://SLOT' tells what is left."
        },
        footer = {
            "",
            "Example:",
            "  keywrap byok drop --keystore main=main.p12 --store keychains \\",
            "      --vendor-kek keystore:main#vendor --slot acme --version-number 1 --confirm drop"
        })
final class ByokDropCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private SlotOptions options = new SlotOptions();

    @Option(names = "--version-number", required = true, paramLabel = "N", description = "The version. Required.")
    private int version;

    @Option(
            names = "--confirm",
            required = true,
            paramLabel = "WORD",
            description =
                    "The word 'drop', as a sign that it is meant; or 'drop unchecked', which looks at no keychain."
                            + " Required.")
    private String confirmed = "";

    @Option(
            names = "--keychains",
            paramLabel = "PLACE",
            converter = Converters.Store.class,
            description = "The store of the keychains that may need the version, if it is another. Default: --store.")
    private Optional<StorePlace> keychains = Optional.empty();

    ByokDropCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        return options.run(
                root,
                Optional.of("the version is dropped"),
                keychains,
                (slots, session) -> slots.drop(options.slot(), version, confirmed));
    }
}
