package io.keywrap.bench;

import io.keywrap.KekId;
import io.keywrap.provider.CacheStatistics;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Deadlines that come while DEKs are in use, at a KMS that is slow, beside one that answers at once; and many threads
 * that miss together. Prints a table.
 */
final class ExpiryUnderLoad {
    private static final int DEKS_PER_KEK = 2;
    private static final int KEKS = 4;

    private ExpiryUnderLoad() {}

    /** Arguments: seconds (100), threads (2), delay of the KMS in milliseconds (2,000), deadline in seconds (30). */
    public static void main(String[] arguments) {
        double seconds = arguments.length > 0 ? Double.parseDouble(arguments[0]) : 100;
        int threads = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
        Duration delay = Duration.ofMillis(arguments.length > 2 ? Long.parseLong(arguments[2]) : 2_000);
        Duration deadline = Duration.ofSeconds(arguments.length > 3 ? Long.parseLong(arguments[3]) : 30);
        System.out.printf(
                "%d threads lease %d DEKs of %d KEKs for %.0f s, deadline %s%n",
                threads, KEKS * DEKS_PER_KEK, KEKS, seconds, deadline);
        leaseConstantly(Math.min(seconds, 10), threads, Duration.ZERO, deadline); // Warms up.
        for (Duration each : List.of(Duration.ZERO, delay)) {
            Run run = leaseConstantly(seconds, threads, each, deadline);
            System.out.printf("KMS takes %s: %s%n  %s%n", each, run.latencies(), run.statistics());
        }
        System.out.printf("1,000 threads miss together: %s%n", missTogether(1_000, delay));
    }

    static Run leaseConstantly(double seconds, int threads, Duration delay, Duration deadline) {
        LocalKms kms = new LocalKms(delay);
        try (KeyProviders providers = KeyProviders.builder()
                .register(LocalKeyProvider.factory(kms))
                .cacheDeadline(deadline)
                .build()) {
            List<Wraps> wraps = new ArrayList<>();
            for (int i = 0; i < KEKS; i++) {
                wraps.addAll(Wraps.make(DEKS_PER_KEK, KekId.of("local:customer-" + i), providers));
            }
            wraps.forEach(each -> lease(providers, each));
            Latencies latencies = Latencies.of(threads, seconds, i -> lease(providers, wraps.get(i % wraps.size())));
            return new Run(latencies, providers.statistics());
        }
    }

    static Missed missTogether(int threads, Duration delay) {
        LocalKms kms = new LocalKms(delay);
        try (KeyProviders providers =
                KeyProviders.builder().register(LocalKeyProvider.factory(kms)).build()) {
            Wraps wraps = Wraps.make(1, KekId.of("local:customer"), providers).get(0);
            long before = kms.calls();
            CountDownLatch start = new CountDownLatch(1);
            ExecutorService executor = Executors.newFixedThreadPool(threads);
            try {
                List<Future<Long>> all = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    all.add(executor.submit(() -> {
                        start.await();
                        long begin = System.nanoTime();
                        lease(providers, wraps);
                        return System.nanoTime() - begin;
                    }));
                }
                start.countDown();
                long longest = 0;
                for (Future<Long> one : all) {
                    longest = Math.max(longest, one.get());
                }
                return new Missed(kms.calls() - before, Duration.ofNanos(longest));
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            } finally {
                executor.shutdownNow();
            }
        }
    }

    private static void lease(KeyProviders providers, Wraps wraps) {
        providers
                .lease(wraps.wrapped(), wraps.keyContext(), providers.foregroundDeadline())
                .close();
    }

    /**
     * What constant leasing was like.
     *
     * @param latencies how long leases took
     * @param statistics what the cache did
     */
    record Run(Latencies latencies, CacheStatistics statistics) {}

    /**
     * What missing together was like.
     *
     * @param calls of the KMS
     * @param longest how long the last one waited
     */
    record Missed(long calls, Duration longest) {}
}
