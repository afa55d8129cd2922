package io.keywrap.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Starts the packaged command as a process of its own. */
final class JarProcess {
    static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    static final Path JAR = Path.of(System.getProperty("keywrap.jar"));
    static final Path ROOT = Path.of(System.getProperty("keywrap.root"));

    private static final int TIMEOUT_SECONDS = 120;

    private JarProcess() {}

    /** A JVM for processes that are short and share the processors with others: what starts soonest. */
    static List<String> java() {
        return Soonest.JAVA_WITH_CLASSES;
    }

    static ProcessBuilder command(Path folder, String... arguments) {
        List<String> all = new ArrayList<>(java());
        all.addAll(List.of("-jar", JAR.toString()));
        all.addAll(List.of(arguments));
        return inFolder(folder, all);
    }

    /** Made by the first who asks. */
    private static final class Soonest {
        private static final List<String> JAVA_WITH_CLASSES = withClasses();

        private static List<String> withClasses() {
            List<String> options = new ArrayList<>(List.of(JAVA, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
            if (Runtime.version().feature() >= 23) { // As the launcher does.
                options.add("--sun-misc-unsafe-memory-access=allow");
            }
            options.addAll(SharedClasses.options(List.copyOf(options)));
            return List.copyOf(options);
        }
    }

    /** A process with the environment that the test wants and no other. */
    static ProcessBuilder inFolder(Path folder, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("KEYWRAP"));
        // With these a JVM says on stderr that it has picked them up.
        builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        return builder;
    }

    static int exitCode(Process process) throws InterruptedException {
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the process did not end");
        }
        return process.exitValue();
    }

    /** Runs a process to its end. */
    static Result run(ProcessBuilder builder, byte[] stdin) throws IOException, InterruptedException {
        File err = Files.createTempFile("keywrap-test-", ".err").toFile();
        try {
            Process process = builder.redirectError(err).start();
            Thread feeder = new Thread(() -> feed(process.getOutputStream(), stdin));
            feeder.start();
            byte[] out;
            try (InputStream in = process.getInputStream()) {
                out = in.readAllBytes();
            }
            int exitCode = exitCode(process);
            feeder.join();
            return new Result(exitCode, out, Files.readString(err.toPath()));
        } finally {
            Files.delete(err.toPath());
        }
    }

    private static void feed(OutputStream to, byte[] bytes) {
        try (to) {
            to.write(bytes);
        } catch (IOException e) {
            // The process ended without reading it all.
        }
    }

    /** What a process gave. */
    record Result(int exitCode, byte[] bytes, String err) {
        String out() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
