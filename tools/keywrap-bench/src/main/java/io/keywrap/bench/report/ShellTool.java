package io.keywrap.bench.report;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A tool, and how files are encrypted and decrypted with it. IN and OUT in its arguments stand for the names of files.
 *
 * @param name what the tool is and how it is set up
 * @param group whose it is
 * @param folder where it runs
 * @param environment more variables
 * @param encrypt program and arguments
 * @param decrypt program and arguments
 * @param isSlow whether it is not tried with much
 */
record ShellTool(
        String name,
        String group,
        Path folder,
        Map<String, String> environment,
        List<String> encrypt,
        List<String> decrypt,
        boolean isSlow) {
    private static final String IN = "IN";
    private static final String OUT = "OUT";
    private static final int MOST_MINUTES = 15;

    /** The JCA provider, where there is one. */
    String provider() {
        return isKeywrap() ? "SunJCE" : "";
    }

    /** How many threads work on a file. */
    int threads() {
        return isKeywrap() ? Math.min(4, Runtime.getRuntime().availableProcessors()) : 1;
    }

    private boolean isKeywrap() {
        return group.equals("keywrap");
    }

    Call encrypt(String source, String target) {
        return call(name, encrypt, source, target);
    }

    Call decrypt(String source, String target) {
        return call(name, decrypt, source, target);
    }

    /** What has hardly anything to do. */
    List<Call> starts(String source, String target) {
        List<Call> calls = new ArrayList<>();
        if (isKeywrap()) {
            calls.add(call("keywrap --version", List.of(encrypt.get(0), "--version"), source, target));
        }
        calls.add(call(name + ", 1 byte", encrypt, source, target));
        return calls;
    }

    private Call call(String called, List<String> command, String source, String target) {
        return new Call(
                called,
                command.stream()
                        .map(part -> part.equals(IN) ? source : part.equals(OUT) ? target : part)
                        .toList());
    }

    /** One run of the tool. */
    final class Call {
        private final String called;
        private final List<String> command;

        private Call(String called, List<String> command) {
            this.called = called;
            this.command = command;
        }

        String name() {
            return called;
        }

        /** As it would be typed in the folder; programs without their folders, the JDK and gpg's home aside. */
        String shown() {
            List<String> parts = new ArrayList<>(command);
            parts.set(0, (isKeywrap() ? "./" : "") + Path.of(command.get(0)).getFileName());
            environment.forEach((name, value) -> {
                if (name.startsWith("KEYWRAP")) {
                    parts.add(0, name + "=" + value);
                }
            });
            return String.join(" ", parts);
        }

        /**
         * Runs it, and gives how many seconds it took.
         *
         * @throws IOException with what it printed, if it fails or does not end
         */
        double run() throws IOException, InterruptedException {
            Path log = folder.resolve("log");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(Redirect.from(new File("/dev/null")))
                    .redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            long begin = System.nanoTime();
            Process process = builder.start();
            boolean ended = process.waitFor(MOST_MINUTES, TimeUnit.MINUTES);
            double seconds = (System.nanoTime() - begin) / 1e9;
            if (!ended) {
                process.destroyForcibly();
            }
            if (!ended || process.exitValue() != 0) {
                throw new IOException(shown() + (ended ? " failed:\n" : " did not end:\n") + Files.readString(log));
            }
            return seconds;
        }
    }
}
