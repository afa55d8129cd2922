package io.keywrap.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Reads a counter of bytes and the heap in use at a fixed rate, until it is closed. */
final class Sampler implements AutoCloseable {
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> heaps = new ArrayList<>();
    private final LongAdder bytes;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledFuture<?> sampling;
    private long lastNanos = System.nanoTime();
    private long lastBytes;

    Sampler(LongAdder bytes, long millis) {
        this.bytes = bytes;
        this.lastBytes = bytes.sum();
        this.sampling = clock.scheduleAtFixedRate(this::sample, millis, millis, TimeUnit.MILLISECONDS);
    }

    private synchronized void sample() {
        long nanos = System.nanoTime();
        long sum = bytes.sum();
        rates.add((sum - lastBytes) * 1e3 / (nanos - lastNanos));
        Runtime runtime = Runtime.getRuntime();
        heaps.add((runtime.totalMemory() - runtime.freeMemory()) / 1e6);
        lastNanos = nanos;
        lastBytes = sum;
    }

    /** Ends it; where not one period has passed, what there was is a sample. */
    @Override
    public void close() {
        sampling.cancel(false);
        clock.shutdownNow();
        synchronized (this) {
            if (rates.isEmpty()) {
                sample();
            }
        }
    }

    /** Megabytes a second. */
    synchronized List<Double> rates() {
        return List.copyOf(rates);
    }

    /** Megabytes. */
    synchronized List<Double> heaps() {
        return List.copyOf(heaps);
    }
}
