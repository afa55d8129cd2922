package io.keywrap.bench.report;

import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes the results of the benchmark of small records over from JMH. */
@Command(
        name = "JmhResults",
        description =
                "Adds the results of SmallRecord, as JMH's -rf json -rff FILE -prof gc wrote them, to a file of figures.")
final class JmhResults implements Callable<Integer> {
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    /** The subjects of SmallRecord, whose methods are called by them and the verb. */
    private static final Map<String, Subject> SUBJECTS = Map.ofEntries(
            Map.entry("held", new Subject("keywrap, envelope, lease held", "keywrap")),
            Map.entry("envelope", new Subject("keywrap, envelope", "keywrap")),
            Map.entry("lease", new Subject("keywrap, key of a lease in a JCA cipher", "keywrap")),
            Map.entry("floe", new Subject("bare FLOE operations", "bare loop")),
            Map.entry("tinkEnvelope", new Subject("Tink KmsEnvelopeAead", "Tink")),
            Map.entry("tinkAead", new Subject("Tink Aead, key in memory", "Tink")),
            Map.entry("awsCached", new Subject("AWS Encryption SDK with its cache", "AWS Encryption SDK")),
            Map.entry("awsUncached", new Subject("AWS Encryption SDK without its cache", "AWS Encryption SDK")),
            Map.entry("jca", new Subject("JCA cipher, new for each record", "JDK")));

    @Parameters(paramLabel = "RESULTS", description = "What JMH wrote.")
    private Path results = Path.of("jmh.json");

    @Option(names = "--out", required = true, description = "The file of figures.")
    private Path out = Path.of("figures.jsonl");

    @Option(names = "--command", required = true, description = "What JMH was run with.")
    private String command = "";

    private JmhResults() {}

    /**
     * Runs it.
     *
     * @param arguments files and options
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new JmhResults()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        for (Series one : read(results, command)) {
            Figures.append(out, one);
        }
        return 0;
    }

    /**
     * Reads what JMH wrote.
     *
     * @throws IOException if it is not there
     * @throws IllegalArgumentException if it has a benchmark that is not known here
     */
    static List<Series> read(Path results, String command) throws IOException {
        List<Series> series = new ArrayList<>();
        try (BufferedReader in = Files.newBufferedReader(results)) {
            for (Result result : new Gson().fromJson(in, Result[].class)) {
                add(result, command, series);
            }
        }
        return series;
    }

    private static void add(Result result, String command, List<Series> series) {
        String method = result.benchmark.substring(result.benchmark.lastIndexOf('.') + 1);
        boolean encrypts = method.endsWith("Encrypt");
        Subject subject = SUBJECTS.get(method.replaceFirst("(En|De)crypt$", ""));
        if (subject == null) {
            throw new IllegalArgumentException("no name for the benchmark " + result.benchmark);
        }
        String question = (encrypts ? Question.SMALL_ENCRYPT : Question.SMALL_DECRYPT).key();
        series.add(result.series(question, subject, "ns", subject.contestant, result.primaryMetric, command));
        Metric allocated = result.secondaryMetrics == null ? null : result.secondaryMetrics.get(ALLOCATED);
        if (allocated != null) {
            String name = subject.contestant + (encrypts ? ", encrypt" : ", decrypt");
            series.add(result.series(Question.SMALL_GARBAGE.key(), subject, "bytes", name, allocated, command));
        }
    }

    /**
     * Whom a benchmark measures.
     *
     * @param contestant what is measured
     * @param group whose it is
     */
    private record Subject(String contestant, String group) {}

    /**
     * What this needs of a result of JMH.
     *
     * @param benchmark the name of class and method
     * @param threads how many
     * @param jdkVersion such as 17.0.15
     * @param primaryMetric the time of an operation
     * @param secondaryMetrics of profilers
     */
    private record Result(
            String benchmark,
            int threads,
            String jdkVersion,
            Metric primaryMetric,
            @Nullable Map<String, Metric> secondaryMetrics) {
        private Series series(
                String question, Subject subject, String unit, String contestant, Metric metric, String command) {
            return new Series(
                    question,
                    contestant,
                    subject.group,
                    jdkVersion,
                    "SunJCE",
                    threads,
                    unit,
                    Series.LOWER,
                    metric.values(unit.equals("ns") ? "ns/op" : "B/op"),
                    command,
                    null);
        }
    }

    /**
     * A metric of JMH.
     *
     * @param scoreUnit its unit
     * @param rawData a value for each iteration of each fork
     */
    private record Metric(String scoreUnit, List<List<Double>> rawData) {
        private List<Double> values(String unit) {
            if (!scoreUnit.equals(unit)) {
                throw new IllegalArgumentException("the results are in " + scoreUnit + ", not in " + unit);
            }
            return rawData.stream().flatMap(List::stream).toList();
        }
    }
}
