package io.keywrap.stream;

import io.keywrap.KeywrapException;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.file.AtomicFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One envelope being written piecemeal.
 *
 * <pre>{@code
 * try (EnvelopeWriter writer = cipher.writer(sink, context)) {
 *     source.transferTo(writer.stream());
 *     writer.commit();
 * }
 * }</pre>
 *
 * <p><b>Security:</b> only {@link #commit()} writes the end of the envelope. Closing without it aborts, so a source that
 * breaks half-way never becomes a valid shorter backup; readers report what is left as truncated.
 *
 * <p><b>Errors:</b> a failure is for good: it aborts and wipes the keys, and every later call fails too.
 *
 * <p><b>Thread safety:</b> for one thread at a time, but any thread may {@link #close()}: a write or commit under way then
 * fails, unless the commit had done all but return. May block on the sink.
 */
public final class EnvelopeWriter implements AutoCloseable {
    private final OpenedEnvelope envelope;
    private final SegmentWriter segments;
    private final OutputStream sink;
    private final @Nullable AtomicFile file;
    private final OutputStream stream = new PlaintextStream();
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final Unblocking unblocking;

    private EnvelopeWriter(OpenedEnvelope envelope, OutputStream sink, @Nullable AtomicFile file) {
        this.envelope = envelope;
        this.file = file;
        this.unblocking = new Unblocking(envelope);
        this.sink = unblocking.writing(sink);
        this.segments = new SegmentWriter(envelope, this.sink);
    }

    /** Takes the envelope over, and writes its headers. */
    static EnvelopeWriter start(OpenedEnvelope envelope, OutputStream sink) throws IOException {
        return start(envelope, sink, null);
    }

    /** Takes the envelope over, and begins its file. */
    static EnvelopeWriter start(OpenedEnvelope envelope, Path target) throws IOException {
        AtomicFile file;
        try {
            file = AtomicFile.replacing(target);
        } catch (IOException | RuntimeException | Error e) {
            envelope.close();
            throw e;
        }
        return start(envelope, ChannelStreams.to(file), file);
    }

    private static EnvelopeWriter start(OpenedEnvelope envelope, OutputStream sink, @Nullable AtomicFile file)
            throws IOException {
        boolean begun = false;
        try {
            EnvelopeWriter writer = new EnvelopeWriter(envelope, sink, file); // Has no plaintext yet.
            envelope.onEnd(writer::end);
            writer.sink.write(envelope.headers());
            begun = true;
            return writer;
        } finally {
            if (!begun) {
                try {
                    envelope.close();
                } finally {
                    closeUnlessNull(file);
                }
            }
        }
    }

    /**
     * The header of the envelope.
     *
     * @return the header
     */
    public EnvelopeHeader header() {
        return envelope.header();
    }

    /**
     * Where to write the plaintext. Flushing and closing this stream do nothing: only {@link #commit()} ends the
     * envelope.
     *
     * @return always the same stream
     */
    public OutputStream stream() {
        return stream;
    }

    /**
     * Ends the envelope: writes its last segment and flushes the sink, or gives the target file its name. Does nothing
     * when repeated.
     *
     * @throws IOException if the sink fails; the envelope is then not valid
     * @throws KeywrapException if the DEK may no longer be used
     * @throws IllegalStateException if the writer was closed or has failed
     */
    public void commit() throws IOException {
        if (state.get() == State.COMMITTED) {
            return;
        }
        if (!state.compareAndSet(State.OPEN, State.ENDED)) {
            throwWhyEnded();
            throw new IllegalStateException("the envelope was closed, or has failed");
        }
        try {
            segments.finish();
            sink.flush();
            if (file != null) {
                file.commit();
            }
            state.set(State.COMMITTED);
        } catch (IOException | IllegalStateException e) {
            throwWhyEnded(); // The keys were wiped, and the file closed, while this one was at work.
            throw e;
        } finally {
            close();
        }
    }

    private void throwWhyEnded() {
        @Nullable KeywrapException why = unblocking.why();
        if (why != null) {
            throw why;
        }
    }

    /** Wipes the keys, and aborts unless {@link #commit()} was called. The sink stays open. Harmless when repeated. */
    @Override
    public void close() {
        end(envelope::close);
    }

    private void end(Runnable keys) {
        state.compareAndSet(State.OPEN, State.ENDED);
        try {
            keys.run();
        } finally {
            try {
                segments.close();
            } finally {
                closeUnlessNull(file);
            }
        }
    }

    /** The lease has ended: nobody needs to write once more for the file to disappear. */
    private void end() {
        unblocking.end();
        end(envelope::wipe);
    }

    private static void closeUnlessNull(@Nullable AtomicFile file) {
        if (file != null) {
            file.close();
        }
    }

    private enum State {
        OPEN,
        COMMITTED,
        ENDED
    }

    private final class PlaintextStream extends OutputStream {
        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (state.get() != State.OPEN) {
                throw failure(new IOException("the envelope was committed, closed, or has failed"));
            }
            boolean done = false;
            try {
                segments.write(bytes, offset, length);
                done = true;
            } catch (IOException e) {
                throw failure(e);
            } catch (KeywrapException | IllegalStateException e) {
                throw failure(new IOException(e.getMessage(), e));
            } finally {
                if (!done) {
                    EnvelopeWriter.this.close();
                }
            }
        }

        private IOException failure(IOException failure) {
            @Nullable KeywrapException why = unblocking.why();
            return why == null ? failure : new IOException(why.getMessage(), why);
        }
    }
}
