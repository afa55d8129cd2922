package io.keywrap.bench.stream;

import io.keywrap.bench.stream.Entry.Mode;
import io.keywrap.bench.stream.Jvm.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The first object of a process, from the first line of {@code main} to its end. The start of the JVM goes to the note. */
final class FreshRace {
    private static final int SAMPLES = 5;
    private static final int FEWEST_SAMPLES = 2;

    /** Who is that slow gets fewer samples. */
    private static final double ENOUGH_SECONDS = 8;

    private static final Duration MOST = Duration.ofMinutes(3);

    private final Race race;
    private final Path folder;
    private final byte[] period = Ends.period(Ends.PERIOD_BYTES);
    private final Map<Series, Double> spent = new HashMap<>();
    private final Map<Series, List<Double>> starts = new HashMap<>();

    FreshRace(Race race, Path folder) {
        this.race = race;
        this.folder = folder;
    }

    void run() throws IOException, InterruptedException {
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : race.entries(Mode.FRESH)) {
            if (race.check(entry, List.of("--dir", folder.toString()))) {
                entries.add(entry);
            }
        }
        int samples = race.rounds(SAMPLES);
        for (int sample = 0; sample < samples; sample++) {
            for (Entry entry : entries) {
                sample(entry, sample == 0);
            }
        }
    }

    private void sample(Entry entry, boolean first) throws IOException, InterruptedException {
        Series encrypt = race.series("fresh-encrypt", entry);
        Series decrypt = race.series("fresh-decrypt", entry);
        boolean isLimited = entry.kind() == Entry.Kind.JDK;
        long most = isLimited ? Math.min(race.bytes(), new JdkStreams().mostBytesToDecrypt()) : race.bytes();
        Path plaintext = FileToFile.plaintext(folder, period, race.bytes());
        Path lesser = FileToFile.plaintext(folder, period, most);
        Path envelope = folder.resolve("envelope");
        Path decrypted = folder.resolve("decrypted");
        boolean made = isWanted(encrypt) && run(encrypt, entry, race.bytes(), plaintext, envelope);
        if (isWanted(decrypt)) {
            if (!made || most < race.bytes()) {
                Files.deleteIfExists(envelope);
                made = process(encrypt.question(), entry, most, lesser, envelope)
                        .succeeded();
            }
            if (made && run(decrypt, entry, most, envelope, decrypted) && first) {
                if (Files.mismatch(lesser, decrypted) >= 0) {
                    throw new IllegalStateException(entry.id() + " gives another plaintext");
                }
            }
            if (most < race.bytes()) {
                decrypt.note(JdkStreams.note(most) + "; " + start(decrypt));
            }
        }
        Files.deleteIfExists(envelope);
        Files.deleteIfExists(decrypted);
    }

    private boolean run(Series series, Entry entry, long bytes, Path source, Path target)
            throws IOException, InterruptedException {
        Outcome outcome = process(series.question(), entry, bytes, source, target);
        if (!outcome.succeeded()) {
            race.fail(entry, outcome);
            spent.put(series, Double.MAX_VALUE);
            return false;
        }
        series.add(List.of(outcome.figure(series.question())), outcome.jdk(), race.command(entry));
        spent.merge(series, outcome.seconds(), Double::sum);
        starts.computeIfAbsent(series, key -> new ArrayList<>()).add(outcome.seconds() - outcome.figure("seconds"));
        series.note(start(series));
        race.say(entry, series.question(), series);
        return true;
    }

    private Outcome process(String question, Entry entry, long bytes, Path source, Path target)
            throws IOException, InterruptedException {
        List<String> arguments = List.of(
                question,
                "--bytes",
                Long.toString(bytes),
                "--dir",
                folder.toString(),
                "--source",
                source.toString(),
                "--target",
                target.toString());
        return race.jvm().run(entry, List.of(), arguments, MOST);
    }

    private String start(Series series) {
        List<Double> sorted =
                starts.getOrDefault(series, List.of()).stream().sorted().toList();
        double median = sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
        return Math.round(median * 1000) + " ms more to start and end the JVM";
    }

    private boolean isWanted(Series series) {
        double seconds = spent.getOrDefault(series, 0.0);
        return seconds < ENOUGH_SECONDS || (series.values().size() < FEWEST_SAMPLES && seconds < Double.MAX_VALUE);
    }
}
