package io.keywrap.bench.stream;

import io.keywrap.bench.stream.Entry.Mode;
import io.keywrap.bench.stream.Jvm.Outcome;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Measures keywrap beside its peers, each in JVMs of its own, which take turns. Appends a line of JSON for each series to a
 * file.
 *
 * <pre>{@code
 * memory|file|fresh|random|footprint --out figures.jsonl
 *     [--bytes N]     of an object; 1 GiB
 *     [--rounds N]    measured in each JVM; of fresh and footprint, JVMs
 *     [--jvms N]      that each contestant gets; 2
 *     [--jdk home]    another JDK than this one
 *     [--dir D]       where files are; /dev/shm/keywrap-race
 *     [--only regex]  contestants by name, provider and threads
 *     [--libs D]      where the Amazon Corretto Crypto Provider is; lib-accp beside the jar
 * }</pre>
 */
public final class Race {
    private static final long BYTES = 1L << 30;
    private static final Duration MOST = Duration.ofMinutes(5);

    private final Options options;
    private final PrintStream progress;
    private final Jvm jvm;
    private final long begun = System.nanoTime();
    private final Map<String, Series> series = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    Race(Options options, PrintStream progress) throws IOException {
        this.options = options;
        this.progress = progress;
        this.jvm = new Jvm(options);
    }

    /**
     * Measures.
     *
     * @param arguments as above
     * @throws Exception if files or processes fail
     */
    public static void main(String[] arguments) throws Exception {
        if (new Race(new Options(arguments), System.out).run() > 0) {
            System.exit(1);
        }
    }

    /** Gives the number of contestants that failed; what others gave is written all the same. */
    int run() throws IOException, InterruptedException {
        Path out = Path.of(options.need("out"));
        Mode mode = Mode.valueOf(options.word().toUpperCase(Locale.ROOT));
        Path folder = folder();
        Files.createDirectories(folder);
        try {
            switch (mode) {
                case MEMORY, FILE, RANDOM -> warm(mode);
                case FRESH -> new FreshRace(this, folder).run();
                case FOOTPRINT -> new FootprintRace(this).run();
            }
        } finally {
            List<String> lines = series.values().stream()
                    .filter(one -> !one.values().isEmpty())
                    .map(Series::toJson)
                    .toList();
            Files.write(out, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            remove(folder);
        }
        failures.forEach(failure -> say("FAILED " + failure));
        return failures.size();
    }

    private void warm(Mode mode) throws IOException, InterruptedException {
        List<Entry> entries = entries(mode);
        int jvms = options.number("jvms", 2);
        for (int turn = 1; turn <= jvms; turn++) {
            for (Entry entry : entries) {
                warm(mode, entry);
            }
        }
    }

    private void warm(Mode mode, Entry entry) throws IOException, InterruptedException {
        long bytes = bytes() / entry.share();
        List<String> arguments = new ArrayList<>(List.of(options.word(), "--bytes", Long.toString(bytes)));
        arguments.addAll(List.of("--rounds", Integer.toString(options.number("rounds", 3))));
        if (mode != Mode.MEMORY) {
            arguments.addAll(List.of("--dir", folder().toString()));
        }
        Outcome outcome = jvm.run(entry, heap(mode), arguments, MOST);
        if (outcome.succeeded()) {
            outcome.figures().keySet().forEach(question -> add(question, entry, outcome));
        } else {
            fail(entry, outcome);
        }
    }

    /** The same for all; enough to hold a whole envelope in memory. */
    private List<String> heap(Mode mode) {
        if (mode != Mode.MEMORY) {
            return List.of("-Xmx1g");
        }
        long megabytes = ((2 * bytes()) >> 20) + 1024;
        return List.of("-Xms" + megabytes + "m", "-Xmx" + megabytes + "m");
    }

    private void add(String question, Entry entry, Outcome outcome) {
        List<Double> values = outcome.figures().get(question);
        Series one = series(question, entry);
        one.add(values == null ? List.of() : values, outcome.jdk(), outcome.command());
        String note = outcome.notes().get(one.question());
        if (note != null) {
            one.note(note);
        } else if (entry.share() > 1) {
            one.note("objects of 1/" + entry.share() + " of the others' length");
        }
        say(entry, question, one);
    }

    /** A question may have a part, such as a percentile, which goes to the contestant's name. */
    Series series(String question, Entry entry) {
        String[] parts = question.split("/", 2);
        String name = parts.length == 1 ? entry.name() : entry.name() + ", " + parts[1];
        return series.computeIfAbsent(question + " of " + entry.id(), key -> new Series(parts[0], name, entry));
    }

    void say(Entry entry, String question, Series one) {
        say(String.format(Locale.ROOT, "%s: %s %.1f %s", entry.id(), question, one.median(), one.unit()));
    }

    void say(String text) {
        progress.printf(Locale.ROOT, "%6.1f s  %s%n", (System.nanoTime() - begun) / 1e9, text);
    }

    void fail(Entry entry, Outcome outcome) {
        failures.add(entry.id() + "\n" + outcome.command() + "\n" + outcome.lastLines());
        say("FAILED " + entry.id());
    }

    /** Those that take part. */
    List<Entry> entries(Mode mode) {
        Pattern only = Pattern.compile(options.find("only").orElse(""));
        List<Entry> found = Entries.all().stream()
                .filter(entry -> entry.modes().contains(mode))
                .filter(entry -> only.matcher(entry.id()).find())
                .toList();
        List<Entry> possible = found.stream()
                .filter(entry -> jvm.hasAccp() || !entry.jce().needsAccp())
                .toList();
        if (possible.size() < found.size()) {
            say("without ACCP, which is not there");
        }
        return possible;
    }

    long bytes() {
        return options.bytes(BYTES);
    }

    int rounds(int otherwise) {
        return options.number("rounds", otherwise);
    }

    Jvm jvm() {
        return jvm;
    }

    /** That what is encrypted decrypts to the same; says it if not. */
    boolean check(Entry entry, List<String> arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("check"));
        all.addAll(arguments);
        Outcome outcome = jvm.run(entry, List.of(), all, MOST);
        if (!outcome.succeeded()) {
            fail(entry, outcome);
        }
        return outcome.succeeded();
    }

    String command(Entry entry) {
        return jvm.raceCommand(options, entry);
    }

    private Path folder() {
        Path shared = Path.of("/dev/shm");
        Path base = Files.isDirectory(shared) ? shared : Path.of(System.getProperty("java.io.tmpdir"));
        return options.find("dir").map(Path::of).orElse(base).resolve("keywrap-race");
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
