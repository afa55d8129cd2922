package io.keywrap.cli;

import picocli.CommandLine.Command;

/** The commands of keychains. */
@Command(
        name = "keychain",
        description = "Makes, shows and changes keychains in a store, which is a folder.",
        footer = {"", "Example:", "  keywrap keychain list --store keychains"})
final class KeychainCommand implements Runnable {
    @Override
    public void run() {
        throw new UsageException("a command is missing after 'keychain'");
    }
}
