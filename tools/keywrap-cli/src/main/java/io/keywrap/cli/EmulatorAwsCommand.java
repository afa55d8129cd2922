package io.keywrap.cli;

import io.keywrap.emulators.AwsKmsEmulator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves AWS KMS on the loopback interface. */
@Command(
        name = "aws",
        description = {
            "Serves AWS KMS on the loopback interface until it is ended, with one key that is ready for use. Its lines for"
                    + " the shell point clients of AWS at it, such as the AWS CLI.",
            "",
            "For tests alone: keys are gone when it ends, signatures are not verified, and whoever reaches the port may do"
                    + " everything."
        },
        footer = {
            "",
            "Example:",
            "  keywrap emulator aws --port 4599",
            "and in another shell, after the lines that it prints:",
            "  aws kms list-keys"
        })
final class EmulatorAwsCommand extends EmulatorServing {
    @Option(
            names = "--region",
            paramLabel = "NAME",
            description = "The Region of the ready key. Requests may be for any Region. Default: ${DEFAULT-VALUE}.",
            defaultValue = "us-east-1")
    private String region = "";

    @Option(
            names = "--account",
            paramLabel = "ID",
            description = "The account of the ready key and of all callers, 12 digits. Default: ${DEFAULT-VALUE}.",
            defaultValue = "111122223333")
    private String account = "";

    EmulatorAwsCommand(KeywrapCommand root) {
        super(root);
    }

    @Override
    Ready start(int port, Optional<Consumer<String>> log) {
        AwsKmsEmulator.Builder builder =
                checked(() -> AwsKmsEmulator.builder().region(region).account(account));
        log.ifPresent(lines -> builder.onEvent(event -> lines.accept(event.toJson())));
        AwsKmsEmulator emulator = builder.start(port);
        String arn = emulator.createKey().arn();
        String endpoint = emulator.endpoint().toString();
        return new Ready(
                emulator::close,
                "AWS KMS",
                endpoint,
                "aws-kms://" + arn,
                Optional.of(Map.entry("ARN", arn)),
                environment(endpoint),
                "aws kms describe-key --key-id " + arn);
    }

    private Map<String, String> environment(String endpoint) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("AWS_ENDPOINT_URL_KMS", endpoint);
        environment.put("AWS_ENDPOINT_URL_STS", endpoint);
        environment.put("AWS_REGION", region);
        environment.put("AWS_DEFAULT_REGION", region);
        environment.put("AWS_ACCESS_KEY_ID", "emulator");
        environment.put("AWS_SECRET_ACCESS_KEY", "emulator");
        return environment;
    }
}
