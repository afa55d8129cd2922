package io.keywrap.bench.report;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one contestant was measured to do, on one JDK.
 *
 * @param question what was measured: the {@linkplain Question#key() key of a question}
 * @param contestant what was measured, and how it is set up
 * @param group whose it is
 * @param jdk the version of the JDK, such as 17.0.15
 * @param provider the JCA provider of the cipher; empty if there is none, which may also be written as "none"
 * @param threads how many threads worked
 * @param unit the unit of the values
 * @param better which values are better, {@code higher} or {@code lower}
 * @param values every measured round, in the order of time
 * @param command what was run
 * @param note what a reader must know to read the values right
 */
record Series(
        String question,
        String contestant,
        String group,
        String jdk,
        String provider,
        int threads,
        String unit,
        String better,
        List<Double> values,
        String command,
        @Nullable String note) {
    static final String HIGHER = "higher";
    static final String LOWER = "lower";

    private static final Pattern PART = Pattern.compile(", (median|\\w+ percentile|encrypt|decrypt)$");

    Series {
        requireNonNull(question, "question");
        requireNonNull(contestant, "contestant");
        requireNonNull(group, "group");
        requireNonNull(jdk, "jdk");
        requireNonNull(provider, "provider");
        requireNonNull(unit, "unit");
        requireNonNull(command, "command");
        provider = provider.equals("none") ? "" : provider;
        values = List.copyOf(requireNonNull(values, "values"));
        if (!List.of(HIGHER, LOWER).contains(requireNonNull(better, "better"))) {
            throw new IllegalArgumentException("better is neither higher nor lower");
        }
        if (values.isEmpty() || !values.stream().allMatch(Double::isFinite)) {
            throw new IllegalArgumentException("values are missing, or not finite");
        }
    }

    /** Whether it is the same measurement, so that a later one takes the place of an earlier one. */
    boolean repeats(Series other) {
        return question.equals(other.question) && jdk.equals(other.jdk) && row().equals(other.row());
    }

    /** This with the values of another one behind its own. */
    Series then(Series later) {
        List<Double> all = new ArrayList<>(values);
        all.addAll(later.values);
        return new Series(question, contestant, group, jdk, provider, threads, unit, better, all, command, note);
    }

    /** What of several figures of one contestant it is, such as the median of many reads; empty if there is only one. */
    String part() {
        Matcher part = PART.matcher(contestant);
        return part.find() ? part.group(1) : "";
    }

    Row row() {
        return new Row(contestant, group, provider, threads);
    }

    boolean isKeywrap() {
        return group.equals("keywrap");
    }

    double median() {
        return median(values);
    }

    double least() {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    double most() {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** How many times as good this is as another one; over 1 is better. */
    double over(Series other) {
        return better.equals(HIGHER) ? median() / other.median() : other.median() / median();
    }

    /** The median of the last tenth of the values by that of the first tenth. */
    double lastByFirstTenth(int skipped) {
        List<Double> all = values.subList(Math.min(skipped, values.size() - 1), values.size());
        int tenth = Math.max(1, all.size() / 10);
        return median(all.subList(all.size() - tenth, all.size())) / median(all.subList(0, tenth));
    }

    static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /**
     * What stands in one row of a table, on every JDK.
     *
     * @param contestant what was measured
     * @param group whose it is
     * @param provider the JCA provider, or empty
     * @param threads how many threads worked
     */
    record Row(String contestant, String group, String provider, int threads) {}
}
