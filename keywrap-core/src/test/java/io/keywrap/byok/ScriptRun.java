package io.keywrap.byok;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywrap.crash.Strace;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs a script of docs/byok as a customer does, in a shell, with the real openssl. Its path has nothing but the programs that
 * the script may need, each behind a few lines that write down its arguments and its environment.
 */
final class ScriptRun {
    private static final List<String> PROGRAMS =
            List.of("openssl", "cat", "cut", "dd", "grep", "od", "rm", "stty", "tr", "true", "wc");
    private static final int MOST_SECONDS = 120;

    final Path out;
    final Path log;
    private final Path folder;
    private final Path bin;
    private final List<String> before = new ArrayList<>();
    private byte[] input = new byte[0];

    ScriptRun(Path folder) throws IOException {
        this.folder = folder;
        out = Files.createDirectories(folder.resolve("out"));
        log = Files.write(folder.resolve("log"), new byte[0]);
        bin = Files.createDirectories(folder.resolve("bin"));
        Files.createDirectories(folder.resolve("home"));
        for (String program : PROGRAMS) {
            recorded(program, "");
        }
    }

    /** Files of docs/byok. */
    static Path script(String name) {
        return Path.of("../docs/byok").resolve(name).toAbsolutePath().normalize();
    }

    /** The words of a shell, such as {@code busybox sh}; a test is skipped, and says so, where it is missing. */
    static List<String> shell(String words) {
        List<String> found = new ArrayList<>(List.of(words.split(" ")));
        found.set(0, require(found.get(0)));
        return found;
    }

    static String require(String program) {
        Optional<String> found = find(program);
        assumeThat(found).as("%s, which is not installed here", program).isPresent();
        return found.orElseThrow();
    }

    static Optional<String> find(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(place -> Path.of(place, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /** Puts lines before a program. */
    void recorded(String program, String lines) throws IOException {
        if (program.equals("openssl")) {
            require(program);
        }
        Optional<String> real = find(program);
        if (real.isPresent()) {
            Path file = bin.resolve(program);
            Files.writeString(
                    file,
                    "#!/bin/sh\n{ printf '%s\\n' \"-- " + program + " $*\"; "
                            + find("env").orElseThrow() + "; } >>'" + log + "'\n" + lines + "\nexec " + real.get()
                            + " \"$@\"\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    ScriptRun input(String text) {
        input = text.getBytes(StandardCharsets.UTF_8);
        return this;
    }

    /** Lets strace look on, which sees what no program of the path would tell. */
    ScriptRun traced(Path strace, Path output) {
        before.addAll(Strace.tracing(strace, output));
        return this;
    }

    Process start(List<String> shell, String script, String... arguments) throws IOException {
        List<String> line = new ArrayList<>(before);
        line.addAll(shell);
        line.add(script(script).toString());
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(out.toFile())
                .redirectOutput(folder.resolve("stdout").toFile())
                .redirectError(folder.resolve("stderr").toFile())
                .redirectInput(Files.write(folder.resolve("stdin"), input).toFile());
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", bin.toString());
        for (String home : List.of("HOME", "TMPDIR", "TMPPREFIX")) {
            environment.put(home, folder.resolve("home").toString());
        }
        environment.putAll(Map.of("secret", "mine", "passphrase", "mine", "line", "mine")); // Exported by somebody.
        return builder.start();
    }

    Result run(List<String> shell, String script, String... arguments) throws Exception {
        return result(start(shell, script, arguments));
    }

    Result result(Process process) throws Exception {
        if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the script has not ended");
        }
        Files.delete(folder.resolve("stdin"));
        String stdout = Files.readString(folder.resolve("stdout"));
        Files.delete(folder.resolve("stdout"));
        return new Result(process.exitValue(), stdout, Files.readString(folder.resolve("stderr")));
    }

    /** What is anywhere below the folder but for the programs and the log. */
    List<String> left() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(bin))
                    .map(file -> Objects.toString(file.getFileName()))
                    .filter(name -> !name.equals("log") && !name.equals("stderr"))
                    .sorted()
                    .toList();
        }
    }

    byte[] made(String name) throws IOException {
        return Files.readAllBytes(out.resolve(name));
    }

    /** How it ended. */
    record Result(int exit, String out, String err) {}
}
