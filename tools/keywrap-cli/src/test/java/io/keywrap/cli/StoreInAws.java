package io.keywrap.cli;

import com.google.gson.JsonObject;
import java.util.stream.Stream;

/** A store of keychains under a customer's KEK in AWS KMS, sealed under the vendor's, and commands on it. */
final class StoreInAws {
    private final AwsRun aws;

    StoreInAws(AwsRun aws) {
        this.aws = aws;
    }

    /** Adds a keychain. */
    StoreInAws with(String id, String... more) {
        String[] first = {"keychain", "create", "--id", id, "--kek", aws.kek()};
        if (run(Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new)) != ExitCode.DONE) {
            throw new AssertionError(aws.command.err());
        }
        return this;
    }

    /** Runs a command on the store. */
    int run(String... arguments) {
        String[] store = {"--store", aws.command.path("store"), "--seal-kek", aws.seal()};
        return aws.command.run(Stream.of(arguments, store).flatMap(Stream::of).toArray(String[]::new));
    }

    /** What was printed of a KEK. */
    JsonObject kek(int index) {
        return aws.command.outJson().getAsJsonArray("keks").get(index).getAsJsonObject();
    }
}
