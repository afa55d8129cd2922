package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A JVM with the class path of this one, whose lines are heard, and which may be killed. */
final class Child {
    private final Process process;
    private final Thread reader;
    private final Path errors;

    Child(Path folder, List<String> options, Class<?> main, List<String> arguments, Consumer<String> lines)
            throws IOException {
        errors = Files.createTempFile(folder, "errors", ".txt");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        reader = new Thread(() -> read(lines));
        reader.start();
    }

    private void read(Consumer<String> lines) {
        try (BufferedReader in = process.inputReader()) {
            in.lines().forEach(lines);
        } catch (IOException | UncheckedIOException e) {
            // It was killed.
        }
    }

    /** With SIGKILL. */
    void end() {
        process.destroyForcibly();
    }

    /** With SIGKILL, and waits for its end. */
    void kill() throws InterruptedException {
        end();
        process.waitFor();
        reader.join();
    }

    /** Lets it know that it shall end. */
    void tellToEnd() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** It must end by itself, and be content. */
    void assertEndsWell(Duration most) throws InterruptedException {
        assertThat(process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS))
                .as("ends in %s", most)
                .isTrue();
        assertThat(process.exitValue()).as(errors()).isZero();
        reader.join();
    }

    void assertAlive() {
        assertThat(process.isAlive()).as(errors()).isTrue();
    }

    private String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
