package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The packaged command with a keychain under a KEK in a cloud, and settings that only the test knows. */
class KekProcess {
    static final String TEXT = "account,amount\n1,2\n";

    final Path folder;
    final Map<String, String> environment = new HashMap<>();
    private final String kek;

    KekProcess(Path folder, String kek) {
        this.folder = folder;
        this.kek = kek;
    }

    final ProcessBuilder command(String... arguments) {
        ProcessBuilder builder = JarProcess.command(folder, arguments);
        prepare(builder);
        return builder;
    }

    /** Gives a process these settings and none of this machine. */
    void prepare(ProcessBuilder builder) {
        builder.environment().putAll(environment);
    }

    JarProcess.Result run(String... arguments) throws Exception {
        return JarProcess.run(command(arguments), new byte[0]);
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
