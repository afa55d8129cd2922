package io.keywrap.stream;

import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeParameters;
import java.util.function.BooleanSupplier;

/**
 * Some segments in a row on their way: as they came in, and as they go out. Used again and again.
 *
 * <p>It holds one byte more than its segments have, because only that byte, or the lack of it, tells which segment is the
 * last. It begins with segment 0.
 *
 * <p>For one thread at a time.
 */
final class Batch implements AutoCloseable {
    private final Direction.Transform transform;
    private final int unit;
    private final int outUnit;
    private final byte[] input;
    private final byte[] output;
    private long first;
    private int filled;
    private boolean atEnd;
    private int produced;

    Batch(OpenedEnvelope envelope, Direction direction, int segments) {
        FloeParameters parameters = envelope.parameters();
        this.unit = direction.inputBytes(parameters);
        this.outUnit = direction.outputBytes(parameters);
        this.input = new byte[segments * unit + 1];
        this.output = new byte[segments * outUnit];
        this.transform = direction.transform(envelope);
    }

    /** About so many bytes, and one segment at least. */
    static int segmentsIn(int bytes, FloeParameters parameters) {
        return Math.max(1, bytes / parameters.segmentBytes());
    }

    /** Begins with a segment. */
    void begin(long segment) {
        first = segment;
        filled = 0;
        produced = 0;
        atEnd = false;
    }

    /** Begins behind another batch, which may be this one, with what that one had read too much. */
    void beginBehind(Batch before) {
        int done = before.segments() * unit;
        int rest = before.filled - done;
        System.arraycopy(before.input, done, input, 0, rest);
        begin(before.first + before.segments());
        filled = rest;
    }

    /** Where input goes. */
    byte[] input() {
        return input;
    }

    /** How much input there is. */
    int filled() {
        return filled;
    }

    /** How much input there is room for. */
    int room() {
        return input.length - filled;
    }

    void add(int bytes) {
        filled += bytes;
    }

    /** Says that no input follows. */
    void end() {
        atEnd = true;
    }

    boolean atEnd() {
        return atEnd;
    }

    /** Whether there is a segment that is known not to be the last. */
    boolean hasSegment() {
        return filled > unit;
    }

    /** How many segments there are: only whole ones that others follow, or all to the end. */
    private int segments() {
        return atEnd ? Math.max(1, (filled + unit - 1) / unit) : (filled - 1) / unit;
    }

    /** Encrypts or decrypts all segments, or as many as are good. */
    void process(BooleanSupplier cancelled) {
        int count = segments();
        for (int i = 0; i < count && !cancelled.getAsBoolean(); i++) {
            int at = i * unit;
            Slice in = new Slice(input, at, Math.min(unit, filled - at));
            produced += transform.apply(first + i, in, atEnd && i == count - 1, output, produced);
        }
    }

    /** What came out. */
    Slice output() {
        return new Slice(output, 0, produced);
    }

    /** Length of a full segment that came out. */
    int outUnit() {
        return outUnit;
    }

    /** Wipes data and key. */
    @Override
    public void close() {
        wipe();
        transform.close();
    }

    /** Wipes the data. */
    void wipe() {
        Fully.wipe(input);
        Fully.wipe(output);
    }
}
