package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.cli.TreeException.Failure;
import io.keywrap.rewrap.PortableRewrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives portable envelopes other wraps. */
@Command(
        name = "rewrap-file",
        description = {
            "Replaces the wraps that portable envelopes carry, and no other byte: by those that their keychain has by now, with"
                    + " --store; or by wraps under the KEKs of --to, with --from.",
            "",
            "Each file is written anew beside the old one, and takes its name in one step. One that has the wanted wraps already is"
                    + " left alone, so a run that ended half-way is run again. Whoever has an older copy still opens it with the"
                    + " old KEKs. Envelopes of keychains that are not portable carry no wraps and need none: re-wrap the keychain.",
            "",
            "What fails is told, and stays as it was; the exit code is that of the first."
        },
        footer = {
            "",
            "Examples:",
            "  keywrap rewrap-file --keystore main=main.p12 --store keychains --keychain archive backups",
            "  keywrap rewrap-file --keystore main=main.p12 --from keystore:main#old --to keystore:main#new \\",
            "      --keychain archive accounts.csv.kwrp"
        })
final class RewrapFileCommand implements Callable<Integer> {
    private final KeywrapCommand root;
    private final List<Failure> failures = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private int rewrapped;
    private int unchanged;

    @Option(
            names = "--store",
            paramLabel = "PLACE",
            converter = Converters.Store.class,
            description =
                    "The store of the keychain that says which wraps there are. Default: none; then --from and --to.")
    private Optional<StorePlace> store = Optional.empty();

    @Option(
            names = "--keychain",
            paramLabel = "ID",
            converter = Converters.KeychainId.class,
            description =
                    "The keychain of the envelopes; required with --store. Default without --store: any, which opens"
                            + " the envelopes of all tenants of --from to --to.")
    private Optional<String> keychainId = Optional.empty();

    @Option(
            names = "--seal-kek",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "The KEK that must have wrapped the keychain's seal. Default: the one that the record names,"
                    + " if it is in a key store named on this command.")
    private Optional<KekId> sealKek = Optional.empty();

    @Option(
            names = "--from",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "A KEK that may open the envelopes. Repeatable. Required without --store.")
    private List<KekId> from = List.of();

    @Option(
            names = "--to",
            paramLabel = "URI",
            converter = Converters.Kek.class,
            description = "A KEK that the envelopes are wrapped to, in the place of all so far. Repeatable. Required"
                    + " without --store.")
    private List<KekId> to = List.of();

    @Option(
            names = "--renew",
            description = "Make wraps anew that are not known to be of the current version of their KEK; with --to."
                    + " Default: wraps under --to that are there and good stay.")
    private boolean renew;

    @Option(
            names = "--keep-times",
            description =
                    "Leave the files' times of modification as they are. Default: they are new, so that what copies"
                            + " files by their times copies these.")
    private boolean keepTimes;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "Envelopes, and folders with every file in them that ends in .kwrp.")
    private List<Path> paths = List.of();

    RewrapFileCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        check();
        List<Path> files = files();
        if (!root.json()) {
            skipped.forEach(path -> root.host().err().println("keywrap: left out: " + Host.visible(path)));
        }
        try (Session session = Session.open(root);
                Progress progress = Progress.ofFiles(root, "rewrap-file")) {
            progress.expect(files.size());
            run(files, rewrap(session), progress);
        }
        return report();
    }

    private void check() {
        if (store.isPresent() && keychainId.isEmpty()) {
            throw new UsageException("--store needs --keychain ID");
        }
        if (store.isPresent() && (!from.isEmpty() || !to.isEmpty() || renew)) {
            throw new UsageException("with --store the keychain says which wraps there are: --from, --to and --renew go"
                    + " without it");
        }
        if (store.isEmpty() && (from.isEmpty() || to.isEmpty())) {
            throw new UsageException("give --store PLACE --keychain ID, or --from URI and --to URI");
        }
        if (store.isEmpty() && sealKek.isPresent()) {
            throw new UsageException("--seal-kek is for keychains, with --store");
        }
    }

    private PortableRewrap rewrap(Session session) {
        PortableRewrap rewrap = store.isPresent() ? ofKeychain(session) : toKeks(session);
        return keepTimes ? rewrap.withTimesKept() : rewrap;
    }

    private PortableRewrap ofKeychain(Session session) {
        var keychain = session.keychain(store.orElseThrow().existing(root), keychainId.orElseThrow(), sealKek);
        if (!keychain.record().portable()) {
            throw new UsageException(
                    "keychain '" + keychain.id() + "' is not portable: its envelopes carry no wraps; to"
                            + " do: leave them as they are, and re-wrap the keychain with 'keywrap rewrap'");
        }
        return PortableRewrap.of(session.providers(), keychain);
    }

    private PortableRewrap toKeks(Session session) {
        PortableRewrap rewrap;
        try {
            rewrap = PortableRewrap.to(session.providers(), Set.copyOf(from), to);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
        rewrap = keychainId.map(rewrap::withExpectedKeychain).orElse(rewrap);
        return renew ? rewrap.withRenewal() : rewrap;
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                Tree tree = Tree.scan(path);
                failures.addAll(tree.unreadable());
                tree.special()
                        .forEach(special -> skipped.add(path.resolve(special).toString()));
                tree.files().stream()
                        .filter(file -> file.toString().endsWith(TreeTarget.SUFFIX))
                        .forEach(file -> files.add(path.resolve(file)));
            } else {
                files.add(path);
            }
        }
        return files;
    }

    private void run(List<Path> files, PortableRewrap rewrap, Progress progress) {
        for (Path file : files) {
            try {
                if (rewrap.rewrap(file).changed()) {
                    rewrapped++;
                } else {
                    unchanged++;
                }
            } catch (IOException | RuntimeException e) {
                Failure failure = new Failure(file.toString(), e);
                failures.add(failure);
                if (failure.endsTheTree()) {
                    return; // Every other file would fail the same way.
                }
            }
            progress.step();
        }
    }

    private int report() {
        String summary = Sizes.counted(rewrapped, "file") + " re-wrapped, " + unchanged + " had these wraps already";
        if (!failures.isEmpty()) {
            throw new TreeException(
                    summary + ", " + failures.size() + " failed; to do: see above, and run again", failures);
        }
        root.done(summary);
        JsonObject result = new JsonObject();
        result.addProperty("rewrapped", rewrapped);
        result.addProperty("unchanged", unchanged);
        result.add("skipped", Json.strings(skipped));
        root.result(result, summary);
        return ExitCode.DONE;
    }
}
