package io.keywrap.bench.stream;

import io.keywrap.bench.stream.Entry.Mode;
import io.keywrap.bench.stream.Jvm.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How much memory an encryption takes: of a process that may have what it likes, and the smallest heap that will do. */
final class FootprintRace {
    private static final int SAMPLES = 2;
    private static final int SMALLEST_HEAP = 6;
    private static final int LARGEST_HEAP = 64;

    /** Objects to measure the resident set by, and to search the smallest heap by: in the object's length. */
    private static final int LARGER = 4;

    private static final int SMALLER = 4;
    private static final Duration MOST = Duration.ofMinutes(3);
    private static final Duration MOST_IN_A_SMALL_HEAP = Duration.ofSeconds(40);

    private final Race race;

    FootprintRace(Race race) {
        this.race = race;
    }

    void run() throws IOException, InterruptedException {
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : race.entries(Mode.FOOTPRINT)) {
            if (race.check(entry, List.of())) {
                entries.add(entry);
            }
        }
        for (int sample = 0; sample < race.rounds(SAMPLES); sample++) {
            for (Entry entry : entries) {
                resident(entry);
            }
        }
        for (Entry entry : entries) {
            smallestHeap(entry);
        }
    }

    private void resident(Entry entry) throws IOException, InterruptedException {
        Series series = race.series("peak-rss", entry);
        boolean isLimited = entry.kind() == Entry.Kind.JDK;
        Outcome outcome = encrypt(entry, List.of(), (isLimited ? 1 : LARGER) * race.bytes(), MOST);
        if (isLimited) {
            series.note("an object of 1/" + LARGER + " of the others' length: SunJCE has no messages over 2 GiB");
        }
        if (outcome.succeeded()) {
            series.add(List.of(outcome.figure("peak-rss")), outcome.jdk(), outcome.command());
            race.say(entry, "peak-rss", series);
        } else {
            race.fail(entry, outcome);
        }
    }

    /** Searches with a part of the object, and confirms with the whole. */
    private void smallestHeap(Entry entry) throws IOException, InterruptedException {
        int fails = SMALLEST_HEAP - 1;
        int works = LARGEST_HEAP;
        while (works - fails > 1) {
            int heap = (fails + works) / 2;
            if (inHeap(entry, heap, race.bytes() / SMALLER).succeeded()) {
                works = heap;
            } else {
                fails = heap;
            }
        }
        Outcome outcome = inHeap(entry, works, race.bytes());
        for (; !outcome.succeeded() && works < LARGEST_HEAP; works++) {
            outcome = inHeap(entry, works + 1, race.bytes());
        }
        if (!outcome.succeeded()) {
            race.fail(entry, outcome);
            return;
        }
        Series series = race.series("smallest-heap", entry);
        series.add(List.of((double) works), outcome.jdk(), outcome.command());
        series.note("-Xmx in MiB");
        race.say(entry, "smallest-heap", series);
    }

    private Outcome inHeap(Entry entry, int megabytes, long bytes) throws IOException, InterruptedException {
        return encrypt(entry, List.of("-Xmx" + megabytes + "m"), bytes, MOST_IN_A_SMALL_HEAP);
    }

    private Outcome encrypt(Entry entry, List<String> flags, long bytes, Duration most)
            throws IOException, InterruptedException {
        return race.jvm().run(entry, flags, List.of("footprint", "--bytes", Long.toString(bytes)), most);
    }
}
