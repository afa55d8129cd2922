package io.keywrap.bench.report;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what it is given, and demands a content if it has one. For one thread; others may read the counter. */
final class ContentSink extends OutputStream {
    private final @Nullable Content content;
    private final LongAdder counter;
    private final byte[] scratch = new byte[64 * 1024];
    private long position;

    /** A sink that takes anything if there is no content. */
    ContentSink(@Nullable Content content, LongAdder counter) {
        this.content = content;
        this.counter = counter;
    }

    /** How much it was given. */
    long position() {
        return position;
    }

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (content != null && !content.isAt(position, bytes, offset, length, scratch)) {
            throw new IOException("other bytes than expected at " + position + " and behind");
        }
        position += length;
        counter.add(length);
    }
}
