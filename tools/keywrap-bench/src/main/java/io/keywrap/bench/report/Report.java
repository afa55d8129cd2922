package io.keywrap.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes the page of all benchmarks, and its plots. */
@Command(name = "Report", description = "Writes benchmarks.md and benchmarks/*.svg from files of figures.")
final class Report implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "FIGURES", description = "Files of figures, one for each JDK.")
    private List<Path> files = List.of();

    @Option(names = "--out", required = true, description = "The folder to write to, such as docs.")
    private Path out = Path.of("docs");

    private Report() {}

    /**
     * Runs it.
     *
     * @param arguments files and options
     */
    public static void main(String[] arguments) {
        System.setProperty("java.awt.headless", "true");
        System.exit(new CommandLine(new Report()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        write(Figures.read(files), Notes.ofThisModule(), out);
        return 0;
    }

    /** Writes page and plots to a folder. */
    static void write(Figures figures, Notes notes, Path folder) throws IOException {
        Path plots = Files.createDirectories(folder.resolve("benchmarks"));
        Files.writeString(folder.resolve("benchmarks.md"), new Page(figures, notes).text());
        for (Question question : Question.values()) {
            List<Series> all = figures.of(question);
            if (!all.isEmpty()) {
                Files.writeString(
                        plots.resolve(question.key() + ".svg"),
                        question.isOverTime()
                                ? LinePlot.svg(question, all)
                                : BarPlot.svg(
                                        question, new QuestionTable(question, all, figures.jdks()), figures.jdks()));
            }
        }
    }
}
