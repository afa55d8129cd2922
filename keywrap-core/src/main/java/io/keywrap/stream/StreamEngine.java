package io.keywrap.stream;

import io.keywrap.crypto.Jca.Slice;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.stream.Workers.Crew;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Moves a payload from a stream to a stream, in order.
 *
 * <p>It begins with one segment after the other in the caller's thread. When there was enough to make it pay, and the
 * source says that more is at hand, a small ring of batches takes over, which helpers and the caller work on. Source and
 * sink are touched by the caller's thread alone; helpers only encrypt and decrypt, so nobody waits for them for long.
 * Nothing that can go out is held back while the source lets the caller wait.
 *
 * <p>The last segment is encrypted only after the source has ended by itself; when anything fails before, what was written
 * can never be taken for a whole payload.
 */
final class StreamEngine implements AutoCloseable {
    private static final int SEGMENTS_ALONE = 16;
    private static final int BATCH_BYTES = 256 * 1024;
    private static final int READ_BYTES = 64 * 1024;

    private final OpenedEnvelope envelope;
    private final Direction direction;
    private final InputStream source;
    private final OutputStream sink;
    private final Workers workers;
    private final Crew crew;
    private final List<Batch> batches = new ArrayList<>();
    private final Deque<Batch> idle = new ArrayDeque<>();
    private final Deque<Begun> underWay = new ArrayDeque<>();
    private int segmentsInBatch = 1;
    private int mostBatches = 1;
    private int written;
    private volatile boolean cancelled;

    private StreamEngine(OpenedEnvelope envelope, Direction direction, Streams streams, Workers workers) {
        this.envelope = envelope;
        this.direction = direction;
        this.source = streams.source;
        this.sink = streams.sink;
        this.workers = workers;
        this.crew = new Crew(workers);
    }

    /** Encrypts everything a source has, headers first. */
    static EnvelopeHeader encrypt(OpenedEnvelope envelope, InputStream plaintext, OutputStream sink, Workers workers)
            throws IOException {
        Streams streams = new Streams(plaintext, sink).of(envelope);
        streams.sink.write(envelope.headers());
        return transfer(envelope, Direction.ENCRYPT, streams, workers);
    }

    /** Decrypts a payload, whose headers are read already, up to its authenticated end, which nothing may follow. */
    static EnvelopeHeader decrypt(OpenedEnvelope envelope, InputStream payload, OutputStream sink, Workers workers)
            throws IOException {
        workers.progress().accept(envelope.headers().length);
        return transfer(envelope, Direction.DECRYPT, new Streams(payload, sink).of(envelope), workers);
    }

    private static EnvelopeHeader transfer(
            OpenedEnvelope envelope, Direction direction, Streams streams, Workers workers) throws IOException {
        try (StreamEngine engine = new StreamEngine(envelope, direction, streams, workers)) {
            engine.run();
        }
        streams.sink.flush();
        return envelope.header();
    }

    private void run() throws IOException {
        Batch batch = newBatch();
        while (true) {
            boolean more = fill(batch);
            begin(batch, more);
            if (batch.atEnd()) {
                break;
            }
            batch = behind(batch);
        }
        writeAll();
    }

    /** Reads until the batch is full or the source ends; or, once there is a segment, until the source has no more at hand. */
    private boolean fill(Batch batch) throws IOException {
        while (batch.room() > 0) {
            if (isParallel() && !hasMoreAtHand()) {
                if (batch.hasSegment()) {
                    return false;
                }
                writeAll();
            }
            int n = Fully.readSome(source, batch.input(), batch.filled(), Math.min(batch.room(), READ_BYTES));
            if (n < 0) {
                batch.end();
                return true;
            }
            batch.add(n);
            workers.progress().accept(n);
        }
        return true;
    }

    private void begin(Batch batch, boolean offer) {
        FutureTask<?> task = new FutureTask<>(() -> batch.process(() -> cancelled), null);
        underWay.add(new Begun(batch, task));
        if (isParallel() && offer) {
            crew.offer(task);
        }
    }

    /** The next batch to fill, with what the present one had read too much. */
    private Batch behind(Batch present) throws IOException {
        Batch next;
        if (!isParallel() && written >= SEGMENTS_ALONE && workers.helpers() > 0 && hasMoreAtHand()) {
            next = widen();
        } else if (!idle.isEmpty()) {
            next = idle.remove();
        } else if (batches.size() < mostBatches) {
            next = newBatch();
        } else {
            next = writeOldest();
        }
        next.beginBehind(present);
        return next;
    }

    /** From now on with helpers. The batch until now is wiped only at the end, since the next one begins with its rest. */
    private Batch widen() throws IOException {
        writeAll();
        idle.clear();
        segmentsInBatch = Batch.segmentsIn(BATCH_BYTES, envelope.parameters());
        mostBatches = 1 + workers.threads() + 2;
        return newBatch();
    }

    private boolean isParallel() {
        return mostBatches > 1;
    }

    private Batch newBatch() {
        Batch batch = new Batch(envelope, direction, segmentsInBatch);
        batches.add(batch);
        return batch;
    }

    /** What the source says; a source that says nothing, or lies, costs time and nothing else. */
    private boolean hasMoreAtHand() {
        try {
            return source.available() > 0;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    private void writeAll() throws IOException {
        while (!underWay.isEmpty()) {
            idle.add(writeOldest());
        }
    }

    /** Sees to it that the oldest batch gets done, and writes it: as much as is good, if it is not. */
    private Batch writeOldest() throws IOException {
        FutureTask<?> oldest = underWay.element().task;
        for (Begun one : underWay) {
            one.task.run(); // Does nothing if a helper has begun it; then the next one is something to do meanwhile.
            if (oldest.isDone()) {
                break;
            }
        }
        @Nullable Throwable failure = Workers.outcome(oldest);
        Batch batch = underWay.remove().batch;
        Slice output = batch.output();
        for (int at = 0; at < output.length(); at += batch.outUnit()) {
            sink.write(output.array(), at, Math.min(batch.outUnit(), output.length() - at));
            written = Math.min(SEGMENTS_ALONE, written + 1);
        }
        if (failure != null) {
            throw Fully.unchecked(failure);
        }
        return batch;
    }

    /** Wipes everything once no helper works on it any more. */
    @Override
    public void close() {
        cancelled = true;
        for (Begun one = underWay.poll(); one != null; one = underWay.poll()) {
            one.task.run();
            Workers.outcome(one.task);
        }
        batches.forEach(Batch::wipe); // All of them, also where a provider fails to forget the first one's key.
        batches.forEach(Batch::close);
    }

    private record Streams(InputStream source, OutputStream sink) {
        /** Where nobody waits for longer than the lease of an envelope. */
        Streams of(OpenedEnvelope envelope) {
            Unblocking unblocking = Unblocking.started(envelope);
            return new Streams(unblocking.reading(source), unblocking.writing(sink));
        }
    }

    private record Begun(Batch batch, FutureTask<?> task) {}
}
