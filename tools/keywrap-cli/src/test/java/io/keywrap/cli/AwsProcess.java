package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The packaged command with a keychain under a KEK in AWS KMS, and settings of the AWS SDK that only the test knows. */
final class AwsProcess {
    static final String TEXT = "account,amount\n1,2\n";

    final Path folder;
    final Map<String, String> environment = new HashMap<>();
    private final String kek;

    AwsProcess(Path folder, String endpoint, String kek) {
        this.folder = folder;
        this.kek = kek;
        environment.put("AWS_ENDPOINT_URL_KMS", endpoint);
        environment.put("AWS_ACCESS_KEY_ID", "dummy");
        environment.put("AWS_SECRET_ACCESS_KEY", "dummy");
    }

    ProcessBuilder command(String... arguments) {
        return in(environment, JarProcess.command(folder, arguments));
    }

    /** A process that sees these settings of the AWS SDK and none of this machine. */
    private ProcessBuilder in(Map<String, String> settings, ProcessBuilder builder) {
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment().put("AWS_CONFIG_FILE", folder.resolve("config").toString());
        builder.environment()
                .put(
                        "AWS_SHARED_CREDENTIALS_FILE",
                        folder.resolve("credentials").toString());
        builder.environment().putAll(settings);
        return builder;
    }

    JarProcess.Result run(String... arguments) throws Exception {
        return JarProcess.run(command(arguments), new byte[0]);
    }

    /** Runs the command of AWS as its user would. */
    JarProcess.Result aws(String... arguments) throws Exception {
        ProcessBuilder builder = JarProcess.inFolder(folder, List.of(arguments));
        in(environment, builder).environment().put("AWS_REGION", "us-east-1");
        builder.environment().put("AWS_DEFAULT_REGION", "us-east-1");
        return JarProcess.run(builder, new byte[0]);
    }

    JarProcess.Result create() throws Exception {
        return run("keychain", "create", "--store", "store", "--id", "t", "--kek", kek, "--key-context", "tenant=acme");
    }

    JarProcess.Result encrypt() throws Exception {
        return run("encrypt", "--store", "store", "--keychain", "t", "--seal-kek", kek, "in", "in.kwrp");
    }

    JarProcess.Result decrypt(String out) throws Exception {
        return run("decrypt", "--store", "store", "--keychain", "t", "--seal-kek", kek, "in.kwrp", out);
    }

    JarProcess.Result status() throws Exception {
        return run("kek", "status", kek);
    }

    static void assertDone(JarProcess.Result result) {
        assertThat(result.exitCode()).as(result.err()).isZero();
    }

    /** It failed as it should, said so in one line, and left no target. */
    void assertFailed(JarProcess.Result result, int exitCode, String... words) {
        assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
        assertThat(result.err()).contains(words).contains(kek, "; to do: ").hasLineCount(1);
        assertThat(result.bytes()).isEmpty();
        assertThat(folder.resolve("no")).doesNotExist();
    }
}
