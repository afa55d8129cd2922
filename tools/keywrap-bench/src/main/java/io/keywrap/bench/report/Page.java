package io.keywrap.bench.report;

import static io.keywrap.bench.report.Markdown.escaped;
import static io.keywrap.bench.report.Markdown.ratio;

import io.keywrap.bench.report.Target.Ratios;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The page of all benchmarks. */
final class Page {
    private static final String SOURCE = """
            <!-- Written by tools/keywrap-bench/run from docs/benchmarks/figures-*.jsonl; changes here are lost. Comments are kept in
            tools/keywrap-bench/src/main/resources/io/keywrap/bench/report/notes.md -->""";
    private static final String NOTHING = "–";

    private final Figures figures;
    private final Notes notes;
    private final List<String> jdks;

    Page(Figures figures, Notes notes) {
        this.figures = figures;
        this.notes = notes;
        this.jdks = figures.jdks();
    }

    /** The same text for the same figures. */
    String text() {
        Markdown page = new Markdown();
        page.paragraph("# Benchmarks").paragraph(SOURCE);
        note(page, Notes.INTRODUCTION);
        ratios(page);
        machines(page);
        for (Question question : Question.values()) {
            if (!figures.of(question).isEmpty()) {
                question(page, question);
            }
        }
        return page.toString();
    }

    private void note(Markdown page, String heading) {
        if (!notes.under(heading).isEmpty()) {
            page.paragraph(notes.under(heading));
        }
    }

    private void ratios(Markdown page) {
        page.paragraph("## Ratios");
        page.paragraph(
                "How many times as fast keywrap is as what it is held against, medians, and what it is meant to reach.");
        note(page, Notes.RATIOS);
        List<String> head = new ArrayList<>(List.of("question", "held against", "provider", "at least"));
        jdks.forEach(jdk -> head.addAll(List.of(name(jdk), "")));
        for (Targets targets : Targets.all()) {
            List<List<String>> rows = new ArrayList<>();
            targets.targets().forEach(target -> rows.addAll(rows(target)));
            page.paragraph("### " + targets.title()).table(head, rows);
        }
    }

    private List<List<String>> rows(Target target) {
        List<Ratios> all = target.ratios(figures);
        List<List<String>> rows = new ArrayList<>();
        for (Ratios one : all.isEmpty() ? List.of(new Ratios("", Map.of())) : all) {
            List<String> row = new ArrayList<>();
            row.add(link(target.question()));
            row.add(escaped(target.over()));
            row.add(orNothing(one.subject()));
            row.add(leasts(target));
            for (String jdk : jdks) {
                Double ratio = one.byJdk().get(jdk);
                row.add(ratio == null ? NOTHING : ratio(ratio));
                row.add(ratio == null ? "not measured" : verdict(target, jdk, ratio));
            }
            rows.add(row);
        }
        return rows;
    }

    private String link(Question question) {
        String title = question.title();
        return figures.of(question).isEmpty() ? title : "[" + title + "](#" + anchor(title) + ")";
    }

    private static String verdict(Target target, String jdk, double ratio) {
        if (target.isOnlyTold()) {
            return "";
        }
        return target.isMet(jdk, ratio) ? "met" : "**not met**";
    }

    private String leasts(Target target) {
        if (target.isOnlyTold()) {
            return NOTHING;
        }
        String sign = target.isMore() ? "more than " : "";
        if (target.least() == target.leastFrom25()) {
            return sign + ratio(target.least());
        }
        return sign + ratio(target.least()) + "; from JDK 25 on " + ratio(target.leastFrom25());
    }

    private void machines(Markdown page) {
        page.paragraph("## How it was run");
        if (figures.machines().isEmpty()) {
            page.paragraph("The figures do not say on which machine.");
            return;
        }
        List<String> head = new ArrayList<>(List.of(""));
        figures.machines().forEach(machine -> head.add(name(machine.jdk())));
        page.table(
                head,
                List.of(
                        row("date", Machine::date),
                        row("revision", Machine::revision),
                        row("JDK", machine -> machine.jdk() + ", " + machine.jvm()),
                        row("CPU", Machine::cpu),
                        row("cores", machine -> Integer.toString(machine.cores())),
                        row("memory", Machine::memory),
                        row("kernel", Machine::kernel),
                        row("file system", Machine::fileSystem),
                        row("tools", machine -> String.join("; ", machine.tools()))));
        Set<String> libraries = new LinkedHashSet<>();
        figures.machines().forEach(machine -> libraries.addAll(machine.libraries()));
        page.hidden("Libraries", libraries.stream().sorted().toList());
        page.paragraph(
                "`tools/keywrap-bench/run` measures everything and writes this page. A ratio in a table below says how many"
                        + " times as good a contestant is as the best row of keywrap, whatever its threads and segments, on the"
                        + " same provider where there is one; over 1 is better than keywrap.");
    }

    private List<String> row(String name, Function<Machine, String> value) {
        List<String> row = new ArrayList<>(List.of(name));
        figures.machines().forEach(machine -> row.add(escaped(value.apply(machine))));
        return row;
    }

    private void question(Markdown page, Question question) {
        page.paragraph("## " + question.title()).paragraph(question.sentence());
        List<Series> all = figures.of(question);
        QuestionTable table = new QuestionTable(question, all, jdks);
        page.table(table.head(), table.rows());
        Set<String> remarks = new LinkedHashSet<>();
        for (Series one : all) {
            if (one.note() != null) {
                remarks.add("* " + escaped(one.contestant()) + ": " + escaped(one.note()));
            }
        }
        if (!remarks.isEmpty()) {
            page.paragraph(String.join("\n", remarks));
        }
        note(page, question.key());
        page.paragraph("![" + question.title() + "](benchmarks/" + question.key() + ".svg)");
        page.hidden("Commands", commands(all));
    }

    /** Each command once, under the names of those that it measured where not all are. */
    private List<String> commands(List<Series> all) {
        Map<String, Set<String>> names = new LinkedHashMap<>();
        for (Series one : all) {
            names.computeIfAbsent("# JDK " + one.jdk() + "\n" + one.command(), key -> new LinkedHashSet<>())
                    .add(one.contestant());
        }
        List<String> lines = new ArrayList<>();
        names.forEach((command, contestants) -> {
            String[] parts = command.split("\n", 2);
            lines.add(parts[0] + ": " + String.join("; ", contestants));
            lines.add(parts[1]);
        });
        return lines;
    }

    /** As the sites that show such pages name a heading. */
    static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }

    private String name(String jdk) {
        String feature = Integer.toString(Runtime.Version.parse(jdk).feature());
        boolean isAmbiguous = jdks.stream()
                        .filter(other -> Runtime.Version.parse(other).feature()
                                == Runtime.Version.parse(jdk).feature())
                        .count()
                > 1;
        return "JDK " + (isAmbiguous ? jdk : feature);
    }

    private static String orNothing(String text) {
        return text.isEmpty() ? NOTHING : escaped(text);
    }
}
