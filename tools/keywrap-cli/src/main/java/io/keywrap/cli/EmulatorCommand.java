package io.keywrap.cli;

import picocli.CommandLine.Command;

/** The commands that imitate a cloud. */
@Command(
        name = "emulator",
        description = "Runs a KMS that any client of the cloud can use, for trying and testing.",
        footer = {"", "Example:", "  keywrap emulator aws --port 4599"})
final class EmulatorCommand implements Runnable {
    @Override
    public void run() {
        throw new UsageException("a command is missing after 'emulator'");
    }
}
