package io.keywrap.cli;

import io.keywrap.emulators.GcpKmsEmulator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves Google Cloud KMS on the loopback interface. */
@Command(
        name = "gcp",
        description = {
            "Serves Google Cloud KMS over gRPC on the loopback interface until it is ended, with one key that is ready for"
                    + " use. Its line for the shell points keywrap at it.",
            "",
            "For tests alone: keys are gone when it ends, credentials are not looked at, and whoever reaches the port may do"
                    + " everything."
        },
        footer = {
            "",
            "Example:",
            "  keywrap emulator gcp --port 4600",
            "and in another shell, after the lines that it prints:",
            "  keywrap kek status gcp-kms://…"
        })
final class EmulatorGcpCommand extends EmulatorServing {
    @Option(
            names = "--project",
            paramLabel = "ID",
            description = "The project of the ready key. Requests may be for any project. Default: ${DEFAULT-VALUE}.",
            defaultValue = "keywrap-test")
    private String project = "";

    @Option(
            names = "--location",
            paramLabel = "NAME",
            description = "The location of the ready key. Requests may be for any location. Default: ${DEFAULT-VALUE}.",
            defaultValue = "europe-west1")
    private String location = "";

    EmulatorGcpCommand(KeywrapCommand root) {
        super(root);
    }

    @Override
    Ready start(int port, Optional<Consumer<String>> log) {
        GcpKmsEmulator.Builder builder =
                checked(() -> GcpKmsEmulator.builder().project(project).location(location));
        log.ifPresent(lines -> builder.onEvent(event -> lines.accept(event.toJson())));
        GcpKmsEmulator emulator = builder.start(port);
        String name = emulator.createKey().name();
        String kek = "gcp-kms://" + name;
        return new Ready(
                emulator::close,
                "Google Cloud KMS",
                emulator.endpoint(),
                kek,
                Optional.of(Map.entry("Key", name)),
                Map.of("KEYWRAP_GCP_KMS_ENDPOINT", emulator.endpoint()),
                "keywrap kek status " + kek);
    }
}
