package io.keywrap.rewrap;

import io.keywrap.StoreUnavailableException;
import io.keywrap.TimeSource;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A note in the store of how far a job is, for stores that have notes. It is a hint and nothing more: whoever can write to the store
 * can write it. Thread-safe.
 */
final class Checkpoint {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
    private static final long EVERY = TimeUnit.SECONDS.toNanos(10);
    private static final String FORM = "1";

    private final Optional<StoreNotes> notes;
    private final String name;
    private final TimeSource time;
    private long next;

    Checkpoint(KeychainStore store, String name, TimeSource time) {
        this.notes = store instanceof StoreNotes has ? Optional.of(has) : Optional.empty();
        this.name = name;
        this.time = time;
        this.next = time.nanoTime() + EVERY;
    }

    /**
     * How far a job is.
     *
     * @param pass the pass
     * @param keychainId the last keychain of it up to which all are finished
     * @param keychains how many were looked at
     * @param deks how many DEKs were done
     */
    record Mark(int pass, String keychainId, long keychains, long deks) {
        String text() {
            return FORM + "\n" + pass + "\n" + keychains + "\n" + deks + "\n" + keychainId;
        }

        static Optional<Mark> of(String text) {
            String[] lines = text.split("\n", 5);
            try {
                if (lines.length != 5 || !lines[0].equals(FORM) || lines[4].isEmpty()) {
                    return Optional.empty();
                }
                Mark mark = new Mark(
                        Integer.parseInt(lines[1]), lines[4], Long.parseLong(lines[2]), Long.parseLong(lines[3]));
                return mark.pass < 0 || mark.keychains < 0 || mark.deks < 0 ? Optional.empty() : Optional.of(mark);
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }
    }

    /** Where an earlier run has ended; empty if there was none, or it went to the end. */
    Optional<Mark> read() {
        return note().flatMap(note -> Mark.of(new String(note.content(), StandardCharsets.UTF_8)));
    }

    /** Every ten seconds. */
    synchronized void perhaps(Mark mark) {
        if (time.nanoTime() - next >= 0) {
            next = time.nanoTime() + EVERY;
            write(mark.text());
        }
    }

    void write(Mark mark) {
        write(mark.text());
    }

    /** All was looked at. */
    void clear() {
        if (read().isPresent()) {
            write("");
        }
    }

    private void write(String text) {
        notes.ifPresent(store -> {
            try {
                long revision = note().map(Note::revision).orElse(0L);
                store.putNote(name, revision, text.getBytes(StandardCharsets.UTF_8));
            } catch (StoreUnavailableException e) {
                LOG.debug("how far a job is was not noted", e);
            }
        });
    }

    private Optional<Note> note() {
        try {
            return notes.flatMap(store -> store.note(name));
        } catch (StoreUnavailableException e) {
            LOG.debug("how far a job is could not be read", e);
            return Optional.empty();
        }
    }
}
