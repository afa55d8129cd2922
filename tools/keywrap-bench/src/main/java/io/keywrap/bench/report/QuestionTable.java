package io.keywrap.bench.report;

import static io.keywrap.bench.report.Markdown.escaped;
import static io.keywrap.bench.report.Markdown.number;

import io.keywrap.bench.report.Series.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** All contestants of a question, those of keywrap first, then the best on the oldest JDK first. */
final class QuestionTable {
    private static final String NOTHING = "–";

    private final Question question;
    private final List<Series> all;
    private final List<String> jdks;

    QuestionTable(Question question, List<Series> all, List<String> jdks) {
        this.question = question;
        this.all = all;
        this.jdks = jdks;
    }

    /** The rows in their order, as the plot has them too. */
    List<Row> order() {
        return all.stream()
                .map(Series::row)
                .distinct()
                .sorted(Comparator.comparing((Row row) -> !row.group().equals("keywrap"))
                        .thenComparingDouble(this::rank)
                        .thenComparing(Row::contestant)
                        .thenComparing(Row::provider)
                        .thenComparingInt(Row::threads))
                .toList();
    }

    private double rank(Row row) {
        Series one = jdks.stream()
                .flatMap(jdk -> find(row, jdk).stream())
                .findFirst()
                .orElseThrow();
        return one.better().equals(Series.HIGHER) ? -one.median() : one.median();
    }

    Optional<Series> find(Row row, String jdk) {
        return all.stream()
                .filter(one -> one.jdk().equals(jdk) && one.row().equals(row))
                .findFirst();
    }

    List<String> head() {
        String unit = all.get(0).unit();
        List<String> head = new ArrayList<>(List.of("contestant", "provider", "threads"));
        for (String jdk : jdks) {
            head.add("JDK " + jdk + ": " + escaped(unit));
            head.add("ratio");
        }
        return head;
    }

    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (Row row : order()) {
            List<String> cells = new ArrayList<>();
            cells.add(
                    row.group().equals("keywrap")
                            ? "**" + escaped(row.contestant()) + "**"
                            : escaped(row.contestant()));
            cells.add(row.provider().isEmpty() ? NOTHING : escaped(row.provider()));
            cells.add(Integer.toString(row.threads()));
            for (String jdk : jdks) {
                Optional<Series> one = find(row, jdk);
                cells.add(one.map(QuestionTable::value).orElse(NOTHING));
                cells.add(one.flatMap(this::ratio).map(Markdown::number).orElse(NOTHING));
            }
            rows.add(cells);
        }
        return rows;
    }

    private static String value(Series one) {
        return number(one.median()) + " (" + number(one.least()) + "–" + number(one.most()) + ")";
    }

    /** To the best of keywrap on the same provider, else to the best of all. */
    private Optional<Double> ratio(Series one) {
        List<Series> references = all.stream()
                .filter(other -> other.isKeywrap()
                        && other.jdk().equals(one.jdk())
                        && other.contestant().contains(question.reference())
                        && other.part().equals(one.part()))
                .toList();
        Optional<Series> same = Target.best(references.stream()
                .filter(other -> other.provider().equals(one.provider()))
                .toList());
        return same.or(() -> Target.best(references)).map(one::over);
    }
}
