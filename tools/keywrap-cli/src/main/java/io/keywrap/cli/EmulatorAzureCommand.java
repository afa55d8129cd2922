package io.keywrap.cli;

import io.keywrap.emulators.AzureKeySpec;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.emulators.AzureKeyVaultEmulatorBuilder;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
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
final class EmulatorAzureCommand extends EmulatorServing {
    private static final String CLIENT_ID = "11111111-1111-4111-8111-111111111111";
    private static final String SECRET = "emulator";

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

    EmulatorAzureCommand(KeywrapCommand root) {
        super(root);
    }

    @Override
    Ready start(int port, Optional<Consumer<String>> log) throws IOException {
        AzureKeyVaultEmulatorBuilder builder =
                checked(() -> AzureKeyVaultEmulator.builder().tenant(tenant));
        log.ifPresent(lines -> builder.onEvent(event -> lines.accept(event.toJson())));
        AzureKeyVaultEmulator emulator = builder.start(port);
        try {
            return ready(emulator, writeCa(emulator));
        } catch (IOException e) {
            emulator.close();
            throw e;
        }
    }

    private Path writeCa(AzureKeyVaultEmulator emulator) throws IOException {
        Path file = caFile.isPresent()
                ? Files.writeString(caFile.orElseThrow(), emulator.caPem(), StandardOpenOption.CREATE_NEW)
                : Files.writeString(Files.createTempFile("keywrap-emulator-", ".pem"), emulator.caPem());
        // A signal ends the JVM, and closes nothing.
        file.toFile().deleteOnExit();
        return file.toAbsolutePath();
    }

    private static Ready ready(AzureKeyVaultEmulator emulator, Path ca) {
        emulator.registerApplication(CLIENT_ID).secret(SECRET, Instant.MAX);
        String kek = "azure-kms://"
                + emulator.createKey(AzureKeySpec.rsa(2048).named("kek")).id();
        Closeable end = () -> {
            emulator.close();
            Files.deleteIfExists(ca);
        };
        return new Ready(
                end,
                "Azure Key Vault",
                emulator.endpoint().toString(),
                kek,
                Optional.empty(),
                environment(emulator, ca),
                "keywrap kek status " + kek);
    }

    private static Map<String, String> environment(AzureKeyVaultEmulator emulator, Path ca) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("KEYWRAP_AZURE_KEY_VAULT_ENDPOINT", emulator.endpoint().toString());
        environment.put("KEYWRAP_AZURE_CA", ca.toString());
        environment.put("AZURE_AUTHORITY_HOST", emulator.authorityHost().toString());
        environment.put("AZURE_TENANT_ID", emulator.tenant());
        environment.put("AZURE_CLIENT_ID", CLIENT_ID);
        environment.put("AZURE_CLIENT_SECRET", SECRET);
        return environment;
    }
}
