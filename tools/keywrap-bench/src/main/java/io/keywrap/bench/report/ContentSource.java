package io.keywrap.bench.report;

import java.io.InputStream;
import java.util.concurrent.atomic.LongAdder;

/** Gives so many bytes of a content, and counts them. For one thread; others may read the counter. */
final class ContentSource extends InputStream {
    private final Content content;
    private final long length;
    private final LongAdder counter;
    private long position;

    ContentSource(Content content, long length, LongAdder counter) {
        this.content = content;
        this.length = length;
        this.counter = counter;
    }

    @Override
    public int read() {
        byte[] single = new byte[1];
        return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int wanted) {
        if (wanted == 0) {
            return 0;
        }
        if (position == length) {
            return -1;
        }
        int n = (int) Math.min(wanted, length - position);
        content.fill(position, target, offset, n);
        position += n;
        counter.add(n);
        return n;
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, length - position);
    }
}
