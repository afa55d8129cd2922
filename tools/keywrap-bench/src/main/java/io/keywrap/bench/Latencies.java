package io.keywrap.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import org.openjdk.jmh.util.SampleBuffer;
import org.openjdk.jmh.util.Statistics;

/**
 * How long something took that several threads did again and again.
 *
 * @param nanos the times
 * @param seconds how long they did it
 * @param failures how often it failed
 */
record Latencies(SampleBuffer nanos, double seconds, int failures) {
    /** Has threads do something, each as often as it can, for a while. */
    static Latencies of(int threads, double seconds, IntConsumer action) {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Latencies>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                all.add(executor.submit(() -> ofOne(thread, threads, seconds, action)));
            }
            SampleBuffer nanos = new SampleBuffer();
            int failures = 0;
            for (Future<Latencies> one : all) {
                nanos.addAll(one.get().nanos());
                failures += one.get().failures();
            }
            return new Latencies(nanos, seconds, failures);
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            executor.shutdownNow();
        }
    }

    private static Latencies ofOne(int thread, int threads, double seconds, IntConsumer action) {
        SampleBuffer nanos = new SampleBuffer();
        int failures = 0;
        long begin = System.nanoTime();
        for (int i = thread; System.nanoTime() - begin < seconds * 1e9; i += threads) {
            long before = System.nanoTime();
            try {
                action.accept(i & Integer.MAX_VALUE);
            } catch (RuntimeException e) {
                failures++;
            }
            nanos.add(System.nanoTime() - before);
        }
        return new Latencies(nanos, seconds, failures);
    }

    Statistics statistics() {
        return nanos.getStatistics(1);
    }

    @Override
    public String toString() {
        Statistics all = statistics();
        return String.format(
                Locale.ROOT,
                "%,d (%,.0f a second), %d failed; µs: p50 %,.1f, p99 %,.1f, p99.9 %,.1f, max %,.0f",
                all.getN(),
                all.getN() / seconds,
                failures,
                all.getPercentile(50) / 1e3,
                all.getPercentile(99) / 1e3,
                all.getPercentile(99.9) / 1e3,
                all.getMax() / 1e3);
    }
}
