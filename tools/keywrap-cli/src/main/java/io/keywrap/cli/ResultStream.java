package io.keywrap.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Remembers the first failure of a stream, which the printers of texts keep to themselves. */
final class ResultStream extends FilterOutputStream {
    private @Nullable IOException failure;

    ResultStream(OutputStream target) {
        super(target);
    }

    @Override
    public void write(int single) throws IOException {
        attempt(() -> out.write(single));
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        attempt(() -> out.write(source, offset, length));
    }

    @Override
    public void flush() throws IOException {
        attempt(out::flush);
    }

    private void attempt(Step step) throws IOException {
        try {
            step.run();
        } catch (IOException e) {
            failure = failure == null ? e : failure;
            throw e;
        }
    }

    /** From now on an interrupt ends it, where that is possible: for data. */
    void endByInterrupts() {
        if (out instanceof StandardOutput standard) {
            standard.endByInterrupts();
        }
    }

    /** The first failure of the stream. */
    Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    private interface Step {
        void run() throws IOException;
    }
}
