package io.keywrap.bench.report;

import io.keywrap.EncryptionContext;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.InMemoryKeychainStore;
import io.keywrap.testkit.InMemoryKms;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Far more data than memory, for long enough to see whether anything grows or tires. A source that is made on the way is
 * encrypted into a sink that counts; then it is encrypted by one thread into a pipe, and decrypted out of it by another
 * into a sink that checks every byte.
 */
@Command(
        name = "Endurance",
        description =
                "Encrypts and decrypts a long stream, and fails if it ends slower than it began. Run it with -Xmx64m.")
final class Endurance implements Callable<Integer> {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "endurance");
    private static final int COLD_SAMPLES = 2;
    private static final double LEAST = 0.9;
    private static final int NOT_STEADY = 3;

    @Option(names = "--bytes", description = "How long the stream is, for each of both runs; 100 GiB if not given.")
    private long bytes = 100L << 30;

    @Option(names = "--out", required = true, description = "The file of figures.")
    private Path out = Path.of("figures.jsonl");

    @Option(names = "--sample-millis", description = "The time between two samples; a second if not given.")
    private long sampleMillis = 1000;

    private final Content content = new Content(42);
    private final EnvelopeCipher cipher = cipher();

    Endurance() {}

    /**
     * Runs it.
     *
     * @param arguments the options
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Endurance()).execute(arguments));
    }

    private static EnvelopeCipher cipher() {
        InMemoryKms kms = new InMemoryKms();
        KeyProviders providers = KeyProviders.builder().register(kms.factory()).build();
        var kek = kms.createKek().id();
        return EnvelopeCipher.using(Keychains.builder(new InMemoryKeychainStore(), providers)
                .seal(KeychainSeal.wrappedBy(kek))
                .build()
                .create("endurance", spec -> spec.control(kek)));
    }

    @Override
    public Integer call() throws Exception {
        boolean steady = run("keywrap, encrypt", this::encrypt);
        steady &= run("keywrap, encrypt, pipe, decrypt and check", this::roundTrip);
        return steady ? 0 : NOT_STEADY;
    }

    private boolean run(String contestant, Work work) throws Exception {
        LongAdder counter = new LongAdder();
        Sampler sampler = new Sampler(counter, sampleMillis);
        try (sampler) {
            work.run(counter);
        }
        Series rates = series(Question.ENDURANCE, contestant, "MB/s", Series.HIGHER, sampler.rates());
        Figures.append(out, rates);
        Figures.append(out, series(Question.ENDURANCE_HEAP, contestant, "MB", Series.LOWER, sampler.heaps()));
        double ratio = rates.lastByFirstTenth(COLD_SAMPLES);
        System.err.printf(
                "%s: %d bytes, median %s MB/s; the last tenth by the first: %s%n",
                contestant, bytes, Markdown.number(rates.median()), Markdown.number(ratio));
        return ratio >= LEAST;
    }

    private Series series(Question question, String contestant, String unit, String better, List<Double> values) {
        String options = String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments());
        return new Series(
                question.key(),
                contestant,
                "keywrap",
                Machine.runningJdk(),
                "SunJCE",
                Math.min(4, Runtime.getRuntime().availableProcessors()), // the default of a cipher
                unit,
                better,
                values,
                "java " + options + " -cp … " + Endurance.class.getName() + " --bytes " + bytes,
                null);
    }

    private void encrypt(LongAdder counter) throws IOException {
        ContentSink sink = new ContentSink(null, new LongAdder());
        cipher.encrypt(new ContentSource(content, bytes, counter), sink, CONTEXT);
        if (sink.position() <= bytes) {
            throw new EOFException("an envelope of " + sink.position() + " bytes cannot have everything");
        }
    }

    private void roundTrip(LongAdder counter) throws Exception {
        Pipe pipe = Pipe.open();
        ExecutorService encrypting = Executors.newSingleThreadExecutor();
        try (InputStream envelope = Channels.newInputStream(pipe.source())) {
            Future<?> encrypted = encrypting.submit(() -> {
                try (OutputStream into = Channels.newOutputStream(pipe.sink())) {
                    cipher.encrypt(new ContentSource(content, bytes, new LongAdder()), into, CONTEXT);
                }
                return null;
            });
            ContentSink sink = new ContentSink(content, counter);
            cipher.decrypt(envelope, sink, CONTEXT);
            encrypted.get();
            if (sink.position() != bytes) {
                throw new EOFException("only " + sink.position() + " bytes came back");
            }
        } catch (ExecutionException e) {
            throw new IOException("could not encrypt", e.getCause());
        } finally {
            encrypting.shutdownNow();
        }
    }

    /** What is done once, with a counter of the plaintext. */
    private interface Work {
        void run(LongAdder counter) throws Exception;
    }
}
