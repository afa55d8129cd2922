package io.keywrap.cli;

import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.CloudTrailEvent;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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
final class EmulatorAwsCommand implements Callable<Integer> {
    private final KeywrapCommand root;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "The port to listen on; 0 takes any that is free. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0")
    private int port;

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

    @Option(
            names = "--events",
            description =
                    "Print each request as CloudTrail would show it, encryption context included, one line of JSON"
                            + " each, on standard output. Default: no requests.")
    private boolean events;

    EmulatorAwsCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (AwsKmsEmulator emulator = start()) {
            // An emulator whose key and port nobody knows is of no use. That nobody was told is reported at the end.
            if (announce(emulator, emulator.createKey().arn())) {
                new CountDownLatch(1).await();
            }
        }
        return ExitCode.DONE;
    }

    private AwsKmsEmulator start() throws IOException {
        ReadyEmulator.requirePort(port);
        AwsKmsEmulator.Builder builder;
        try {
            builder = AwsKmsEmulator.builder().region(region).account(account);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
        if (events) {
            builder.onEvent(this::print);
        }
        return ReadyEmulator.start(builder::start, port);
    }

    private synchronized void print(CloudTrailEvent event) {
        root.host().print(event.toJson());
    }

    /** False if it could not be written. */
    private synchronized boolean announce(AwsKmsEmulator emulator, String arn) {
        return new ReadyEmulator("AWS KMS", emulator.endpoint())
                .fact("KEK", "aws-kms://" + arn)
                .fact("ARN", arn)
                .variable("AWS_ENDPOINT_URL_KMS", emulator.endpoint())
                .variable("AWS_ENDPOINT_URL_STS", emulator.endpoint())
                .variable("AWS_REGION", emulator.region())
                .variable("AWS_DEFAULT_REGION", emulator.region())
                .variable("AWS_ACCESS_KEY_ID", "emulator")
                .variable("AWS_SECRET_ACCESS_KEY", "emulator")
                .announce(root, "aws kms describe-key --key-id " + arn);
    }
}
