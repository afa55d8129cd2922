package io.keywrap.heap;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM that has done something, stands still, and is looked into by {@code jcmd} of the same JDK. */
public final class DumpedProcess implements AutoCloseable {
    private static final String READY = "READY";
    private static final Path BIN = Path.of(System.getProperty("java.home"), "bin");

    private final Process process;

    private DumpedProcess(Process process) {
        this.process = process;
    }

    /** The tool that writes dumps; a JVM without development tools has none. */
    public static Path jcmd() {
        return BIN.resolve("jcmd");
    }

    /**
     * Starts a main class, and waits until it says that it {@linkplain #standStill() stands still}.
     *
     * <p>Its memory is so large that nothing is collected before, so that no key is moved while it is in use, which leaves
     * a copy behind; and a collection leaves no gaps, in which a dump would show what was there before.
     */
    public static DumpedProcess start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                BIN.resolve("java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx768m",
                "-Xmn600m",
                "-XX:MarkSweepDeadRatio=0",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        for (String line; (line = output.readLine()) != null; said.append(line).append('\n')) {
            if (line.equals(READY)) {
                return new DumpedProcess(process);
            }
        }
        throw new AssertionError(main + " failed:\n" + said);
    }

    /** Called by the process: says that it is ready, and stays until its parent lets it go. */
    public static void standStill() {
        try {
            System.out.println(READY);
            System.in.read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What can still be reached, after a full collection. */
    public void dumpReachable(Path target) throws IOException, InterruptedException {
        dump("GC.heap_dump", target.toString());
    }

    /** Garbage too. */
    public void dumpAll(Path target) throws IOException, InterruptedException {
        dump("GC.heap_dump", "-all", target.toString());
    }

    private void dump(String... what) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(jcmd().toString(), Long.toString(process.pid())));
        command.addAll(List.of(what));
        Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (tool.waitFor() != 0 || !Files.exists(Path.of(what[what.length - 1]))) {
            throw new AssertionError("jcmd wrote no dump:\n" + said);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
