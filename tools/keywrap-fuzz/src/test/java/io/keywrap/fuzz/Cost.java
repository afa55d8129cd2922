package io.keywrap.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What it may cost to read foreign bytes: memory in proportion to them, and little time. */
public final class Cost {
    private static final long BASE_BYTES = 16 << 20;

    private static final long BYTES_EACH = 512;

    /** Jazzer's guidance allocates with every comparison of texts, so that the limits hold when an input is replayed without it. */
    private static final int GUIDED = "1".equals(System.getenv("JAZZER_FUZZ")) ? 16 : 1;

    private static final Duration MOST_TIME = Duration.ofSeconds(10);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Cost() {}

    /** Reads, and fails if that took too much, twice: what is read first loads classes, which fuzzing rewrites. */
    public static void of(byte[] input, Reading reading) throws Exception {
        if (excess(input, reading) != null) {
            String again = excess(input, reading);
            if (again != null) {
                throw new AssertionError(input.length + " bytes took " + again);
            }
        }
    }

    /** What was too much; null if nothing was. */
    private static @Nullable String excess(byte[] input, Reading reading) throws Exception {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        long begun = System.nanoTime();
        reading.run();
        Duration time = Duration.ofNanos(System.nanoTime() - begun);
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (time.compareTo(MOST_TIME) > 0) {
            return time.toString();
        }
        return bytes > GUIDED * (BASE_BYTES + BYTES_EACH * input.length) ? bytes + " bytes of memory" : null;
    }

    /** Reads some bytes; whatever it throws is a finding. */
    public interface Reading {
        void run() throws Exception;
    }
}
