package io.keywrap.bench;

import io.keywrap.KekId;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * One KEK that hangs, and what its callers do to those of another KEK of the same providers. Prints a table.
 */
final class HangingKek {
    private static final KekId HANGING = KekId.of("local:hanging");
    private static final KekId SOUND = KekId.of("local:sound");
    private static final int CALLERS = 200;
    private static final int THREADS = 8;

    private HangingKek() {}

    /** Arguments: seconds of each run (40), how long a call hangs in milliseconds (30,000). */
    public static void main(String[] arguments) {
        double seconds = arguments.length > 0 ? Double.parseDouble(arguments[0]) : 40;
        Duration hang = Duration.ofMillis(arguments.length > 1 ? Long.parseLong(arguments[1]) : 30_000);
        System.out.printf(
                "%d callers of a KEK that hangs %s a call; %d threads on another, whose calls take 5 ms%n",
                CALLERS, hang, THREADS);
        run(Math.min(seconds, 10), hang, Duration.ZERO, false); // Warms up.
        for (Duration deadline : List.of(Duration.ZERO, Duration.ofSeconds(10))) {
            String what = deadline.isZero() ? "every lease is a call" : "DEKs are kept for " + deadline;
            System.out.printf("%s, nothing hangs: %s%n", what, run(seconds, hang, deadline, false));
            System.out.printf("%s, one KEK hangs: %s%n", what, run(seconds, hang, deadline, true));
        }
    }

    static Latencies run(double seconds, Duration hang, Duration deadline, boolean hanging) {
        LocalKms sound = new LocalKms(Duration.ofMillis(5));
        LocalKms hangs = new LocalKms(hang);
        List<Wraps> others;
        // The wraps are made where nothing hangs; what a wrap says does not depend on who answers slowly.
        try (KeyProviders making = KeyProviders.builder()
                .register(LocalKeyProvider.factory(new LocalKms()))
                .build()) {
            others = Wraps.make(CALLERS, HANGING, making);
        }
        try (KeyProviders providers = KeyProviders.builder()
                .register(LocalKeyProvider.factory(kekId -> kekId.equals(HANGING) ? hangs : sound))
                .cacheDeadline(deadline)
                .build()) {
            List<Wraps> wraps = Wraps.make(64, SOUND, providers);
            ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
            try {
                if (hanging) {
                    others.forEach(each -> callers.execute(() -> leaseForEver(providers, each)));
                }
                return Latencies.of(THREADS, seconds, i -> lease(providers, wraps.get(i % wraps.size())));
            } finally {
                callers.shutdownNow();
            }
        }
    }

    private static void leaseForEver(KeyProviders providers, Wraps wraps) {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                lease(providers, wraps);
            } catch (RuntimeException e) {
                // It hangs, and gives no answer that fits.
                Thread.onSpinWait();
            }
        }
    }

    private static void lease(KeyProviders providers, Wraps wraps) {
        providers
                .lease(wraps.wrapped(), wraps.keyContext(), providers.foregroundDeadline())
                .close();
    }
}
