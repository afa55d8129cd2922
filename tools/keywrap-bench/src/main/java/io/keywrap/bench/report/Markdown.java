package io.keywrap.bench.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Text for a page. */
final class Markdown {
    private static final String SPECIAL = "\\`*_[]<>|#&~";

    private final StringBuilder text = new StringBuilder();

    /** Adds a paragraph or a heading as it is. */
    Markdown paragraph(String content) {
        text.append(content).append("\n\n");
        return this;
    }

    /** Adds a table; cells are taken as they are. */
    Markdown table(List<String> head, List<List<String>> rows) {
        text.append(line(head));
        text.append(line(head.stream().map(cell -> "---").toList()));
        rows.forEach(row -> text.append(line(row)));
        text.append('\n');
        return this;
    }

    /** Adds lines of a shell that are hidden until they are wanted. */
    Markdown hidden(String summary, List<String> lines) {
        text.append("<details><summary>").append(escaped(summary)).append("</summary>\n\n```sh\n");
        lines.forEach(line ->
                text.append(line.replace("```", "'''").replaceAll("\\R", " ")).append('\n'));
        text.append("```\n\n</details>\n\n");
        return this;
    }

    private static String line(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    /** Text that means nothing to Markdown or HTML. */
    static String escaped(String plain) {
        StringBuilder escaped = new StringBuilder();
        plain.replaceAll("\\s+", " ").chars().forEach(c -> {
            switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                default -> {
                    if (SPECIAL.indexOf(c) >= 0) {
                        escaped.append('\\');
                    }
                    escaped.append((char) c);
                }
            }
        });
        return escaped.toString();
    }

    /** All digits before the point, and three in all where that is more. */
    static String number(double value) {
        double size = Math.abs(value);
        String format = size >= 100 || size == 0 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }

    /** Two digits behind the point and no more, so that nothing looks as if it had reached what it has not. */
    static String ratio(double value) {
        return BigDecimal.valueOf(value).setScale(2, RoundingMode.DOWN).toPlainString();
    }

    @Override
    public String toString() {
        return text.toString().stripTrailing() + "\n";
    }
}
