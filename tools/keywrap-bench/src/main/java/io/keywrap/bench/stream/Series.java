package io.keywrap.bench.stream;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** All figures of one contestant for one question, which become a line of JSON. */
final class Series {
    private static final MathContext PRECISION = new MathContext(5);

    private final String question;
    private final String contestant;
    private final Entry entry;
    private final List<Double> values = new ArrayList<>();
    private String jdk = "";
    private String command = "";
    private String note = "";

    Series(String question, String contestant, Entry entry) {
        this.question = question;
        this.contestant = contestant;
        this.entry = entry;
    }

    void add(List<Double> more, String itsJdk, String itsCommand) {
        values.addAll(more);
        jdk = itsJdk;
        command = itsCommand;
    }

    void note(String text) {
        note = text;
    }

    List<Double> values() {
        return values;
    }

    String question() {
        return question;
    }

    double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    String unit() {
        return switch (question) {
            case "random-read" -> "µs";
            case "peak-rss", "smallest-heap" -> "MB";
            default -> "MB/s";
        };
    }

    String toJson() {
        StringBuilder json = new StringBuilder("{");
        text(json, "question", question).append(',');
        text(json, "contestant", contestant).append(',');
        text(json, "group", entry.kind().group()).append(',');
        text(json, "jdk", jdk).append(',');
        text(json, "provider", entry.jce().label()).append(',');
        json.append("\"threads\":").append(entry.threads()).append(',');
        text(json, "unit", unit()).append(',');
        text(json, "better", unit().equals("MB/s") ? "higher" : "lower").append(',');
        json.append(values.stream().map(Series::number).collect(Collectors.joining(",", "\"values\":[", "],")));
        text(json, "command", command);
        if (!note.isEmpty()) {
            text(json.append(','), "note", note);
        }
        return json.append('}').toString();
    }

    private static String number(double value) {
        return new BigDecimal(value).round(PRECISION).toPlainString();
    }

    /** No text here has control characters. */
    private static StringBuilder text(StringBuilder json, String name, String value) {
        return json.append('"')
                .append(name)
                .append("\":\"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append('"');
    }
}
