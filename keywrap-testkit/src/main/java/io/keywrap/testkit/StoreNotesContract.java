package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every store with {@link StoreNotes} does: a suite of tests for whoever makes one, beside {@link
 * KeychainStoreContract}.
 *
 * <pre>{@code
 * class MyNotesTest extends StoreNotesContract {
 *     @Override
 *     protected StoreNotes open() {
 *         return new MyStore(database);
 *     }
 * }
 * }</pre>
 */
public abstract class StoreNotesContract {
    private static final String NAME = "kek-monitor";
    private static final int WRITERS = 4;
    private static final int WRITES_OF_EACH = 25;

    private final List<StoreNotes> opened = new ArrayList<>();
    private StoreNotes notes;

    /** For the tests of a store. */
    protected StoreNotesContract() {}

    /**
     * Opens the store. Every call within one test opens the same place, which is empty when the test begins. A store
     * that is {@link AutoCloseable} is closed by the suite.
     *
     * @return a store of its own over that place, or the same one if there can be no second
     * @throws Exception if it cannot be opened; the test fails
     */
    protected abstract StoreNotes open() throws Exception;

    private StoreNotes opened() throws Exception {
        StoreNotes one = open();
        opened.add(one);
        return one;
    }

    @BeforeEach
    void openFirst() throws Exception {
        notes = opened();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (StoreNotes one : opened) {
            if (one instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void assertKept(long revision, byte[] content) {
        Note kept = notes.note(NAME).orElseThrow(() -> new AssertionError("the note is not there"));
        assertEquals(revision, kept.revision(), "the revision");
        assertArrayEquals(content, kept.content(), "the content");
    }

    @Test
    void aNoteThatWasNeverPutIsNotThereAndExpectsNoRevision() {
        assertEquals(Optional.empty(), notes.note(NAME));
        assertFalse(notes.putNote(NAME, 1, bytes("a")));
        assertEquals(Optional.empty(), notes.note(NAME));
    }

    @Test
    void theFirstHasRevisionOneAndEachLaterTheNext() {
        assertTrue(notes.putNote(NAME, 0, bytes("a")));
        assertKept(1, bytes("a"));
        assertTrue(notes.putNote(NAME, 1, bytes("b")));
        assertTrue(notes.putNote(NAME, 2, bytes("b")));
        assertKept(3, bytes("b"));
    }

    @Test
    void anotherRevisionThanExpectedIsLeftAsItIs() {
        assertTrue(notes.putNote(NAME, 0, bytes("a")));
        assertTrue(notes.putNote(NAME, 1, bytes("b")));
        for (long expected : new long[] {0, 1, 3}) {
            assertFalse(notes.putNote(NAME, expected, bytes("c")), () -> "expected revision " + expected);
            assertKept(2, bytes("b"));
        }
    }

    @Test
    void contentComesBackByteForByteWhateverItsLength() {
        byte[] all = new byte[StoreNotes.MAX_NOTE_BYTES];
        new Random(20).nextBytes(all);
        long revision = 0;
        for (int length : new int[] {0, 1, 0, 255, 70_000, all.length}) {
            assertTrue(notes.putNote(NAME, revision, Arrays.copyOf(all, length)));
            assertKept(++revision, Arrays.copyOf(all, length));
        }
    }

    @Test
    void contentIsCopiedBothWays() {
        byte[] content = bytes("a");
        notes.putNote(NAME, 0, content);
        content[0] = 'x';
        notes.note(NAME).orElseThrow().content()[0] = 'y';
        assertKept(1, bytes("a"));
    }

    @Test
    void contentThatIsTooLongIsRefused() {
        byte[] tooLong = new byte[StoreNotes.MAX_NOTE_BYTES + 1];
        assertThrows(IllegalArgumentException.class, () -> notes.putNote(NAME, 0, tooLong));
        assertEquals(Optional.empty(), notes.note(NAME));
    }

    @Test
    void namesAreKeptApartAndOnlyNamesAreTaken() {
        String longest = "a".repeat(StoreNotes.MAX_NAME_CHARS);
        for (String name : List.of("a", "z", "a-", "-", "0", "9", longest)) {
            assertTrue(notes.putNote(name, 0, bytes(name)), name);
        }
        assertArrayEquals(bytes("a"), notes.note("a").orElseThrow().content());
        assertArrayEquals(bytes(longest), notes.note(longest).orElseThrow().content());
        for (String none : List.of("", longest + "a", "A", "a.b", "../a", "a/b", "\u00e4", "a b", "a\u0000")) {
            assertThrows(IllegalArgumentException.class, () -> notes.note(none), none);
            assertThrows(IllegalArgumentException.class, () -> notes.putNote(none, 0, bytes("a")), none);
        }
        assertThrows(IllegalArgumentException.class, () -> notes.putNote(NAME, -1, bytes("a")));
    }

    @Test
    void namesAreListedByPrefixInOrderAPageAtATime() throws Exception {
        assertEquals(List.of(), notes.noteNames("", Optional.empty(), 10));
        List<String> slots = List.of("byok-", "byok--", "byok-0", "byok-a", "byok-ab", "byok-b");
        for (String name : List.of("byok-b", "byok-ab", "a", "byok", "byok-a", "byok-0", "byok-", "z", "byok--")) {
            assertTrue(notes.putNote(name, 0, bytes(name)), name);
        }
        assertEquals(slots, opened().noteNames("byok-", Optional.empty(), StoreNotes.MAX_NAMES));
        List<String> paged = new ArrayList<>();
        List<String> page;
        do {
            page = notes.noteNames(
                    "byok-", paged.isEmpty() ? Optional.empty() : Optional.of(paged.get(paged.size() - 1)), 2);
            paged.addAll(page);
        } while (page.size() == 2);
        assertEquals(slots, paged);
        assertEquals(List.of("a"), notes.noteNames("", Optional.empty(), 1));
        assertEquals(List.of("byok-b"), notes.noteNames("byok-", Optional.of("byok-ac"), 10), "behind no note");
        assertEquals(9, notes.noteNames("", Optional.empty(), 10).size());
        assertThrows(IllegalArgumentException.class, () -> notes.noteNames("", Optional.empty(), 0));
        assertThrows(
                IllegalArgumentException.class, () -> notes.noteNames("", Optional.empty(), StoreNotes.MAX_NAMES + 1));
    }

    @Test
    void aNoteIsSeenThroughAnotherStoreObjectAtOnce() throws Exception {
        StoreNotes other = opened();
        assertTrue(notes.putNote(NAME, 0, bytes("a")));
        assertTrue(other.putNote(NAME, 1, bytes("b")));
        assertFalse(notes.putNote(NAME, 1, bytes("c")));
        assertKept(2, bytes("b"));
    }

    @Test
    void notesAreNoKeychains() {
        notes.putNote(NAME, 0, bytes("a"));
        if (notes instanceof KeychainStore keychains) {
            assertEquals(List.of(), keychains.list(KeychainFilter.all(), Optional.empty(), 10));
            assertEquals(List.of(), keychains.unreadable());
        }
    }

    /** Each counts on by compare-and-set: no step is lost, and each refusal is for a step of another. */
    @Test
    void manyWritersLoseNoUpdate() throws Exception {
        List<Callable<Integer>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            StoreNotes own = opened();
            writers.add(() -> countOn(own));
        }
        for (int refused : ThreadStorm.together(writers)) {
            assertTrue(refused <= (WRITERS - 1) * WRITES_OF_EACH, "refused though nobody else has written");
        }
        int steps = WRITERS * WRITES_OF_EACH;
        assertKept(steps, ByteBuffer.allocate(4).putInt(steps).array());
    }

    private static int countOn(StoreNotes own) {
        int refused = 0;
        for (int written = 0; written < WRITES_OF_EACH; ) {
            Optional<Note> kept = own.note(NAME);
            int count =
                    kept.map(note -> ByteBuffer.wrap(note.content()).getInt()).orElse(0);
            byte[] next = ByteBuffer.allocate(4).putInt(count + 1).array();
            if (own.putNote(NAME, kept.map(Note::revision).orElse(0L), next)) {
                written++;
            } else {
                refused++;
            }
        }
        return refused;
    }
}
