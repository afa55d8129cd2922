package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.cli.Transfer.Direction;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What encrypt and decrypt have in common: which objects, where from, where to. */
final class ObjectOptions {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final long LEAST_FOR_A_RATE = 1_000_000;

    @Option(
            names = "--context",
            paramLabel = "KEY=VALUE",
            description = "A pair of the object context, which says what the object is; not secret. Split at the first"
                    + " '='. Repeatable. Default: none.")
    private List<String> context = List.of();

    @Option(
            names = "--seal-kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "The KEK that must have wrapped the keychain's seal. Default: the one that the record names,"
                    + " if it is in a key store named on this command.")
    private Optional<KekId> sealKek = Optional.empty();

    @Option(
            names = "--skip-special",
            description = "Leave out symbolic links and special files of a tree. Default: refuse a tree that has any.")
    private boolean skipSpecial;

    @Option(
            names = "--prove-every",
            paramLabel = "TIME",
            converter = Converters.Time.class,
            defaultValue = "1m",
            description = "How long a DEK is used before its KEK must have unwrapped it again, 1s to 1h; a KEK that is"
                    + " revoked meanwhile ends the work within about that time. Default: ${DEFAULT-VALUE}.")
    private Duration proveEvery = Duration.ofMinutes(1);

    @Parameters(index = "0", paramLabel = "IN", description = "A file, a folder, or '-' for standard input.")
    private Path in = Path.of("-");

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            description =
                    "A file, '-' for standard output, or for a folder IN a folder. Files are replaced, each in one"
                            + " step when it is complete.")
    private Path out = Path.of("-");

    Optional<KekId> sealKek() {
        return sealKek;
    }

    boolean hasContext() {
        return !context.isEmpty();
    }

    /** Begins to look after the leases of the DEKs; for the providers of this run. */
    ProvenLeases provenLeases() {
        return new ProvenLeases(proveEvery);
    }

    /** Checks everything that needs no key, in the order in which a user would expect to hear of it. */
    Prepared prepare(Direction direction, Kept kept) throws IOException {
        if (proveEvery.compareTo(SHORTEST) < 0 || proveEvery.compareTo(LONGEST) > 0) {
            throw new UsageException("--prove-every is 1s to 1h");
        }
        EncryptionContext pairs = Contexts.parse("--context", context);
        Plan plan = !Transfer.isStandard(in) && Files.isDirectory(in)
                ? TreePlan.of(in, out, direction, skipSpecial)
                : FilePlan.of(in, out);
        plan.check(pairs);
        plan.check(kept, direction);
        return new Prepared(plan, pairs, Transfer.isStandard(out));
    }

    /**
     * Objects that can be moved.
     *
     * @param plan what is moved where
     * @param context the object context
     * @param toStandardOutput whether standard output belongs to the data
     */
    record Prepared(Plan plan, EncryptionContext context, boolean toStandardOutput) {

        /** Moves them, and says so. */
        void run(KeywrapCommand root, EnvelopeCipher cipher, Direction direction) throws IOException {
            long started = System.nanoTime();
            Progress progress = Progress.of(root, direction.verb());
            Transfer transfer = new Transfer(root.host(), cipher, direction, progress);
            try (progress) {
                plan.run(transfer, context);
            }
            report(root, transfer, (System.nanoTime() - started) / 1e9);
        }

        private void report(KeywrapCommand root, Transfer transfer, double seconds) {
            if (!root.json()) {
                plan.skipped().forEach(path -> message(root, "left out: " + Tree.slashed(path)));
                message(root, text(transfer, seconds));
                return;
            }
            JsonObject result = new JsonObject();
            result.addProperty("operation", transfer.direction().verb());
            result.addProperty("files", transfer.files());
            result.addProperty("bytesRead", transfer.bytesIn());
            result.addProperty("bytesWritten", transfer.bytesOut());
            result.addProperty("seconds", seconds);
            result.add(
                    "skipped",
                    Json.strings(plan.skipped().stream().map(Tree::slashed).toList()));
            if (toStandardOutput) {
                root.host().err().println(Json.print(result));
            } else {
                root.done(Sizes.files(transfer.files()) + " "
                        + transfer.direction().done());
                root.result(result);
            }
        }

        private static String text(Transfer transfer, double seconds) {
            long plain = transfer.direction() == Direction.ENCRYPT ? transfer.bytesIn() : transfer.bytesOut();
            // Of little data it would be the rate at which a JVM starts.
            String rate = plain < LEAST_FOR_A_RATE ? "" : ", " + Sizes.rate(plain, seconds);
            return transfer.direction().done() + " " + Sizes.files(transfer.files()) + ", " + Sizes.bytes(plain) + rate;
        }

        private static void message(KeywrapCommand root, String text) {
            root.host().err().println("keywrap: " + Host.visible(text));
        }
    }
}
