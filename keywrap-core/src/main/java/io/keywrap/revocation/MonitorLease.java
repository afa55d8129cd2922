package io.keywrap.revocation;

import io.keywrap.StoreUnavailableException;
import io.keywrap.codec.Canonical;
import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which JVM monitors a store: the one that has last written the note {@code kek-monitor}, as long as it goes on writing.
 *
 * <p>No clock is compared with that of another machine. Whoever holds the lease counts from before it last wrote; whoever
 * waits counts from after it last read something new, which is later.
 *
 * <p>The note: version 1 (u8), whether the lease is held (u8), holder (16 bytes), how often it wrote (u64). A note of any
 * other content is that of a holder as well, until it has not changed for the time of a lease.
 */
final class MonitorLease {
    static final String NOTE = "kek-monitor";

    private static final Logger LOG = LoggerFactory.getLogger(MonitorLease.class);
    private static final int VERSION = 1;

    /** Who holds the lease, as this JVM sees it. */
    enum Holder {
        /** This JVM. */
        SELF,
        /** Another one, or none yet. */
        ANOTHER,
        /** Nobody can tell: the store is out of reach for as long as a lease. */
        UNKNOWN
    }

    private final Optional<StoreNotes> notes;
    private final long leaseNanos;
    private final LongSupplier clock;
    private final UUID self = UUID.randomUUID();
    private long revision = -1;
    private long changedAt;
    private long heardAt;
    private long writtenAt;
    private long written;
    private volatile boolean held;
    private volatile long heldUntil;

    MonitorLease(Optional<StoreNotes> notes, long leaseNanos, LongSupplier clock) {
        this.notes = notes;
        this.leaseNanos = leaseNanos;
        this.clock = clock;
        this.heardAt = clock.getAsLong();
    }

    /** Who holds it now, without asking the store: this JVM stops in time even if nobody tells it to. */
    synchronized Holder holder() {
        if (notes.isEmpty()) {
            return Holder.SELF;
        }
        long now = clock.getAsLong();
        if (held) { // If its time is over, nothing was heard of the store since.
            return now < heldUntil ? Holder.SELF : Holder.UNKNOWN;
        }
        return now - heardAt > leaseNanos ? Holder.UNKNOWN : Holder.ANOTHER;
    }

    /** Writes that this JVM still monitors, or looks whether another still does. */
    void renew() {
        if (notes.isEmpty()) {
            return;
        }
        try {
            if (!held || !write(notes.get(), revision, true)) {
                look(notes.get());
            }
        } catch (StoreUnavailableException e) {
            LOG.debug("the store's notes are out of reach", e);
        }
    }

    private void look(StoreNotes store) {
        Optional<Note> note = store.note(NOTE);
        long now = clock.getAsLong();
        long seen = note.map(Note::revision).orElse(0L);
        boolean changed;
        synchronized (this) {
            heardAt = now;
            changed = seen != revision;
            revision = seen;
            if (changed) {
                changedAt = now;
                held = false;
            }
        }
        boolean free = seen == 0 || note.filter(MonitorLease::isGivenBack).isPresent();
        if (free || (!changed && now - changedAt >= leaseNanos)) {
            write(store, seen, true);
        }
    }

    private boolean write(StoreNotes store, long expected, boolean hold) {
        long before = clock.getAsLong();
        boolean won = store.putNote(NOTE, expected, content(hold));
        synchronized (this) {
            heardAt = clock.getAsLong();
            if (won) {
                revision = expected + 1;
                changedAt = heardAt;
                writtenAt = before;
                heldUntil = writtenAt + leaseNanos;
            }
            held = won && hold;
            return won;
        }
    }

    private byte[] content(boolean hold) {
        return new Canonical.Writer()
                .unsigned(VERSION, 1)
                .unsigned(hold ? 1 : 0, 1)
                .bytes(ByteBuffer.allocate(16)
                        .putLong(self.getMostSignificantBits())
                        .putLong(self.getLeastSignificantBits())
                        .array())
                .unsigned(++written, 8)
                .toBytes();
    }

    private static boolean isGivenBack(Note note) {
        byte[] content = note.content();
        return content.length == 26 && content[0] == VERSION && content[1] == 0;
    }

    /** Gives the lease back, so that another need not wait. */
    void giveBack() {
        if (notes.isEmpty() || holder() != Holder.SELF) {
            return;
        }
        try {
            write(notes.get(), revision, false);
        } catch (StoreUnavailableException e) {
            LOG.debug("the lease cannot be given back; others take it when its time is over", e);
        }
    }
}
