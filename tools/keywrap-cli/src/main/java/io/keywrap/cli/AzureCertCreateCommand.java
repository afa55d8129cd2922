package io.keywrap.cli;

import io.keywrap.azure.ApplicationCertificates;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the first certificate of an application. */
@Command(
        name = "create",
        description = {
            "Makes a key pair and a self-signed certificate for an application in Microsoft Entra, and prints the"
                    + " certificate.",
            "",
            "The private key goes to FILE, encrypted under the keychain; no file is ever replaced. Upload the certificate"
                    + " to the application, and compare its thumbprint there."
        },
        footer = {
            "",
            "Example:",
            "  keywrap azure-cert create --keystore main=main.p12 --store keychains --id certificates \\",
            "      --tenant 22222222-2222-4222-8222-222222222222 --client 11111111-1111-4111-8111-111111111111 \\",
            "      --pem app.pem app.kwrp"
        })
final class AzureCertCreateCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private AzureCertOptions options = new AzureCertOptions();

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "365",
            description = "How long the certificate is valid, 1 to " + ApplicationCertificates.Builder.MAX_VALIDITY_DAYS
                    + " days. Default: ${DEFAULT-VALUE}.")
    private int days;

    AzureCertCreateCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        options.check(root, true);
        try (Session session = Session.open(root)) {
            ApplicationCertificates made =
                    validFor(days, options.builder(session)).create();
            made.save(options.file());
            root.done("a certificate was made, with its private key in " + options.file());
            options.report(root, made, Instant.now());
        }
        return ExitCode.DONE;
    }

    static ApplicationCertificates.Builder validFor(int days, ApplicationCertificates.Builder builder) {
        try {
            return builder.validityDays(days);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--days: " + e.getMessage());
        }
    }
}
