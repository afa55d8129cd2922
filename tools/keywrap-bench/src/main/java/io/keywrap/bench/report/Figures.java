package io.keywrap.bench.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * All that was measured, and where.
 *
 * @param machines a description for each JDK, the oldest JDK first
 * @param series everything that was measured
 */
record Figures(List<Machine> machines, List<Series> series) {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();
    private static final String MACHINE = "machine";

    /**
     * Reads files of JSON lines. Of two lines for the same measurement the later one counts.
     *
     * @throws IOException naming file and line, if it is not what it should be
     */
    static Figures read(List<Path> files) throws IOException {
        List<Machine> machines = new ArrayList<>();
        List<Series> series = new ArrayList<>();
        for (Path file : files) {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank()) {
                    add(line, file + ":" + number, machines, series);
                }
            }
        }
        machines.sort(Comparator.comparing(machine -> Runtime.Version.parse(machine.jdk())));
        return new Figures(List.copyOf(machines), List.copyOf(series));
    }

    private static void add(String line, String place, List<Machine> machines, List<Series> series) throws IOException {
        try {
            JsonObject object = GSON.fromJson(line, JsonObject.class);
            if (object.has(MACHINE)) {
                Machine machine = GSON.fromJson(object.get(MACHINE), Machine.class);
                machines.removeIf(earlier -> earlier.jdk().equals(machine.jdk()));
                machines.add(machine);
            } else {
                Series one = GSON.fromJson(object, Series.class);
                Question.of(one.question());
                series.removeIf(one::repeats);
                series.add(one);
            }
        } catch (RuntimeException e) { // Gson wraps in a plain one what the constructor of a record throws
            throw new IOException(place + ": " + cause(e), e);
        }
    }

    private static String cause(Throwable failure) {
        Throwable last = failure;
        for (Throwable next = last.getCause(); next != null; next = next.getCause()) {
            last = next;
        }
        return Objects.requireNonNullElse(last.getMessage(), last.toString());
    }

    /** Adds a line to a file, which is made if it is missing. */
    static void append(Path file, Series series) throws IOException {
        appendLine(file, GSON.toJson(series));
    }

    /** Adds a line to a file, which is made if it is missing. */
    static void append(Path file, Machine machine) throws IOException {
        JsonObject line = new JsonObject();
        line.add(MACHINE, GSON.toJsonTree(machine));
        appendLine(file, GSON.toJson(line));
    }

    private static void appendLine(Path file, String line) throws IOException {
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The versions of JDKs that anything was measured on, the oldest first. */
    List<String> jdks() {
        return series.stream()
                .map(Series::jdk)
                .distinct()
                .sorted(Comparator.comparing(Runtime.Version::parse))
                .toList();
    }

    List<Series> of(Question question) {
        return series.stream()
                .filter(one -> one.question().equals(question.key()))
                .toList();
    }
}
