package io.keywrap.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** What becomes of figures. */
class ReportTest {
    private static final Path DOCS = Path.of(System.getProperty("basedir", ""))
            .toAbsolutePath()
            .resolve("../../docs")
            .normalize();

    @TempDir
    Path folder;

    private Path figures;

    @BeforeEach
    void writeFigures() throws IOException {
        figures = folder.resolve("figures.jsonl");
        add("memory-encrypt", "keywrap, 64 KiB segments", "keywrap", "17.0.15", "SunJCE", 1, 940, 950, 945);
        add("memory-encrypt", "keywrap, 64 KiB segments", "keywrap", "25.0.3", "SunJCE", 1, 1000);
        add("memory-encrypt", "bare loop, 64 KiB segments", "bare loop", "17.0.15", "SunJCE", 1, 1000);
        add("memory-encrypt", "bare loop, 64 KiB segments", "bare loop", "25.0.3", "SunJCE", 1, 1111.2);
        add("memory-encrypt", "Tink 4KB, stream", "Tink", "17.0.15", "SunJCE", 1, 600);
        add("memory-encrypt", "Tink 1MB, channel", "Tink", "17.0.15", "SunJCE", 1, 900);
        add("memory-encrypt", "Tink 1MB, channel", "Tink", "17.0.15", "ACCP", 1, 5000);
        add("memory-encrypt", "Tink 1MB, channel", "Tink", "25.0.3", "SunJCE", 1, 1050);
    }

    @Test
    void aRowHasMedianLeastMostAndTheRatioToKeywrapOnBothJdks() throws IOException {
        assertThat(page())
                .contains("| contestant | provider | threads | JDK 17.0.15: MB/s | ratio | JDK 25.0.3: MB/s | ratio |")
                .contains(
                        "| **keywrap, 64 KiB segments** | SunJCE | 1 | 945 (940–950) | 1.00 | 1,000 (1,000–1,000) | 1.00 |")
                .contains("| Tink 1MB, channel | SunJCE | 1 | 900 (900–900) | 0.952 | 1,050 (1,050–1,050) | 1.05 |")
                .contains("| Tink 4KB, stream | SunJCE | 1 | 600 (600–600) | 0.635 | – | – |");
    }

    @Test
    void aTargetIsMetOrNotByTheBestOfTheOthersOnTheSameProvider() throws IOException {
        String asked = "| [Encrypt, memory to sink](#encrypt-memory-to-sink) | ";
        assertThat(page())
                .contains(asked + "the bare loop, same copies | SunJCE | 0.90 | 0.94 | met | 0.89 | **not met** |")
                .contains(asked
                        + "the best setting of Tink | SunJCE | 1.05; from JDK 25 on 0.95 | 1.05 | met | 0.95 | met |")
                .contains("| Decrypt, memory to sink | the bare loop, same copies | – | 0.90 | – | not measured |");
    }

    @Test
    void lessIsBetterWhereTheFiguresSaySo() throws IOException {
        line(series("shell-encrypt-1GiB", "keywrap", "keywrap", "17.0.15", "SunJCE", 2, "s", "lower", "", 1.0));
        line(series("shell-encrypt-1GiB", "age", "age", "17.0.15", "none", 1, "s", "lower", "", 1.5));
        line(series("shell-encrypt-1GiB", "gpg -c", "gpg", "17.0.15", "", 1, "s", "lower", "", 0.999));
        assertThat(page())
                .contains("| age | SunJCE | more than 1.00 | 1.50 | met | – | not measured |")
                .contains("| gpg, the faster way | SunJCE | more than 1.00 | 0.99 | **not met** | – | not measured |")
                .contains("| age | – | 1 | 1.50 (1.50–1.50) | 0.667 | – | – |");
    }

    @Test
    void aRunOverTimeIsHeldAgainstItsOwnBeginningWithoutTheFirstTwoValues() throws IOException {
        double[] slower = Stream.of(List.of(1.0, 1.0), Collections.nCopies(18, 100.0), List.of(80.0, 80.0))
                .flatMap(List::stream)
                .mapToDouble(Double::doubleValue)
                .toArray();
        line(series("endurance", "keywrap, encrypt", "keywrap", "17.0.15", "SunJCE", 2, "MB/s", "higher", "", slower));
        assertThat(page()).contains("| keywrap, encrypt | 0.90 | 0.80 | **not met** | – | not measured |");
    }

    @Test
    void whatAContestantIsCalledMeansNothingToMarkdownOrHtml() throws IOException {
        line(series("random-read", "a|b <script> *c* & `d`", "Tink", "17.0.15", "", 1, "µs", "lower", "n_o_te |", 1));
        assertThat(page())
                .contains("| a\\|b &lt;script&gt; \\*c\\* &amp; \\`d\\` | – | 1 | 1.00 (1.00–1.00) |")
                .contains("* a\\|b &lt;script&gt; \\*c\\* &amp; \\`d\\`: n\\_o\\_te \\|\n")
                .satisfies(page ->
                        assertThat(page.replaceAll("(?s)```sh.*?```", "")).doesNotContain("<script>"));
    }

