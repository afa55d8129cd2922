package io.keywrap.cli;

import io.keywrap.emulators.AzureAuditEvent;
import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeySpec;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.emulators.AzureKeyVaultEmulatorBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves Azure Key Vault and Entra ID on the loopback interface. */
@Command(
        name = "azure",
        description = {
            "Serves Azure Key Vault and Entra ID on the loopback interface, over https, until it is ended, with one key"
                    + " and one application that are ready for use. Its lines for the shell name its port, the file with"
                    + " the certificate of its authority, and the application's credentials.",
            "",
            "For tests alone: keys are gone when it ends, and whoever reaches the port may get a token."
        },
        footer = {
            "",
            "Example:",
            "  keywrap emulator azure --port 8443",
            "and in another shell, after the lines that it prints:",
            "  curl --cacert \"$KEYWRAP_AZURE_CA\" --data-binary @app.pem \\",
            "      \"$KEYWRAP_AZURE_KEY_VAULT_ENDPOINT/emulator/applications/$AZURE_CLIENT_ID/certificates\""
        })
final class EmulatorAzureCommand implements Callable<Integer> {
    private static final String CLIENT_ID = "11111111-1111-4111-8111-111111111111";
    private static final String SECRET = "emulator";

    private final KeywrapCommand root;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "The port to listen on; 0 takes any that is free. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0")
    private int port;

    @Option(
            names = "--tenant",
            paramLabel = "UUID",
            description = "The tenant of the vault and its application. Default: ${DEFAULT-VALUE}.",
            defaultValue = "22222222-2222-4222-8222-222222222222")
    private String tenant = "";

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description =
                    "Where to write the certificate of its authority, in PEM: a file that is not there yet, and is"
                            + " removed at the end. Default: a new one among the temporary files.")
    private Optional<Path> caFile = Optional.empty();

    @Option(
            names = "--events",
            description =
                    "Print each request as the audit log of a vault would show it, one line of JSON each, on standard"
                            + " output. Default: no requests.")
    private boolean events;

    EmulatorAzureCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (AzureKeyVaultEmulator emulator = start()) {
            Path ca = writeCa(emulator);
            try {
                // An emulator whose key and port nobody knows is of no use. That nobody was told is reported at the
                // end.
                if (announce(emulator, ca)) {
                    new CountDownLatch(1).await();
                }
            } finally {
                Files.deleteIfExists(ca);
            }
        }
        return ExitCode.DONE;
    }

    private AzureKeyVaultEmulator start() throws IOException {
        ReadyEmulator.requirePort(port);
        AzureKeyVaultEmulatorBuilder builder;
        try {
            builder = AzureKeyVaultEmulator.builder().tenant(tenant);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
        if (events) {
            builder.onEvent(this::print);
        }
        return ReadyEmulator.start(builder::start, port);
    }

    private Path writeCa(AzureKeyVaultEmulator emulator) throws IOException {
        Path file = caFile.isPresent()
                ? Files.writeString(caFile.orElseThrow(), emulator.caPem(), StandardOpenOption.CREATE_NEW)
                : Files.writeString(Files.createTempFile("keywrap-emulator-", ".pem"), emulator.caPem());
        // A signal ends the JVM, not this method.
        file.toFile().deleteOnExit();
        return file.toAbsolutePath();
    }

    private synchronized void print(AzureAuditEvent event) {
        root.host().print(event.toJson());
    }

    /** False if it could not be written. */
    private synchronized boolean announce(AzureKeyVaultEmulator emulator, Path ca) {
        emulator.registerApplication(CLIENT_ID).secret(SECRET, Instant.MAX);
        AzureKey key = emulator.createKey(AzureKeySpec.rsa(2048).named("kek"));
        String kek = "azure-kms://" + key.id();
        return new ReadyEmulator("Azure Key Vault", emulator.endpoint())
                .fact("KEK", kek)
                .variable("KEYWRAP_AZURE_KEY_VAULT_ENDPOINT", emulator.endpoint())
                .variable("KEYWRAP_AZURE_CA", ca)
                .variable("AZURE_AUTHORITY_HOST", emulator.authorityHost())
                .variable("AZURE_TENANT_ID", emulator.tenant())
                .variable("AZURE_CLIENT_ID", CLIENT_ID)
                .variable("AZURE_CLIENT_SECRET", SECRET)
                .announce(root, "keywrap kek status " + kek);
    }
}
