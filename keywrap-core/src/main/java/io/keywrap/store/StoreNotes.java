package io.keywrap.store;

import io.keywrap.StoreUnavailableException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Small notes that the JVMs of a store leave for each other, each with compare-and-set on its revision. A store may have
 * them or not; one that has implements this beside {@link KeychainStore}.
 *
 * <p><b>Security:</b> the store vouches for nothing: whoever can write to it can write notes. A note is a hint that makes
 * a reader do no more than ask a KMS by itself, unless it carries a seal of its own, as those of slots of uploaded keys do.
 *
 * <p><b>Errors:</b> a call that fails has written nothing, or all of it; never half.
 *
 * <p><b>Thread safety:</b> implementations are safe for threads and for processes that share one place.
 */
public interface StoreNotes {
    /** Longest content of a note, in bytes. */
    int MAX_NOTE_BYTES = 1024 * 1024;

    /** Longest name of a note. */
    int MAX_NAME_CHARS = 64;

    /** Most names of a page. */
    int MAX_NAMES = 10_000;

    /**
     * Reads a note.
     *
     * @param name its name: 1 to {@value #MAX_NAME_CHARS} of {@code a} to {@code z}, digits and hyphens
     * @return the note; empty if none was ever put. One that was damaged is there, with no content, and can be put anew
     * @throws IllegalArgumentException if the name is none
     * @throws StoreUnavailableException if the store cannot be read
     */
    Optional<Note> note(String name);

    /**
     * Writes a note, unless somebody else has meanwhile. What is written has the revision after the expected one.
     *
     * @param name its name, as for {@link #note}
     * @param expectedRevision the revision that must be kept until now; 0 if there must be none yet
     * @param content 0 to {@value #MAX_NOTE_BYTES} bytes; stay the caller's
     * @return whether it was written; false if another revision is kept, or none
     * @throws IllegalArgumentException if the name is none, the revision is negative, or the content is too long
     * @throws StoreUnavailableException if the store cannot be written
     */
    boolean putNote(String name, long expectedRevision, byte[] content);

    /**
     * Lists names of notes, in the order of their characters. What is added meanwhile may be there or not; all else is there
     * once, what was damaged too.
     *
     * @param prefix what the names begin with; may be empty
     * @param after a name, whether or not there is such a note: only names behind it; empty for the first page
     * @param limit the most names to give, 1 to {@value #MAX_NAMES}
     * @return the names; fewer than the limit at the end
     * @throws IllegalArgumentException if the limit is out of its range
     * @throws StoreUnavailableException if the store cannot be read
     */
    List<String> noteNames(String prefix, Optional<String> after, int limit);

    /**
     * Refuses a page of another size; for those who make a store.
     *
     * @param limit as for {@link #noteNames}
     * @return the limit
     * @throws IllegalArgumentException if it is out of its range
     */
    static int requirePage(int limit) {
        if (limit < 1 || limit > MAX_NAMES) {
            throw new IllegalArgumentException("a page has 1 to " + MAX_NAMES + " names, not " + limit);
        }
        return limit;
    }

    /**
     * Refuses what no store may take; for those who make one.
     *
     * @param name as for {@link #putNote}
     * @param expectedRevision likewise
     * @param content likewise
     * @throws IllegalArgumentException if one of them is out of its limits
     */
    static void requireWritable(String name, long expectedRevision, byte[] content) {
        requireName(name);
        if (expectedRevision < 0) {
            throw new IllegalArgumentException("a revision is not negative: " + expectedRevision);
        }
        if (content.length > MAX_NOTE_BYTES) {
            throw new IllegalArgumentException(
                    "a note has at most " + MAX_NOTE_BYTES + " bytes, this one has " + content.length);
        }
    }

    /**
     * Refuses what is no name; for those who make a store.
     *
     * @param name the name
     * @return the name
     * @throws IllegalArgumentException if it is none
     */
    static String requireName(String name) {
        boolean fits = !name.isEmpty() && name.length() <= MAX_NAME_CHARS;
        if (!fits || !name.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            throw new IllegalArgumentException(
                    "the name of a note has 1 to " + MAX_NAME_CHARS + " of a to z, digits and hyphens");
        }
        return name;
    }

    /**
     * A note as it was read.
     *
     * <p><b>Thread safety:</b> immutable.
     */
    final class Note {
        private final long revision;
        private final byte[] content;

        private Note(long revision, byte[] content) {
            this.revision = revision;
            this.content = content;
        }

        /**
         * A note; for those who make a store.
         *
         * @param revision its revision, 1 or more
         * @param content its content, at most {@value StoreNotes#MAX_NOTE_BYTES} bytes, copied
         * @return the note
         * @throws IllegalArgumentException if one of them is out of its limits
         */
        public static Note of(long revision, byte[] content) {
            if (revision < 1 || content.length > MAX_NOTE_BYTES) {
                throw new IllegalArgumentException("a note has a revision of 1 or more and at most " + MAX_NOTE_BYTES
                        + " bytes, not revision " + revision + " and " + content.length + " bytes");
            }
            return new Note(revision, content.clone());
        }

        /**
         * How often it was written.
         *
         * @return 1 for the first
         */
        public long revision() {
            return revision;
        }

        /**
         * What it says.
         *
         * @return a new array
         */
        public byte[] content() {
            return content.clone();
        }

        /**
         * Whether another note has the same revision and content.
         *
         * @param other the other object
         * @return true if it has
         */
        @Override
        public boolean equals(Object other) {
            return other instanceof Note that && revision == that.revision && Arrays.equals(content, that.content);
        }

        /**
         * A hash of revision and content.
         *
         * @return the hash
         */
        @Override
        public int hashCode() {
            return 31 * Long.hashCode(revision) + Arrays.hashCode(content);
        }

        /**
         * Its size.
         *
         * @return such as {@code Note[revision 7, 40 bytes]}
         */
        @Override
        public String toString() {
            return "Note[revision " + revision + ", " + content.length + " bytes]";
        }
    }
}
