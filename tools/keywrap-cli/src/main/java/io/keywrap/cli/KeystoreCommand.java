package io.keywrap.cli;

import picocli.CommandLine.Command;

/** The commands of key stores. */
@Command(
        name = "keystore",
        description = "Makes KEKs in PKCS#12 files.",
        footer = {"", "Example:", "  keywrap keystore create main.p12 --alias tenant-42"})
final class KeystoreCommand implements Runnable {
    @Override
    public void run() {
        throw new UsageException("a command is missing after 'keystore'");
    }
}
