package io.keywrap.cli;

import picocli.CommandLine.Command;

/** The commands for a whole store. */
@Command(
        name = "store",
        description = "Checks a store of keychains, exports it, and puts it right after damage or loss.",
        footer = {
            "",
            "Example:",
            "  keywrap store check --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal"
        })
final class StoreCommand implements Runnable {
    @Override
    public void run() {
        throw new UsageException("a command is missing after 'store'");
    }
}
