package io.keywrap.cli;

import io.keywrap.azure.ApplicationCertificates;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a next certificate. */
@Command(
        name = "renew",
        description = {
            "Makes a next certificate beside the current one, which goes on to work, and prints it.",
            "",
            "Upload it to the application, beside the old one. Whichever of the two Microsoft Entra accepts is used. While"
                    + " both are valid there is no third."
        },
        footer = {
            "",
            "Example:",
            "  keywrap azure-cert renew --keystore main=main.p12 --store keychains --id certificates \\",
            "      --tenant 22222222-2222-4222-8222-222222222222 --client 11111111-1111-4111-8111-111111111111 \\",
            "      --pem next.pem app.kwrp"
        })
final class AzureCertRenewCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private AzureCertOptions options = new AzureCertOptions();

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "365",
            description = "How long the next certificate is valid, 1 to "
                    + ApplicationCertificates.Builder.MAX_VALIDITY_DAYS + " days. Default: ${DEFAULT-VALUE}.")
    private int days;

    AzureCertRenewCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        options.check(root, false);
        try (Session session = Session.open(root)) {
            ApplicationCertificates.Builder builder = AzureCertCreateCommand.validFor(days, options.builder(session));
            ApplicationCertificates renewed = renewed(builder.open(options.file()));
            renewed.save(options.file());
            root.done("a next certificate was made, with its private key in " + options.file());
            options.report(root, renewed, Instant.now());
        }
        return ExitCode.DONE;
    }

    /** There may be two already, which is no matter of the file but of what is asked for. */
    private static ApplicationCertificates renewed(ApplicationCertificates certificates) {
        try {
            return certificates.renew();
        } catch (IllegalStateException e) {
            throw new UsageException(e.getMessage());
        }
    }
}
