package io.keywrap.cli;

import picocli.CommandLine.Command;

/** Certificates of applications in Microsoft Entra. */
@Command(
        name = "azure-cert",
        description = "Makes certificates that an application proves itself with to Microsoft Entra.",
        footer = {
            "",
            "Example:",
            "  keywrap azure-cert create --keystore main=main.p12 --store keychains --id certificates \\",
            "      --tenant 22222222-2222-4222-8222-222222222222 --client 11111111-1111-4111-8111-111111111111 \\",
            "      --pem app.pem app.kwrp"
        })
final class AzureCertCommand implements Runnable {
    @Override
    public void run() {
        throw new UsageException("a command is missing after 'azure-cert'");
    }
}
