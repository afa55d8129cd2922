package io.keywrap.stream;

import io.keywrap.DataException;
import io.keywrap.KeywrapException;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.envelope.EnvelopeHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The plaintext of an envelope, read at random: {@code EnvelopeCipher.view(…)}.
 *
 * <p>The end was authenticated when it was opened, so {@link #size()} is true; every other segment is authenticated when it
 * is read. Only segments that a read touches are fetched, those in a row together; a few decrypted ones are kept.
 *
 * <p><b>Errors:</b> an {@link IOException} that carries a {@link KeywrapException} is for good and closes the view; why the
 * DEK may not be used any more is said at every later call as well. What the source throws passes unchanged; the same read
 * may be tried again.
 *
 * <p><b>Thread safety:</b> for one thread at a time, and {@link #view()} gives others their own. Any thread may close it: that
 * does not wait for a read under way, which then wipes everything when it ends.
 */
public final class EnvelopeView implements SeekableByteChannel {
    private static final int MOST_BYTES_AT_ONCE = 4 * 1024 * 1024;

    private final SharedEnvelope envelope;
    private final RangeSource source;
    private final Direction.Transform segments;
    private final SegmentCache cache;
    private final int cachedSegments;
    private final int full;
    private final ReentrantLock lock = new ReentrantLock();
    private final Unblocking unblocking;
    private Slice sealed = Slice.of(new byte[0]);
    private long firstSealed;
    private long position;
    private boolean wiped;
    /** Why the DEK may not be used, where this view has found that out by itself. */
    private volatile @Nullable KeywrapException over;

    private volatile boolean open = true;
    private volatile boolean closed;
    private volatile boolean givenBack;

    private EnvelopeView(SharedEnvelope envelope, RangeSource source, int cachedSegments) {
        this.envelope = envelope;
        this.source = source;
        this.cachedSegments = cachedSegments;
        this.full = envelope.parameters().plaintextBytes();
        this.cache = new SegmentCache(cachedSegments, full);
        this.segments = envelope.decrypting();
        this.unblocking = envelope.unblocking();
        envelope.opened(this);
    }

    /** Opens an envelope and authenticates its end; the source stays the caller's if that fails. */
    static EnvelopeView open(RangeSource source, InMemory.Opening opening, int cachedSegments) throws IOException {
        RangeSource.Head head = RangeSource.head(source);
        OpenedEnvelope opened = opening.open(head);
        opened.endWithKek();
        EnvelopeView view = null;
        boolean done = false;
        try {
            SharedEnvelope shared = new SharedEnvelope(opened, head.position(), source.length() - head.position());
            view = new EnvelopeView(shared, source, cachedSegments);
            view.authenticateEnd();
            done = true;
            return view;
        } finally {
            if (!done) {
                if (view != null) {
                    view.open = false;
                    view.wipeUnlessBusy();
                }
                opened.close();
            }
        }
    }

    /** Under the lock, so that whoever hears of a revocation meanwhile leaves it to this thread to wipe. */
    private void authenticateEnd() throws IOException {
        lock.lock();
        try {
            unblocking.throwWhy(); // Or else that the keys are wiped already.
            plaintext(envelope.lastSegment(), 1);
        } finally {
            unlock();
        }
    }

    /**
     * Another view of the same envelope, for another thread: with a position of its own, and closed by itself. The keys are
     * wiped when the last one is closed.
     *
     * @return a new view, at position 0
     * @throws IOException if this one is closed, or the envelope's file cannot be opened once more
     */
    public EnvelopeView view() throws IOException {
        lock.lock();
        try {
            requireOpen();
            return another(source.again());
        } finally {
            unlock();
        }
    }

    /** Opens the file of an envelope. */
    static EnvelopeView open(Path file, InMemory.Opening opening, int cachedSegments) throws IOException {
        RangeSource source = RangeSource.of(file);
        try {
            return open(source, opening, cachedSegments);
        } catch (IOException | RuntimeException | Error e) {
            source.close();
            throw e;
        }
    }

    private EnvelopeView another(RangeSource itsSource) throws IOException {
        boolean done = false;
        try {
            EnvelopeView view = new EnvelopeView(envelope.forOneMore(), itsSource, cachedSegments);
            done = true;
            return view;
        } finally {
            if (!done) {
                envelope.release(null);
                itsSource.close();
            }
        }
    }

    /**
     * What the envelope says of itself.
     *
     * @return the authenticated header
     */
    public EnvelopeHeader header() {
        return envelope.header();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        lock.lock();
        try {
            requireOpen();
            return target.hasRemaining() && position >= envelope.size() ? -1 : readAllOrNothing(target);
        } catch (KeywrapException e) {
            throw closedBecauseOf(e);
        } finally {
            unlock();
        }
    }

    /** After a failure both positions are as before, so that the same read can be tried again and skips nothing. */
    private int readAllOrNothing(ByteBuffer target) throws IOException {
        long from = position;
        int at = target.position();
        boolean done = false;
        try {
            int total = readInto(target);
            done = true;
            return total;
        } finally {
            if (!done) {
                position = from;
                target.position(at);
            }
        }
    }

    private int readInto(ByteBuffer target) throws IOException {
        int total = 0;
        while (target.hasRemaining() && position < envelope.size()) {
            long segment = position / full;
            int from = (int) (position - segment * full);
            Slice plaintext = plaintext(segment, segmentsWanted(segment, (long) from + target.remaining()));
            int n = Math.min(target.remaining(), plaintext.length() - from);
            target.put(plaintext.array(), from, n);
            position += n;
            total += n;
        }
        return total;
    }

    /** How many segments in a row are read at once: what is wanted, as far as it is not there yet. */
    private int segmentsWanted(long segment, long bytes) {
        int most = Math.max(1, MOST_BYTES_AT_ONCE / envelope.parameters().segmentBytes());
        long last = Math.min(envelope.lastSegment(), segment + (bytes - 1) / full);
        int count = 1;
        while (count < most && segment + count <= last && !cache.has(segment + count)) {
            count++;
        }
        return count;
    }

    /** A segment's plaintext, if need be read together with those behind it. */
    private Slice plaintext(long segment, int count) throws IOException {
        envelope.ensureUsable();
        @Nullable Slice known = cache.get(segment);
        if (known != null) {
            return known;
        }
        long at = envelope.placeOf(segment);
        int length = envelope.lengthOf(segment, 1);
        if (at < firstSealed || at + length > firstSealed + sealed.length()) {
            sealed = Slice.of(new byte[0]);
            sealed = fetched(at, envelope.lengthOf(segment, count));
            firstSealed = at;
        }
        byte[] room = cache.room();
        Slice one = new Slice(sealed.array(), sealed.offset() + (int) (at - firstSealed), length);
        int n = segments.apply(segment, one, segment == envelope.lastSegment(), room, 0);
        Slice plaintext = new Slice(room, 0, n);
        cache.put(segment, plaintext);
        return plaintext;
    }

    private Slice fetched(long at, int length) throws IOException {
        return unblocking.within(source, () -> source.read(at, length));
    }

    @Override
    public long position() throws IOException {
        requireOpen();
        return position;
    }

    @Override
    public SeekableByteChannel position(long next) throws IOException {
        requireOpen();
        if (next < 0) {
            throw new IllegalArgumentException("a position is not negative: " + next);
        }
        position = next;
        return this;
    }

    @Override
    public long size() throws IOException {
        requireOpen();
        return envelope.size();
    }

    @Override
    public int write(ByteBuffer bytes) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long length) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() throws IOException {
        boolean first = open;
        closed = true;
        open = false; // Before anything is wiped, or a read on another thread would meet it.
        wipeUnlessBusy();
        if (first) {
            source.close();
        }
    }

    /** The KEK was revoked: nothing is kept, and nobody waits any longer. */
    void end() {
        unblocking.end();
        open = false;
        Unblocking.closeQuietly(this::wipeUnlessBusy);
    }

    /** Behind {@link #end}, where it keeps nobody from hearing of it: it may hang. */
    void closeSource() {
        Unblocking.closeElsewhere(source);
    }

    private IOException closedBecauseOf(KeywrapException failure) {
        if (!(failure instanceof DataException)) {
            over = failure;
        }
        IOException wrapped = new IOException(failure.getMessage(), failure);
        try {
            close();
        } catch (IOException e) {
            wrapped.addSuppressed(e);
        }
        return wrapped;
    }

    private void unlock() {
        lock.unlock();
        if (!open) {
            wipeUnlessBusy();
        }
    }

    /** Whoever has it does so when that is over, and looks again: it may have been closed in between. */
    private void wipeUnlessBusy() {
        do {
            if (!lock.tryLock()) {
                return;
            }
            wipeAndUnlock();
        } while (closed && !givenBack);
    }

    private void wipeAndUnlock() {
        try {
            if (!wiped) {
                wiped = true;
                cache.wipe();
                segments.close();
                envelope.release(this);
            }
            if (closed) {
                givenBack = true;
                envelope.closed();
            }
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() throws IOException {
        if (!open) {
            @Nullable KeywrapException known = over;
            @Nullable KeywrapException why = known == null ? unblocking.why() : known;
            throw why == null ? new ClosedChannelException() : new IOException(why.getMessage(), why);
        }
    }

    /**
     * Reads parts of an envelope, wherever it is.
     *
     * <p><b>Thread safety:</b> must be thread-safe if several threads have views.
     */
    @FunctionalInterface
    public interface RangeReader {
        /**
         * Reads a part, such as by an HTTP request for a range.
         *
         * @param offset where it begins
         * @param length how long it is in bytes: 1 to 4 MiB, never beyond the envelope's end
         * @return exactly that part, in an array that is not used otherwise
         * @throws IOException if it cannot be read now
         */
        byte[] read(long offset, int length) throws IOException;
    }
}
