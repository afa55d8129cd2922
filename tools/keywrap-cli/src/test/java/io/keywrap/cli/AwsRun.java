package io.keywrap.cli;

import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsKmsKey;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The command inside of the test's JVM, with KEKs in an emulator of AWS KMS that the SDK's own settings lead to. */
final class AwsRun implements AutoCloseable {
    final AwsKmsEmulator emulator =
            AwsKmsEmulator.builder().onlyKnownCredentials().start(0);
    final AwsKmsKey customer = emulator.createKey();
    final AwsKmsKey vendor = emulator.createKey();
    final TestRun command;
    private final Map<String, String> settings = new HashMap<>();

    AwsRun(Path folder) {
        command = new TestRun(folder);
        var administrator = emulator.principal("arn:aws:iam::" + emulator.account() + ":user/admin");
        set("aws.endpointUrlKms", emulator.endpoint().toString());
        set("aws.accessKeyId", administrator.accessKeyId());
        set("aws.secretAccessKey", administrator.secretAccessKey());
    }

    static String uri(AwsKmsKey key) {
        return "aws-kms://" + key.arn();
    }

    String kek() {
        return uri(customer);
    }

    String seal() {
        return uri(vendor);
    }

    void set(String name, String value) {
        settings.putIfAbsent(name, System.getProperty(name));
        System.setProperty(name, value);
    }

    @Override
    public void close() {
        settings.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
        emulator.close();
    }
}
