package io.keywrap.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** What it may cost to read foreign bytes: memory in proportion to them, and little time. */
public final class Cost {
    /** Also for what is loaded at the first input. */
    private static final long BASE_BYTES = 32 << 20;

    private static final long BYTES_EACH = 512;
    private static final Duration MOST_TIME = Duration.ofSeconds(10);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Cost() {}

    /** Reads, and fails if that took too much. */
    public static void of(byte[] input, Reading reading) throws Exception {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        long begun = System.nanoTime();
        reading.run();
        Duration time = Duration.ofNanos(System.nanoTime() - begun);
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (time.compareTo(MOST_TIME) > 0) {
            throw new AssertionError(input.length + " bytes took " + time);
        }
        if (bytes > BASE_BYTES + BYTES_EACH * input.length) {
            throw new AssertionError(input.length + " bytes took " + bytes + " bytes of memory");
        }
    }

    /** Reads some bytes; whatever it throws is a finding. */
    public interface Reading {
        void run() throws Exception;
    }
}
