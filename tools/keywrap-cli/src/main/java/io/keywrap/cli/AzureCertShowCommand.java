package io.keywrap.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the certificates of an application. */
@Command(
        name = "show",
        description = {
            "Shows the certificates of an application, after proving each private key with its certificate.",
            "",
            "The one that is printed, and written with --pem and --der, is the one to upload: the next one if there is one,"
                    + " else the current one. No private key is shown."
        },
        footer = {
            "",
            "Example:",
            "  keywrap azure-cert show --keystore main=main.p12 --store keychains --id certificates \\",
            "      --tenant 22222222-2222-4222-8222-222222222222 --client 11111111-1111-4111-8111-111111111111 app.kwrp"
        })
final class AzureCertShowCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Mixin
    private AzureCertOptions options = new AzureCertOptions();

    AzureCertShowCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        options.check(root, false);
        try (Session session = Session.open(root)) {
            options.report(root, options.builder(session).open(options.file()), Instant.now());
        }
        return ExitCode.DONE;
    }
}
