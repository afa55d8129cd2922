package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.recovery.Finding;
import io.keywrap.recovery.Finding.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What work on a store found and did, each thing once, as it is printed and as the exit code says it. */
final class StoreReport {
    /** Names longer than this stand out of their column. */
    private static final int SUBJECT_COLUMNS = 48;

    private final JsonObject result = new JsonObject();
    private final List<String> examined = new ArrayList<>();
    private final Map<String, Finding> findings = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private Optional<String> problem = Optional.empty();
    private Optional<String> done = Optional.empty();
    private boolean complete = true;

    /** Takes a finding, unless another step of the same work found it too. */
    void add(Finding finding) {
        findings.putIfAbsent(finding.toString(), finding);
    }

    /**
     * Says how many were looked at.
     *
     * @param field its name in JSON
     * @param count how many
     * @param unit one of them, for people
     */
    void examined(String field, long count, String unit) {
        result.addProperty(field, count);
        examined.add(Sizes.counted(count, unit));
    }

    /** Says what is worth knowing of the work as a whole, and no problem. */
    void note(String text) {
        notes.add(text);
    }

    /** Says why the work as a whole did not do what it is for. */
    void problem(String text) {
        problem = Optional.of(text);
    }

    /** Says what has been done to files, in case that the report cannot be printed. */
    void done(String text) {
        done = Optional.of(text);
    }

    /** What the JSON has beside the findings. */
    JsonObject json() {
        return result;
    }

    /**
     * Does the work, prints all of it, and gives the exit code. If the work fails, what it has found and done until then
     * is printed first.
     */
    int of(KeywrapCommand root, Work work) throws IOException {
        try {
            work.run();
        } catch (IOException | RuntimeException e) {
            complete = false;
            if (!examined.isEmpty() || !findings.isEmpty()) {
                print(root);
            }
            throw e;
        }
        return print(root);
    }

    private int print(KeywrapCommand root) {
        Collection<Finding> all = findings.values();
        long problems = all.stream().filter(finding -> finding.kind().problem()).count()
                + problem.stream().count();
        Map<Kind, Long> counts = all.stream()
                .collect(Collectors.groupingBy(Finding::kind, () -> new EnumMap<>(Kind.class), Collectors.counting()));
        JsonObject byKind = new JsonObject();
        counts.forEach((kind, count) -> byKind.addProperty(kind.name(), count));
        result.addProperty("complete", complete);
        result.addProperty("clean", complete && problems == 0);
        problem.ifPresent(text -> result.addProperty("problem", text));
        if (!notes.isEmpty()) {
            result.add("notes", Json.strings(notes));
        }
        result.add("counts", byKind);
        result.add("findings", Json.objects(List.copyOf(all), StoreReport::toJson));
        List<String> lines = lines(all);
        problem.ifPresent(text -> lines.add("! " + text));
        notes.forEach(text -> lines.add("  " + text));
        String summary = summary(counts, problems);
        lines.add(summary);
        done.ifPresent(text -> root.done(text + ": " + summary));
        root.result(result, lines.toArray(String[]::new));
        return problems == 0 ? ExitCode.DONE : ExitCode.DATA;
    }

    private static JsonObject toJson(Finding finding) {
        JsonObject one = new JsonObject();
        one.addProperty("kind", finding.kind().name());
        one.addProperty("subject", finding.subject());
        finding.dekId().ifPresent(dek -> one.addProperty("dek", dek.hex()));
        one.addProperty("detail", finding.detail());
        one.addProperty("problem", finding.kind().problem());
        return one;
    }

    /** One for each finding. What needed nothing is counted alone, since most of a store is that. */
    private static List<String> lines(Collection<Finding> findings) {
        List<Finding> all = findings.stream()
                .filter(finding -> finding.kind() != Kind.UNCHANGED)
                .toList();
        int kind = all.stream()
                .mapToInt(finding -> finding.kind().name().length())
                .max()
                .orElse(0);
        int subject = all.stream()
                .mapToInt(finding -> finding.subject().length())
                .filter(length -> length <= SUBJECT_COLUMNS)
                .max()
                .orElse(0);
        return all.stream()
                .map(finding -> (finding.kind().problem() ? "! " : "  ")
                        + padded(finding.kind().name(), kind) + "  " + padded(finding.subject(), subject) + "  "
                        + finding.dekId().map(dek -> "DEK " + dek + ": ").orElse("") + finding.detail())
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static String padded(String text, int columns) {
        return text + " ".repeat(Math.max(columns - text.length(), 0));
    }

    private String summary(Map<Kind, Long> counts, long problems) {
        String found = counts.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey() + ", ")
                .collect(Collectors.joining());
        return (complete ? "" : "INCOMPLETE: ")
                + (examined.isEmpty() ? "" : String.join(", ", examined) + " examined: ")
                + found
                + (problems == 0 ? "no problem" : Sizes.counted(problems, "problem"));
    }

    /** What a report is of. */
    interface Work {
        void run() throws IOException;
    }
}
