package io.keywrap.stream;

import io.keywrap.DataException;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.file.AtomicFile;
import io.keywrap.floe.FloeParameters;
import io.keywrap.stream.Workers.Offer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Moves a payload from a file to a file: each worker reads, encrypts or decrypts, and writes batches of its own at their
 * places.
 *
 * <p>The workers share one handle of each file. So all of them read the same file whatever happens to its name, and when
 * the caller is interrupted, which closes the handles, all of them stop at once.
 *
 * <p>Batches are begun in order and finished once begun, so the first bad segment of a file is always found, and its
 * failure is the one that is thrown, whatever the others met.
 */
final class FileEngine {
    private static final int BATCH_BYTES = 256 * 1024;

    private final OpenedEnvelope envelope;
    private final Direction direction;
    private final Region source;
    private final Target target;
    private final LongConsumer progress;
    private final int segmentsInBatch;
    private final int inputBytes;
    private final int outputBytes;
    private final long batches;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong moved = new AtomicLong();
    private final List<Failure> failures = new ArrayList<>();
    private final Thread caller = Thread.currentThread();
    private volatile boolean stopped;
    private volatile boolean ended;
    private volatile boolean over;

    private FileEngine(
            OpenedEnvelope envelope, Direction direction, Region source, Target target, LongConsumer progress) {
        FloeParameters parameters = envelope.parameters();
        this.envelope = envelope;
        this.direction = direction;
        this.source = source;
        this.target = target;
        this.progress = progress;
        this.segmentsInBatch = Batch.segmentsIn(BATCH_BYTES, parameters);
        this.inputBytes = segmentsInBatch * direction.inputBytes(parameters);
        this.outputBytes = segmentsInBatch * direction.outputBytes(parameters);
        this.batches = Math.max(1, (source.length + inputBytes - 1) / inputBytes);
    }

    /** Encrypts or decrypts the whole of a region to where the target begins. */
    static void transfer(OpenedEnvelope envelope, Direction direction, Region source, Target target, Workers workers)
            throws IOException {
        FileEngine engine = new FileEngine(envelope, direction, source, target, workers.progress());
        envelope.onEnd(engine::end);
        engine.run(workers);
    }

    /** The lease has ended: at their next segment all of them notice; who hangs in a file is cut off. */
    private void end() {
        ended = true;
        stopped = true;
        Unblocking.later(() -> {
            if (!over) {
                Unblocking.closeQuietly(source.channel);
                Unblocking.closeQuietly(target.file.channel());
            }
        });
    }

    private void run(Workers workers) throws IOException {
        int count = (int) Math.min(workers.helpers(), batches - 1);
        List<FutureTask<?>> helpers = new ArrayList<>(count);
        boolean done = false;
        try {
            for (int i = 0; i < count; i++) {
                FutureTask<?> helper = new FutureTask<>(this::help, null);
                helpers.add(helper); // There is room for it, so whoever may begin is known before he is called.
                workers.offer(new Helper(helper));
            }
            work();
            done = true;
        } finally {
            if (!done) {
                stopped = true;
            }
            awaitAll(helpers);
            over = true;
        }
        if (ended) {
            envelope.ensureUsable(); // Says why, whatever else it has led to.
        }
        throwFailure();
        if (moved.get() != batches) { // Whatever a worker died of that it could not even report.
            throw new IllegalStateException("only " + moved + " of " + batches + " batches of the file were done");
        }
    }

    /** Makes nothing, since there may be no memory left: buffers and keys are in use until the last helper has left. */
    private static void awaitAll(List<FutureTask<?>> helpers) {
        for (int i = 0; i < helpers.size(); i++) {
            FutureTask<?> helper = helpers.get(i);
            helper.run(); // Has nothing left to do if no worker has begun it; else that one is waited for.
            Workers.outcome(helper);
        }
    }

    /** An interrupt that somebody left behind in a worker would close the files of all. */
    private void help() {
        if (!Thread.currentThread().isInterrupted()) {
            work();
        }
    }

