package io.keywrap.bench.stream;

import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainStore;
import io.keywrap.testkit.InMemoryKeychainStore;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;

/**
 * Measures one contestant in a JVM of its own, since what one does to the JVM's profiles would slow the next. Prints its
 * figures, one a line.
 *
 * <p>{@code <mode> --contestant <id> --bytes N [--rounds N] [--dir D]}, as {@link Race} runs it.
 */
public final class Heat {
    private final Options options;
    private final PrintStream out;
    private final byte[] period;

    private Heat(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
        boolean small = options.word().equals("footprint");
        this.period = Ends.period(small ? Ends.SHORT_PERIOD_BYTES : Ends.PERIOD_BYTES);
    }

    /**
     * Measures.
     *
     * @param arguments as above
     * @throws Exception if it fails, or gives another plaintext
     */
    public static void main(String[] arguments) throws Exception {
        long begun = System.nanoTime();
        Options options = new Options(arguments);
        Entry entry = Entries.of(options.need("contestant"));
        entry.jce().install();
        if (options.word().startsWith("fresh-")) {
            once(entry, options);
            long nanos = System.nanoTime() - begun;
            figure(System.out, options.word(), options.bytes(0) * 1e3 / nanos);
            figure(System.out, "seconds", nanos / 1e9);
        } else {
            run(entry, options, System.out);
        }
        System.out.println(String.join("\t", "jdk", System.getProperty("java.version")));
    }

    private static void once(Entry entry, Options options) throws IOException, GeneralSecurityException {
        Contestant contestant = entry.contestant(store(options));
        Path source = Path.of(options.need("source"));
        Path target = Path.of(options.need("target"));
        if (options.word().equals("fresh-encrypt")) {
            contestant.encrypt(source, target);
        } else {
            contestant.decrypt(source, target);
        }
    }

    static void run(Entry entry, Options options, PrintStream out) throws IOException, GeneralSecurityException {
        Heat heat = new Heat(options, out);
        Contestant contestant = entry.contestant(store(options));
        switch (options.word()) {
            case "check" -> Memory.check(contestant, heat.period);
            case "memory" -> heat.memory(contestant);
            case "file" -> heat.file(contestant);
            case "random" -> heat.random(contestant);
            case "footprint" -> heat.footprint(contestant);
            default -> throw new IllegalArgumentException("what is " + options.word() + "?");
        }
    }

    private void footprint(Contestant contestant) throws IOException, GeneralSecurityException {
        contestant.encrypt(new Ends.Repeated(period, options.bytes(0)), new Ends.Count());
        figure(out, "peak-rss", Memory.peakMegabytes());
    }

    private void memory(Contestant contestant) throws IOException, GeneralSecurityException {
        Memory.check(contestant, period);
        Memory memory = new Memory(contestant, period, options.bytes(0));
        int rounds = options.number("rounds", 1);
        throughputs("memory-encrypt", memory.bytes(), memory.encrypt(rounds));
        throughputs("memory-decrypt", memory.bytesToDecrypt(), memory.decrypt(rounds));
    }

    private void file(Contestant contestant) throws IOException, GeneralSecurityException {
        try (FileToFile files = new FileToFile(contestant, period, options)) {
            int rounds = options.number("rounds", 1);
            throughputs("file-encrypt", files.bytes(), files.encrypt(rounds));
            throughputs("file-decrypt", files.bytesToDecrypt(), files.decrypt(rounds));
        }
    }

    private void random(Contestant contestant) throws IOException, GeneralSecurityException {
        try (FileToFile files = new FileToFile(contestant, period, options);
                RandomReads reads = new RandomReads(contestant, files, period)) {
            reads.run(options.number("rounds", 1), options.number("reads", RandomReads.READS));
            figures("random-read/median", reads.medians());
            figures("random-read/99th percentile", reads.tails());
            note("random-read", reads.ofTheFile());
        }
    }

    private void throughputs(String question, long bytes, List<Double> seconds) {
        for (double each : seconds) {
            figure(out, question, bytes / 1e6 / each);
        }
        if (bytes != options.bytes(0)) {
            note(question, JdkStreams.note(bytes));
        }
    }

    private void figures(String question, List<Double> values) {
        for (double value : values) {
            figure(out, question, value);
        }
    }

    private static void figure(PrintStream out, String question, double value) {
        out.println(String.join("\t", "figure", question, Double.toString(value)));
    }

    private void note(String question, String text) {
        out.println(String.join("\t", "note", question, text));
    }

    /** In a folder, where another process shall find it. */
    private static KeychainStore store(Options options) {
        return options.find("dir").isPresent()
                ? FileKeychainStore.open(Path.of(options.need("dir"), "keychains"))
                : new InMemoryKeychainStore();
    }
}
