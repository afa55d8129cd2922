package io.keywrap.bench.stream;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs {@link Heat} in processes of their own, on the class path of this one. */
final class Jvm {
    /** Names its libraries itself. */
    private static final String JAR = "benchmarks.jar";

    private static final int TOLD_LINES = 15;

    private final String java;
    private final String classPath;
    private final Optional<Path> accp;

    /** With the JDK of {@code --jdk}, or this one, and the ACCP of {@code --libs}, or beside the benchmarks' jar. */
    Jvm(Options options) throws IOException {
        this.java = Path.of(options.find("jdk").orElse(System.getProperty("java.home")), "bin", "java")
                .toString();
        String all = System.getProperty("java.class.path");
        String one = all.split(File.pathSeparator, 2)[0];
        this.classPath = one.endsWith(JAR) ? one : all;
        Path first = Path.of(one).toAbsolutePath();
        this.accp = jar(options.find("libs").map(Path::of).orElse(first.resolveSibling("lib-accp")));
    }

    private static Optional<Path> jar(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar")).findFirst();
        }
    }

    boolean hasAccp() {
        return accp.isPresent();
    }

    /** Runs one contestant to its end. */
    Outcome run(Entry entry, List<String> flags, List<String> arguments, Duration most)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(java);
        command.addAll(flags);
        command.add("-cp");
        command.add(entry.jce().needsAccp() ? classPath + File.pathSeparator + accp.orElseThrow() : classPath);
        command.add(Heat.class.getName());
        command.addAll(arguments);
        command.addAll(List.of("--contestant", entry.id()));
        Path output = Files.createTempFile("heat", ".out");
        try {
            long begun = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(most.toSeconds(), TimeUnit.SECONDS);
            double seconds = (System.nanoTime() - begun) / 1e9;
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            boolean succeeded = ended && process.exitValue() == 0;
            return Outcome.of(succeeded, seconds, shown(command), Files.readAllLines(output));
        } finally {
            Files.delete(output);
        }
    }

    /** The command that measures an entry with all its processes. */
    String raceCommand(Options options, Entry entry) {
        List<String> command = new ArrayList<>(
                List.of(java, "-cp", classPath, Race.class.getName(), options.word(), "--out", "figures.jsonl"));
        for (String option : List.of("bytes", "rounds", "dir")) {
            options.find(option).ifPresent(value -> command.addAll(List.of("--" + option, value)));
        }
        command.addAll(List.of("--only", "^" + entry.id() + "$"));
        return shown(command);
    }

    private String shown(List<String> command) {
        StringBuilder shown = new StringBuilder("java");
        for (String word : command.subList(1, command.size())) {
            String shorter = word.replace(classPath, shortened(classPath))
                    .replace(Path.of("").toAbsolutePath() + File.separator, "");
            shown.append(' ').append(shorter.matches("[\\w./:=*-]+") ? shorter : "'" + shorter + "'");
        }
        return shown.toString();
    }

    /** One jar as it is from the present folder; of many, the first. */
    private static String shortened(String path) {
        String[] parts = path.split(File.pathSeparator, -1);
        Path first = Path.of(parts[0]).toAbsolutePath();
        Path here = Path.of("").toAbsolutePath();
        String name = (first.startsWith(here) ? here.relativize(first) : first).toString();
        return parts.length == 1 ? name : name + File.pathSeparator + "…";
    }

    /**
     * What a process said.
     *
     * @param succeeded that it came to its end
     * @param seconds how long it took as a whole
     * @param command what was run
     * @param jdk the version that it had
     * @param figures by question
     * @param notes by question
     * @param lastLines of its output, for when it failed
     */
    record Outcome(
            boolean succeeded,
            double seconds,
            String command,
            String jdk,
            Map<String, List<Double>> figures,
            Map<String, String> notes,
            String lastLines) {
        static Outcome of(boolean succeeded, double seconds, String command, List<String> lines) {
            String jdk = "";
            Map<String, List<Double>> figures = new LinkedHashMap<>();
            Map<String, String> notes = new LinkedHashMap<>();
            for (String line : lines) {
                String[] parts = line.split("\t", 3);
                if (parts[0].equals("jdk")) {
                    jdk = parts[1];
                } else if (parts[0].equals("figure")) {
                    figures.computeIfAbsent(parts[1], question -> new ArrayList<>())
                            .add(Double.parseDouble(parts[2]));
                } else if (parts[0].equals("note")) {
                    notes.put(parts[1], parts[2]);
                }
            }
            String last = String.join("\n", lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size()));
            return new Outcome(succeeded, seconds, command, jdk, figures, notes, last);
        }

        /** The only figure for a question. */
        double figure(String question) {
            List<Double> found = figures.get(question);
            if (found == null) {
                throw new IllegalStateException("no " + question + ": " + lastLines);
            }
            return found.get(0);
        }
    }
}
