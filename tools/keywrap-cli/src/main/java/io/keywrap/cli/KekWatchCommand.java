package io.keywrap.cli;

import io.keywrap.provider.KeyProviders;
import io.keywrap.revocation.KekMonitor;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Watches the KEKs that a store depends on. */
@Command(
        name = "watch",
        description = {
            "Watches the KEKs that the keychains of a store depend on, and prints a line for each change of state, for denials"
                    + " that are a mistake of our own, and for days on which a KEK ends. It goes on until it is ended, with"
                    + " Ctrl-C or SIGTERM, and its exit code is 0 then.",
            "",
            "It asks by unwraps of wraps that the store has anyway, beside the servers that monitor the store, and takes that"
                    + " from none of them. The first line says what is watched, and within which time a withdrawal shows."
        },
        footer = {
            "",
            "Example:",
            "  keywrap kek watch --keystore main=main.p12 --store keychains --seal-kek keystore:main#seal --interval 30s"
        })
final class KekWatchCommand implements Callable<Integer> {
    private static final Duration SHORTEST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final long LOOK_AGAIN_MILLIS = 1000;

    private final KeywrapCommand root;

    @Mixin
    private StoreOptions options = new StoreOptions();

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            converter = Converters.Time.class,
            defaultValue = "1m",
            description = "How long after an answer a KEK is asked again, a fifth more or less: 5s to 1h. Default:"
                    + " ${DEFAULT-VALUE}.")
    private Duration interval = Duration.ofMinutes(1);

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = Converters.Time.class,
            description = "End by itself after TIME, such as 10m. Default: it goes on until it is ended.")
    private Optional<Duration> period = Optional.empty();

    KekWatchCommand(KeywrapCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new UsageException("--interval is 5s to 1h");
        }
        KeychainStore store = new StoreWithoutNotes(options.store().existing(root));
        store.list(
                KeychainFilter.all().leavingOutUnreadable(),
                Optional.empty(),
                1); // Fails at once where it cannot be read.
        try (Signals end = Signals.caught()) {
            WatchLines lines = new WatchLines(root, end::end);
            try (Session session = open(lines);
                    KekMonitor monitor = monitor(store, session.providers())) {
                watch(monitor, lines, end);
            }
        }
        return ExitCode.DONE;
    }

    private Session open(WatchLines lines) {
        return Session.open(root, providers -> providers.listener(lines).controlKek(options.sealKek()));
    }

    private KekMonitor monitor(KeychainStore store, KeyProviders providers) {
        return KekMonitor.builder(store, providers)
                .seal(options.seal())
                .interval(interval, interval)
                .build();
    }

    private void watch(KekMonitor monitor, WatchLines lines, Signals end) throws InterruptedException {
        long began = System.nanoTime();
        monitor.step(); // Reads the store, so that the first line can say what is watched.
        lines.begin(options.store(), options.sealKek(), monitor);
        monitor.start();
        long left;
        do {
            left = period.map(time -> time.toMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began))
                    .orElse(LOOK_AGAIN_MILLIS);
            lines.lookAt(monitor);
        } while (left > 0 && !end.await(Math.min(left, LOOK_AGAIN_MILLIS)));
    }
}
