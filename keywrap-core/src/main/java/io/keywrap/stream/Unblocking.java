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
import java.util.concurrent.locks.LockSupport;
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
    private static final long SHORT_WHILE = Duration.ofMillis(1).toNanos();

    private final OpenedEnvelope envelope;
    private final Executor interrupts;
    private final Executor later;
    private @Nullable Thread inside;
    private @Nullable Closeable place;
    /** Whether the thread is being interrupted, or was: never more than once. */
    private boolean interrupting;

    private volatile boolean interrupted;
    private volatile @Nullable KeywrapException why;

    /** For one who hears of the end by others, and says it by {@link #end}. */
    Unblocking(OpenedEnvelope envelope) {
        this(envelope, Threads.INTERRUPTS, Threads.LATER);
    }

    Unblocking(OpenedEnvelope envelope, Executor interrupts, Executor later) {
        this.envelope = envelope;
        this.interrupts = interrupts;
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

    /** A call into a place where it may wait for ever. */
    interface Call<T> {
        T run() throws IOException;
    }

    /**
     * Makes a call into a place. If the lease ends meanwhile, whatever the call ends in is a consequence, but for an error.
     *
     * @param into is closed if that is needed to end the call
     */
    <T> T within(Closeable into, Call<T> call) throws IOException {
        enter(into);
        T result;
        try {
            result = call.run();
        } catch (Error e) {
            leave();
            throw e; // Says more than why the lease has ended, which the next call says.
        } catch (Throwable e) { // Other languages throw checked exceptions that no method declares.
            leave();
            if (why != null) {
                LOG.debug("what a call ended in after the lease had ended", e);
            }
            throwWhy();
            throw e;
        }
        leave();
        throwWhy();
        return result;
    }

    private synchronized void enter(Closeable into) {
        throwWhy(); // Whoever is once inside comes to leave.
        inside = Thread.currentThread();
        place = into;
    }

    private void leave() {
        boolean ours;
        synchronized (this) {
            inside = null;
            place = null;
            ours = interrupting;
        }
        if (ours) {
            takeBack();
        }
    }

    /**
     * An interrupt begins with its mark, and may then close a channel, which may hang: that is not waited for for long. But
     * the mark alone may be somebody else's, and ours still to come.
     */
    private void takeBack() {
        long until = System.nanoTime() + PATIENCE.toNanos();
        boolean marked = false;
        while (!interrupted && !(marked && System.nanoTime() - until >= 0)) {
            marked |= Thread.interrupted(); // Which would not let it rest.
            LockSupport.parkNanos(this, SHORT_WHILE);
        }
        Thread.interrupted();
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
        }
        if (busy) {
            later.execute(this::closePlace); // First, since the interrupt may take long.
            try {
                interrupts.execute(this::interruptInside);
            } catch (RuntimeException | Error e) { // Such as no room for a thread.
                interruptInside();
            }
        }
    }

    /** Once at the most, and not under a lock, which whoever is inside needs to leave: it closes some channels, which may hang. */
    private void interruptInside() {
        Thread thread;
        synchronized (this) {
            if (inside == null || interrupting || inside.isInterrupted()) {
                return;
            }
            interrupting = true;
            thread = inside;
        }
        try {
            thread.interrupt();
        } finally {
            interrupted = true;
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
            return within(closed, () -> source.read());
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return within(closed, () -> source.read(bytes, offset, length));
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
            within(closed, () -> {
                sink.write(bytes, offset, length);
                return true;
            });
        }

        @Override
        public void flush() throws IOException {
            within(closed, () -> {
                sink.flush();
                return true;
            });
        }
    }

    /** To close may take as long as what it is to end, so there are some of them. */
    private static final class Threads {
        private static final int MOST = 64;

        /** Apart, so that whoever heeds an interrupt does not wait for others who hang while they are closed. */
        static final Executor INTERRUPTS = Daemons.pool(MOST, PATIENCE, Integer.MAX_VALUE, "keywrap-interrupts-");

        static final Executor NOW = Daemons.pool(MOST, PATIENCE, Integer.MAX_VALUE, "keywrap-closes-");
        static final Executor LATER =
                CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS, NOW);
    }
}
