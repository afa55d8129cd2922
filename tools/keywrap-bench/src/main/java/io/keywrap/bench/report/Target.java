package io.keywrap.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What keywrap is meant to reach beside others, in one question.
 *
 * @param over in words, what it is held against
 * @param question what was measured
 * @param ours those of keywrap, of which the best counts
 * @param theirs the others, of which the best counts; those of another provider do not
 * @param least how many times as good keywrap is to be; 0 where the ratio is only told
 * @param leastFrom25 the same on JDK 25 and later
 * @param isMore whether it has to be more than that
 */
record Target(
        String over,
        Question question,
        Contestants ours,
        Contestants theirs,
        double least,
        double leastFrom25,
        boolean isMore) {
    /** Seconds at the beginning in which the JVM is not warm. */
    private static final int COLD_SECONDS = 2;

    private static final int NEWER = 25;

    static Target of(String over, Question question, Contestants ours, Contestants theirs, double least) {
        return new Target(over, question, ours, theirs, least, least, false);
    }

    /** It has to be better, by however little. */
    static Target better(String over, Question question, Contestants ours, Contestants theirs) {
        return new Target(over, question, ours, theirs, 1, 1, true);
    }

    Target from25(double other) {
        return new Target(over, question, ours, theirs, least, other, isMore);
    }

    boolean isOnlyTold() {
        return least == 0;
    }

    double least(String jdk) {
        return Runtime.Version.parse(jdk).feature() >= NEWER ? leastFrom25 : least;
    }

    boolean isMet(String jdk, double ratio) {
        return isMore ? ratio > least(jdk) : ratio >= least(jdk);
    }

    /** The ratios that were measured: for each provider of keywrap, or for each run over time. */
    List<Ratios> ratios(Figures figures) {
        List<Series> all = figures.of(question);
        List<Ratios> ratios = new ArrayList<>();
        all.stream()
                .filter(ours::has)
                .map(one -> question.isOverTime() ? one.contestant() : one.provider())
                .distinct()
                .sorted(Comparator.comparing((String provider) -> !provider.equals("SunJCE"))
                        .thenComparing(Comparator.naturalOrder()))
                .forEach(subject -> {
                    Map<String, Double> byJdk = new TreeMap<>();
                    figures.jdks().forEach(jdk -> put(byJdk, jdk, ratio(all, jdk, subject)));
                    if (!byJdk.isEmpty()) {
                        ratios.add(new Ratios(subject, byJdk));
                    }
                });
        return ratios;
    }

    private static void put(Map<String, Double> byJdk, String jdk, @Nullable Double ratio) {
        if (ratio != null) {
            byJdk.put(jdk, ratio);
        }
    }

    private @Nullable Double ratio(List<Series> all, String jdk, String subject) {
        List<Series> here = all.stream().filter(one -> one.jdk().equals(jdk)).toList();
        if (question.isOverTime()) {
            return here.stream()
                    .filter(one -> ours.has(one) && one.contestant().equals(subject))
                    .findFirst()
                    .map(one -> one.lastByFirstTenth(COLD_SECONDS))
                    .orElse(null);
        }
        Optional<Series> our = best(here.stream()
                .filter(one -> ours.has(one) && one.provider().equals(subject))
                .toList());
        Optional<Series> their = best(here.stream()
                .filter(one -> theirs.has(one)
                        && (one.provider().equals(subject) || one.provider().isEmpty() || subject.isEmpty()))
                .toList());
        return our.isPresent() && their.isPresent() ? (Double) our.get().over(their.get()) : null;
    }

    static Optional<Series> best(List<Series> some) {
        return some.stream().reduce((one, other) -> other.over(one) > 1 ? other : one);
    }

    /**
     * What was measured.
     *
     * @param subject the provider, or the contestant of a run over time
     * @param byJdk the ratio for each version of the JDK
     */
    record Ratios(String subject, Map<String, Double> byJdk) {}
}
