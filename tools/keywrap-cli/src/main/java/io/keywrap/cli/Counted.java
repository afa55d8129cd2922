package io.keywrap.cli;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.IntConsumer;

/** Streams that say how many bytes went through. */
final class Counted {
    private Counted() {}

    /** A stream that reports the length of every read. */
    static InputStream input(InputStream source, IntConsumer bytes) {
        return new FilterInputStream(source) {
            @Override
            public int read() throws IOException {
                int single = super.read();
                bytes.accept(single < 0 ? 0 : 1);
                return single;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int n = super.read(target, offset, length);
                bytes.accept(Math.max(n, 0));
                return n;
            }
        };
    }

    /** A stream that reports the length of every write. */
    static OutputStream output(OutputStream target, IntConsumer bytes) {
        return new FilterOutputStream(target) {
            @Override
            public void write(int single) throws IOException {
                out.write(single);
                bytes.accept(1);
            }

            @Override
            public void write(byte[] source, int offset, int length) throws IOException {
                out.write(source, offset, length);
                bytes.accept(length);
            }
        };
    }
}
