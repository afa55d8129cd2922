package io.keywrap.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on the terminal for work that is long: over 64 MiB, or over a second. For any number of threads. */
final class Progress implements AutoCloseable {
    static final long UNKNOWN = -1;

    private static final long LONG_BYTES = 64L << 20;
    private static final long LONG_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int COLUMNS = 79;

    private final @Nullable PrintStream terminal;
    private final String task;
    private final String unit;
    private final int unitSize;
    private final LongSupplier nanoTime;
    private final long started;
    private long total = UNKNOWN;
    private long done;
    private @Nullable ProgressBar bar;

    /**
     * Makes a progress that shows nothing yet.
     *
     * @param terminal where to show it; null for nowhere
     * @param task what is done
     * @param nanoTime a monotonic clock
     */
    Progress(@Nullable PrintStream terminal, String task, LongSupplier nanoTime) {
        this(terminal, task, nanoTime, " MiB", 1 << 20);
    }

    private Progress(@Nullable PrintStream terminal, String task, LongSupplier nanoTime, String unit, int unitSize) {
        this.terminal = terminal;
        this.task = task;
        this.unit = unit;
        this.unitSize = unitSize;
        this.nanoTime = nanoTime;
        this.started = nanoTime.getAsLong();
    }

    static Progress of(KeywrapCommand root, String task) {
        return new Progress(terminalOf(root), task, System::nanoTime);
    }

    /** A progress of files of which little is read, so that they are counted instead of their bytes. */
    static Progress ofFiles(KeywrapCommand root, String task) {
        return ofFiles(terminalOf(root), task, System::nanoTime);
    }

    static Progress ofFiles(@Nullable PrintStream terminal, String task, LongSupplier nanoTime) {
        return new Progress(terminal, task, nanoTime, " files", 1);
    }

    /** A progress of DEKs, whose number is estimated on the way. */
    static Progress ofDeks(KeywrapCommand root, String task) {
        return ofDeks(terminalOf(root), task, System::nanoTime);
    }

    static Progress ofDeks(@Nullable PrintStream terminal, String task, LongSupplier nanoTime) {
        return new Progress(terminal, task, nanoTime, " DEKs", 1);
    }

    private static @Nullable PrintStream terminalOf(KeywrapCommand root) {
        return root.host().terminal() && !root.json() ? root.host().err() : null;
    }

    /** Sets how many bytes, or files, there will be, or {@link #UNKNOWN}. */
    synchronized void expect(long number) {
        total = number;
    }

    /** Counts one file. */
    void step() {
        advance(1);
    }

    /** Says how many are done, of how many as far as is known by now. */
    synchronized void at(long number, long ofAll) {
        total = ofAll;
        if (bar != null) {
            bar.maxHint(ofAll);
        }
        advance(number - done);
    }

    /** Counts bytes. */
    synchronized void advance(long more) {
        done += more;
        if (bar != null) {
            bar.stepTo(done);
        } else if (terminal != null && (total > LONG_BYTES || nanoTime.getAsLong() - started > LONG_NANOS)) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(total)
                    .setUnit(unit, unitSize)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setConsumer(new ConsoleProgressBarConsumer(terminal, COLUMNS))
                    .build();
            bar.stepTo(done);
        }
    }

    /** Ends the bar, if there is one. Harmless when repeated. */
    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