    @Test
    void theLaterOfTwoLinesForTheSameMeasurementCounts() throws IOException {
        add("memory-encrypt", "Tink 1MB, channel", "Tink", "17.0.15", "SunJCE", 1, 800);
        assertThat(page()).contains("| 800 (800–800) |").doesNotContain("| 900 (900–900) |");
    }

    @Test
    void everyPlotIsXmlAndHasTheNames() throws Exception {
        line(series("endurance", "<a> & \"b\"", "keywrap", "17.0.15", "SunJCE", 2, "MB/s", "higher", "", 1, 2, 3));
        write();
        for (String name : List.of("memory-encrypt", "endurance")) {
            assertThat(xml(folder.resolve("out/benchmarks/" + name + ".svg"))
                            .getDocumentElement()
                            .getTagName())
                    .isEqualTo("svg");
        }
        assertThat(folder.resolve("out/benchmarks/memory-encrypt.svg"))
                .content()
                .contains("Tink 4KB, stream", "JDK 25.0.3", "rgb(31,111,178)");
        assertThat(folder.resolve("out/benchmarks/endurance.svg")).content().contains("&lt;a&gt; &amp; ");
    }

    @Test
    void theSameFiguresGiveTheSameFiles() throws IOException {
        String page = page();
        String plot = Files.readString(folder.resolve("out/benchmarks/memory-encrypt.svg"));
        assertThat(page()).isEqualTo(page);
        assertThat(folder.resolve("out/benchmarks/memory-encrypt.svg"))
                .content()
                .isEqualTo(plot);
    }

    @Test
    void aLineThatIsNotWhatItShouldBeIsNamed() throws IOException {
        Files.writeString(figures, Files.readString(figures) + "{\"question\":\"memory-encrypt\"}\n");
        assertThatThrownBy(this::page).isInstanceOf(IOException.class).hasMessageContaining("figures.jsonl:9: ");
        Files.writeString(figures, series("memory", "x", "JDK", "17", "", 1, "s", "lower", "", 1) + "\n");
        assertThatThrownBy(this::page).hasMessageContaining("figures.jsonl:1: no question \"memory\"");
    }

    @Test
    void aNoteStandsWithItsQuestionAndAWrongHeadingIsRefused() {
        Notes notes = Notes.of(List.of("for writers", "## ratios", "", "Why.", "", "## endurance", "Flat."));
        assertThat(notes.under("ratios")).isEqualTo("Why.");
        assertThat(notes.under("endurance")).isEqualTo("Flat.");
        assertThat(notes.under("memory-encrypt")).isEmpty();
        assertThatThrownBy(() -> Notes.of(List.of("## ratio"))).hasMessageContaining("\"ratio\"");
        assertThat(Notes.ofThisModule().under("introduction")).isNotEmpty();
    }

    @Test
    void theCommittedPageIsThatOfTheCommittedFigures() throws IOException {
        List<Path> committed = Stream.of("17", "25")
                .map(jdk -> DOCS.resolve("benchmarks/figures-" + jdk + ".jsonl"))
                .toList();
        assumeThat(committed)
                .as("figures were measured")
                .allSatisfy(file -> assertThat(file).exists());
        Report.write(Figures.read(committed), Notes.ofThisModule(), folder);
        assertThat(DOCS.resolve("benchmarks.md")).hasSameBinaryContentAs(folder.resolve("benchmarks.md"));
        for (Question question : Question.values()) {
            String plot = "benchmarks/" + question.key() + ".svg";
            assertThat(Files.exists(DOCS.resolve(plot))).as(plot).isEqualTo(Files.exists(folder.resolve(plot)));
        }
    }

    private String page() throws IOException {
        write();
        return Files.readString(folder.resolve("out/benchmarks.md"));
    }

    private void write() throws IOException {
        Report.write(Figures.read(List.of(figures)), Notes.of(List.of()), folder.resolve("out"));
    }

    private void add(
            String question,
            String contestant,
            String group,
            String jdk,
            String provider,
            int threads,
            double... values)
            throws IOException {
        line(series(question, contestant, group, jdk, provider, threads, "MB/s", "higher", "", values));
    }

    private void line(String json) throws IOException {
        Files.writeString(figures, json + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Written by hand, as other programs would write it. */
    private static String series(
            String question,
            String contestant,
            String group,
            String jdk,
            String provider,
            int threads,
            String unit,
            String better,
            String note,
            double... values) {
        return "{\"question\":\"%s\",\"contestant\":\"%s\",\"group\":\"%s\",\"jdk\":\"%s\",\"provider\":\"%s\",\"threads\":%d,"
                        .formatted(question, contestant.replace("\"", "\\\""), group, jdk, provider, threads)
                + "\"unit\":\"%s\",\"better\":\"%s\",\"values\":%s,\"command\":\"java x\"%s}"
                        .formatted(
                                unit,
                                better,
                                Arrays.toString(values),
                                note.isEmpty() ? "" : ",\"note\":\"" + note + "\"");
    }

    private static Document xml(Path file) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    }
}
