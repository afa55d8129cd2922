package io.keywrap.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.IntConsumer;

/** A stream that says how many bytes went through. */
final class Counted {
    private Counted() {}

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
