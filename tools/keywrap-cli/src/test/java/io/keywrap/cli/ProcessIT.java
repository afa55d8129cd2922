package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged command as processes with pipes. */
class ProcessIT {
    private static final int BYTES = 5_000_003;

    @TempDir
    Path folder;

    private final byte[] data = new byte[BYTES];

    @BeforeEach
    void keychain() throws Exception {
        TestRun.withKeychain(folder);
        new Random(42).nextBytes(data);
    }

    private ProcessBuilder keywrap(String... arguments) {
        ProcessBuilder builder = JarProcess.command(folder, arguments);
        builder.environment().put("KEYWRAP_KEYSTORES", "main=main.p12");
        builder.environment().put("KEYWRAP_KEYSTORE_PASSWORD", TestRun.PASSWORD);
        return builder;
    }

    private ProcessBuilder verb(String verb, String in, String out) {
        return keywrap(verb, "--store", "store", "--keychain", TestRun.KEYCHAIN, in, out);
    }

    private byte[] envelope() throws Exception {
        return JarProcess.run(verb("encrypt", "-", "-"), data).bytes();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aPipeOfEncryptAndDecryptGivesTheSameBytes() throws Exception {
        List<Process> pipe = ProcessBuilder.startPipeline(List.of(
                verb("encrypt", "-", "-").redirectError(ProcessBuilder.Redirect.DISCARD),
                verb("decrypt", "-", "-").redirectError(ProcessBuilder.Redirect.DISCARD)));
        Thread feeder = new Thread(() -> {
            try (OutputStream out = pipe.get(0).getOutputStream()) {
                out.write(data);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        feeder.start();
        byte[] restored;
        try (InputStream in = pipe.get(1).getInputStream()) {
            restored = in.readAllBytes();
        }

        assertThat(JarProcess.exitCode(pipe.get(0))).isZero();
        assertThat(JarProcess.exitCode(pipe.get(1))).isZero();
        feeder.join();
        assertThat(restored).isEqualTo(data);
    }

    @Test
    void messagesAndLogStayOffStandardOutput() throws Exception {
        JarProcess.Result encrypted = JarProcess.run(
                keywrap("encrypt", "--verbose", "--store", "store", "--keychain", TestRun.KEYCHAIN, "-", "-"), data);

        assertThat(encrypted.err()).contains("encrypted 1 file");
        assertThat(encrypted.bytes()).startsWith('K', 'W', 'R', 'P');
        assertThat(JarProcess.run(verb("decrypt", "-", "-"), encrypted.bytes()).bytes())
                .isEqualTo(data);
    }

    @Test
    void aReaderThatGoesAwayEndsItWithOneLine() throws Exception {
        Process process = verb("encrypt", "-", "-").start();
        process.getInputStream().close();
        Thread feeder = new Thread(() -> {
            try (OutputStream out = process.getOutputStream()) {
                out.write(data);
            } catch (IOException e) {
                // As expected: nobody reads to the end.
            }
        });
        feeder.start();

        assertThat(JarProcess.exitCode(process)).isEqualTo(1);
        feeder.join();
        assertThat(new String(process.getErrorStream().readAllBytes()))
                .contains("pipe")
                .hasLineCount(1);
    }

    @Test
    void anInterruptedSourceOfDecryptLeavesNoTarget() throws Exception {
        byte[] envelope = envelope();

        JarProcess.Result result =
                JarProcess.run(verb("decrypt", "-", "restored"), Arrays.copyOf(envelope, envelope.length / 2));

        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.err()).contains("restore the envelope").hasLineCount(1);
        assertThat(names()).containsExactly(".main.p12.lock", "main.p12", "store");
    }

    @Test
    void whatIsWrittenBeforeAFailureIsAuthentic() throws Exception {
        byte[] envelope = envelope();
        envelope[envelope.length - 1] ^= 1;

        JarProcess.Result result = JarProcess.run(verb("decrypt", "-", "-"), envelope);

        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.bytes().length).isLessThan(BYTES);
        assertThat(result.bytes()).isEqualTo(Arrays.copyOf(data, result.bytes().length));
    }

    @Test
    void aSourceThatCannotBeReadLeavesNoTarget() throws Exception {
        // It opens, and the first read fails: nothing is mapped at address 0.
        JarProcess.Result result = JarProcess.run(verb("encrypt", "/proc/self/mem", "out.kwrp"), new byte[0]);

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).hasLineCount(1);
        assertThat(names()).containsExactly(".main.p12.lock", "main.p12", "store");
    }

    @Test
    void aKilledProcessLeavesNoTarget() throws Exception {
        Process process = verb("encrypt", "-", "out.kwrp").start();
        process.getOutputStream().write(data);
        process.getOutputStream().flush();
        process.destroyForcibly();
        JarProcess.exitCode(process);

        assertThat(names()).doesNotContain("out.kwrp");
    }

    @Test
    void withoutATerminalAMissingPasswordIsConfiguration() throws Exception {
        ProcessBuilder builder = verb("encrypt", "-", "-");
        builder.environment().remove("KEYWRAP_KEYSTORE_PASSWORD");

        JarProcess.Result result = JarProcess.run(builder, data);

        assertThat(result.exitCode()).isEqualTo(6);
        assertThat(result.err()).contains("no terminal", "--password-file").hasLineCount(1);
        assertThat(result.bytes()).isEmpty();
    }

    @Test
    void jsonOfTheProcessIsJson() throws Exception {
        JarProcess.Result done = JarProcess.run(keywrap("keychain", "list", "--store", "store", "--json"), new byte[0]);
        JarProcess.Result failed = JarProcess.run(keywrap("keychain", "list", "--store", "no", "--json"), new byte[0]);

        assertThat(JsonParser.parseString(done.out()).getAsJsonObject().has("keychains"))
                .isTrue();
        assertThat(JsonParser.parseString(failed.err()).getAsJsonObject().has("error"))
                .isTrue();
    }

    @Test
    void jsonOnStandardErrorIsOneObjectEvenWithDebugMessages() throws Exception {
        JarProcess.Result done = JarProcess.run(
                keywrap("encrypt", "--json", "-v", "--store", "store", "--keychain", TestRun.KEYCHAIN, "-", "-"), data);
        JarProcess.Result failed = JarProcess.run(
                keywrap("decrypt", "--json", "-v", "--store", "store", "--keychain", TestRun.KEYCHAIN, "-", "-"), data);

        assertThat(JsonParser.parseString(done.err())
                        .getAsJsonObject()
                        .get("files")
                        .getAsInt())
                .isEqualTo(1);
        assertThat(JsonParser.parseString(failed.err())
                        .getAsJsonObject()
                        .getAsJsonObject("error")
                        .has("trace"))
                .isTrue();
    }

    @Test
    void pipesAreInspectedToo() throws Exception {
        Files.write(folder.resolve("envelope"), envelope());
        String line = "'%s' -jar '%s' inspect".formatted(JarProcess.JAVA, JarProcess.JAR);

        for (String source : List.of("- < envelope", "<(cat envelope)", "/dev/stdin < <(cat envelope)")) {
            JarProcess.Result result = JarProcess.run(
                    JarProcess.inFolder(folder, List.of("bash", "-c", line + " " + source)), new byte[0]);

            assertThat(result.exitCode()).as(source + result.err()).isZero();
            assertThat(JsonParser.parseString(result.out())
                            .getAsJsonObject()
                            .get("segmentLength")
                            .getAsInt())
                    .isEqualTo(65_536);
        }
    }

    @Test
    void theVersionIsThatOfTheBuild() throws Exception {
        assertThat(JarProcess.run(keywrap("--version"), new byte[0]).out()).matches("keywrap \\d+\\.\\d+.*\\R");
    }

    @Test
    void theDemonstrationCleansUpAfterAnInterrupt() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path tree = Files.createDirectory(folder.resolve("tree"));
        for (int i = 0; i < 2000; i++) {
            Files.writeString(tree.resolve("file" + i), "x");
        }
        ProcessBuilder builder = JarProcess.inFolder(
                folder,
                List.of(
                        JarProcess.JAVA,
                        "-Djava.io.tmpdir=" + temporary,
                        "-jar",
                        JarProcess.JAR.toString(),
                        "demo",
                        tree.toString()));
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (var lines = process.inputReader()) {
            // The folder is full of envelopes from here on.
            assertThat(lines.lines().anyMatch(line -> line.startsWith("3."))).isTrue();
            // Process.destroy() would close the streams as well.
            process.toHandle().destroy();
            lines.lines().forEach(line -> {});
        }

        assertThat(JarProcess.exitCode(process)).isNotZero();
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("keywrap")))
                    .isEmpty();
        }
    }
}
