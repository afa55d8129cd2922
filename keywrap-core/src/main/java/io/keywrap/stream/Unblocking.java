package io.keywrap.stream;

import io.keywrap.KeywrapException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A caller's thread inside of the caller's own streams and channels, where it may wait for ever. When the lease of the envelope
 * ends meanwhile, the thread is interrupted, but only while it is in there; what does not let it go within a second is closed.
 * What such a call ends in then is the reason of the end.
 *
 * <p>An interrupt of ours is taken back before the call returns; one that was there before is left. Two at the same moment are
 * one to a thread, so one that comes just then has ended the call, and is gone with ours.
 *
 * <p><b>Thread safety:</b> one thread makes the calls, any other one ends them.
 */
final class Unblocking {
    private static final Logger LOG = LoggerFactory.getLogger(Unblocking.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final OpenedEnvelope envelope;
    private final Executor later;
    private @Nullable Thread inside;
    private @Nullable Closeable place;
    private boolean interrupted;
    private volatile @Nullable KeywrapException why;

    /** For one who hears of the end by others, and says it by {@link #end}. */
    Unblocking(OpenedEnvelope envelope) {
        this(envelope, Threads.LATER);
    }

    Unblocking(OpenedEnvelope envelope, Executor later) {
        this.envelope = envelope;
        this.later = later;
    }

    /** Begins; from now on it is ended when the lease does. */
    static Unblocking started(OpenedEnvelope envelope) {
        Unblocking unblocking = new Unblocking(envelope);
        envelope.onEnd(unblocking::end);
        return unblocking;
    }

    /** Does something after a while, on a thread that may wait for as long as that takes. */
    static void later(Runnable action) {
        Threads.LATER.execute(action);
    }

    /** Closes something, on a thread that may wait for as long as that takes. */
    static void closeElsewhere(Closeable closing) {
        Threads.NOW.execute(() -> closeQuietly(closing));
    }

    /** Why the lease has ended, once it was noticed. */
    @Nullable
    KeywrapException why() {
        return why;
    }

    /** A source of the caller's. */
    InputStream reading(InputStream source) {
        return new Reading(source);
    }

    /** A sink of the caller's. */
    OutputStream writing(OutputStream sink) {
        return new Writing(sink);
    }

    /**
     * A call into a place begins; after it, {@link #leave} must be called.
     *
     * @param into is closed if that is needed to end the call
     */
    void enter(Closeable into) {
        synchronized (this) {
            throwWhy(); // Whoever is once inside comes to leave.
            inside = Thread.currentThread();
            place = into;
        }
    }

    /** The call is over, well or not. */
    void leave() {
        synchronized (this) {
            inside = null;
            place = null;
            if (interrupted) {
                interrupted = false;
                Thread.interrupted();
            }
        }
        throwWhy();
    }

    /** Throws why the lease has ended, once it was noticed. */
    void throwWhy() {
        @Nullable KeywrapException known = why;
        if (known != null) {
            throw known;
        }
    }

    /** The lease has ended: never called by a thread that makes calls. */
    void end() {
        @Nullable KeywrapException reason = envelope.whyEnded();
        if (reason == null) {
            return; // It was closed just now.
        }
        boolean busy;
        synchronized (this) {
            why = reason;
            busy = inside != null;
            if (inside != null && !inside.isInterrupted()) {
                interrupted = true;
                inside.interrupt();
            }
        }
        if (busy) {
            later.execute(this::closePlace);
        }
    }

    /** None was entered since the end, so what there is was there before. */
    private void closePlace() {
        @Nullable Closeable closing;
        synchronized (this) {
            closing = place;
        }
        if (closing != null) {
            closeQuietly(closing);
        }
    }

    static void closeQuietly(Closeable closing) {
        try {
            closing.close();
        } catch (IOException | RuntimeException e) {
            LOG.debug("closing what somebody waited for, after the lease had ended, failed", e);
        }
    }

    private final class Reading extends InputStream {
        private final InputStream source;
        private final Closeable closed;

        Reading(InputStream source) {
            this.source = source;
            this.closed = ChannelStreams.behind(source);
        }

        @Override
        public int read() throws IOException {
            enter(closed);
            try {
                return source.read();
            } finally {
                leave();
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            enter(closed);
            try {
                return source.read(bytes, offset, length);
            } finally {
                leave();
            }
        }

        @Override
        public int available() throws IOException {
            return source.available();
        }
    }

    private final class Writing extends OutputStream {
        private final OutputStream sink;
        private final Closeable closed;

        Writing(OutputStream sink) {
            this.sink = sink;
            this.closed = ChannelStreams.behind(sink);
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            enter(closed);
            try {
                sink.write(bytes, offset, length);
            } finally {
                leave();
            }
        }

        @Override
        public void flush() throws IOException {
            enter(closed);
            try {
                sink.flush();
            } finally {
                leave();
            }
        }
    }

    /** To close may take as long as what it is to end, so there are some of them. */
    private static final class Threads {
        private static final int MOST = 64;

        static final Executor NOW = Daemons.pool(MOST, PATIENCE, Integer.MAX_VALUE, "keywrap-closes-");
        static final Executor LATER =
                CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS, NOW);
    }
}
