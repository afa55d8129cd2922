package io.keywrap.cli;

import picocli.CommandLine.Command;

/** The commands of KEKs. */
@Command(
        name = "kek",
        description = "Tells of KEKs, wherever they are held, and of what depends on them.",
        footer = {
            "",
            "Examples:",
            "  keywrap kek status --keystore main=main.p12 keystore:main#tenant-42",
            "  keywrap kek list --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal",
            "  keywrap kek dependents --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal \\",
            "      keystore:main#old"
        })
final class KekCommand implements Runnable {
    @Override
    public void run() {
        throw new UsageException("a command is missing after 'kek'");
    }
}