    private void work() {
        long number = -1;
        if (stopped || next.get() >= batches) {
            return;
        }
        try (Batch batch = new Batch(envelope, direction, segmentsInBatch)) {
            while (!stopped && (number = next.getAndIncrement()) < batches) {
                moveOrStop(batch, number);
            }
        } catch (Throwable e) { // Other languages throw checked exceptions that no method declares.
            failed(number, e);
        }
    }

    /** Stops the others at once, before buffers are wiped and anybody finds out what the failure means. */
    private void moveOrStop(Batch batch, long number) throws IOException {
        boolean done = false;
        try {
            move(batch, number);
            moved.incrementAndGet();
            done = true;
        } finally {
            if (!done) {
                stopped = true;
            }
        }
    }

    private void move(Batch batch, long number) throws IOException {
        batch.begin(number * segmentsInBatch);
        long at = number * inputBytes;
        int length = (int) Math.min(inputBytes, source.length - at);
        ByteBuffer input = ByteBuffer.wrap(batch.input(), 0, length);
        while (input.hasRemaining()) {
            if (source.channel.read(input, source.at + at + input.position()) < 0) {
                throw direction.becameShorter();
            }
        }
        batch.add(length);
        if (number == batches - 1) {
            batch.end();
        } else {
            batch.add(1); // The byte behind, which is known to be there.
        }
        batch.process(() -> false);
        Slice result = batch.output();
        ByteBuffer output = ByteBuffer.wrap(result.array(), 0, result.length());
        while (output.hasRemaining()) {
            write(output, target.at + number * outputBytes + output.position());
        }
        progress.accept(length);
    }

    private void write(ByteBuffer output, long at) throws IOException {
        try {
            target.file.channel().write(output, at);
        } catch (IOException e) {
            stopped = true; // At once: to find out how much room there is takes a while.
            throw target.file.failed(e);
        }
    }

    private synchronized void failed(long number, Throwable failure) {
        stopped = true;
        failures.add(new Failure(number, failure, caller.equals(Thread.currentThread())));
    }

    private synchronized void throwFailure() throws IOException {
        if (failures.isEmpty()) {
            return;
        }
        failures.sort(Comparator.comparing(Failure::isAConsequence).thenComparingLong(Failure::batch));
        Throwable first = failures.get(0).meaning();
        if (isOfThisFile(first)) {
            for (Failure other : failures.subList(1, failures.size())) {
                if (!other.isAConsequence() && !other.cause.equals(first)) {
                    first.addSuppressed(other.cause);
                }
            }
        }
        if (first instanceof IOException e) {
            throw e;
        }
        throw Fully.unchecked(first);
    }

    /** A refusal is thrown to every job under the KEK, and what a listener throws may be: they tell nothing of this file. */
    private static boolean isOfThisFile(Throwable failure) {
        return failure instanceof IOException || failure instanceof DataException;
    }

    /**
     * A part of a file.
     *
     * @param channel the file; stays the caller's
     * @param at where the part begins
     * @param length how long it is
     */
    record Region(FileChannel channel, long at, long length) {}

    /**
     * Where to write.
     *
     * @param file the file; stays the caller's
     * @param at where to begin
     */
    record Target(AtomicFile file, long at) {}

    /** A task without a result, which executors do not see as a future: they may cancel these when they are shut down. */
    private record Helper(FutureTask<?> task) implements Offer {
        @Override
        public void run() {
            task.run();
        }

        @Override
        public void refused() {}
    }

    private record Failure(long batch, Throwable cause, boolean ofTheCaller) {
        /** Whether a handle was closed by what happened to another worker. */
        boolean isAConsequence() {
            return cause instanceof ClosedChannelException && !(cause instanceof ClosedByInterruptException);
        }

        Throwable meaning() {
            return cause instanceof ClosedByInterruptException && !ofTheCaller
                    ? new IOException("a worker was interrupted; was the executor shut down?", cause)
                    : cause;
        }
    }
}
