package io.keywrap.cli;

import picocli.CommandLine.Command;

/** Keys that customers upload. */
@Command(
        name = "byok",
        description = "Takes in keys that customers upload, each in a slot: PENDING, ACTIVE, ARCHIVED, REVOKED.",
        footer = {
            "",
            "Examples:",
            "  keywrap byok transport-key --create --keystore main=main.p12 --store keychains --id transport \\",
            "      --region eu-west-1 --pem transport.pem transport.kwrp",
            "  keywrap byok status --keystore main=main.p12 --store keychains --vendor-kek keystore:main#vendor \\",
            "      --slot acme"
        })
final class ByokCommand implements Runnable {
    @Override
    public void run() {
        throw new UsageException("a command is missing after 'byok'");
    }
}
