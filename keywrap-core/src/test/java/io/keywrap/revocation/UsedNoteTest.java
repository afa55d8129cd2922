package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The letter box in which the JVMs that do not monitor say what they use. */
class UsedNoteTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final Asker asker = new Asker();
    private final SharedStore store = new SharedStore();
    private final Watches watches = new Watches(Asker.options(), new Random(1), asker.providers.states());
    private final UsedNote note = new UsedNote(asker.providers, watches);
    private final VersionInUse version = asker.version("acme");
    private final VersionInUse other = asker.version("other");

    @AfterEach
    void close() {
        asker.close();
    }

    private Set<Long> kept() {
        return UsedNote.parse(store.note(UsedNote.NOTE).orElseThrow().content());
    }

    private long revision() {
        return store.note(UsedNote.NOTE).map(Note::revision).orElse(0L);
    }

    private Watch watched(VersionInUse of, long now) {
        return watches.watch(of, asker.providers.provider(of.kekId()).place(), now);
    }

    @Test
    void aHashIsOfTheKekAndOfItsVersion() {
        VersionInUse one = new VersionInUse(KekId.of("cloud:acme"), "7");
        ByteBuffer bytes = ByteBuffer.allocate(8)
                .putInt("cloud:acme".hashCode())
                .putInt("7".hashCode())
                .flip();
        assertThat(UsedNote.hash(one)).isEqualTo(bytes.getLong());
        VersionInUse negative = new VersionInUse(KekId.of("cloud:acme"), "polygenelubricants");
        assertThat("polygenelubricants".hashCode()).isNegative();
        assertThat(UsedNote.hash(negative) >>> 32).isEqualTo(Integer.toUnsignedLong("cloud:acme".hashCode()));
    }

    @Test
    void whatIsWrittenIsRead() {
        Set<Long> hashes = Set.of(0L, -1L, 1L << 32, 0x8000_0000L, Long.MIN_VALUE, 0x0123_4567_89AB_CDEFL);
        assertThat(UsedNote.encode(hashes)).hasSize(1 + 8 * hashes.size()).startsWith(1);
        assertThat(UsedNote.parse(UsedNote.encode(hashes))).isEqualTo(hashes);
        assertThat(UsedNote.parse(UsedNote.encode(Set.of()))).isEmpty();
    }

    @Test
    void asManyAsFitAreWrittenAndRead() {
        Set<Long> hashes = LongStream.rangeClosed(1, UsedNote.MOST + 1)
                .boxed()
                .collect(Collectors.toCollection(LinkedHashSet::new));
        byte[] most = UsedNote.encode(hashes);
        assertThat(UsedNote.parse(most)).hasSize(UsedNote.MOST).doesNotContain(UsedNote.MOST + 1L);
        assertThat(UsedNote.parse(Arrays.copyOf(most, most.length + 8))).isEmpty();
    }

    @Test
    void whatIsNoSuchNoteSaysNothing() {
        byte[] one = UsedNote.encode(Set.of(5L));
        byte[] ofAnotherFormat = one.clone();
        ofAnotherFormat[0] = 2;
        for (byte[] garbage : List.of(new byte[0], ofAnotherFormat, Arrays.copyOf(one, 8), Arrays.copyOf(one, 10))) {
            assertThat(UsedNote.parse(garbage)).isEmpty();
        }
    }

    @Test
    void whoeverMonitorsTakesOutWhatOthersHaveUsedAndLeavesTheBoxEmpty() {
        Watch used = watched(version, 0);
        Watch unused = watched(other, 0);
        store.putNote(UsedNote.NOTE, 0, UsedNote.encode(Set.of(UsedNote.hash(version), 99L)));
        note.takeOut(store, 90 * MINUTE);
        assertThat(used.isUsed(90 * MINUTE)).isTrue();
        assertThat(unused.isUsed(90 * MINUTE)).isFalse();
        assertThat(kept()).isEmpty();
        assertThat(revision()).isEqualTo(2);
        note.takeOut(store, 91 * MINUTE);
        assertThat(revision()).as("nothing to take out").isEqualTo(2);
    }

    @Test
    void anEmptyBoxIsNotWritten() {
        note.takeOut(store, 0);
        note.putIn(store, 0);
        assertThat(store.notes).isEmpty();
    }

    @Test
    void whatWasProvenLatelyIsPutInBeforeWhatIsThere() {
        asker.ask(version);
        Set<Long> full =
                LongStream.rangeClosed(1, UsedNote.MOST).boxed().collect(Collectors.toCollection(LinkedHashSet::new));
        store.putNote(UsedNote.NOTE, 0, UsedNote.encode(full));
        note.putIn(store, 0);
        assertThat(kept())
                .hasSize(UsedNote.MOST)
                .contains(UsedNote.hash(version), 1L, UsedNote.MOST - 1L)
                .doesNotContain((long) UsedNote.MOST);
    }

    @Test
    void itIsSaidAgainAfterTwentyMinutesAlone() {
        long begun = 90 * MINUTE;
        asker.ask(version);
        note.putIn(store, begun);
        assertThat(kept()).containsExactly(UsedNote.hash(version));
        for (int minute = 1; minute < 20; minute++) {
            asker.time.advance(Duration.ofMinutes(1));
            asker.ask(version);
            note.putIn(store, begun + minute * MINUTE);
        }
        note.putIn(store, begun + 20 * MINUTE - 1);
        assertThat(revision()).isEqualTo(1);
        note.putIn(store, begun + 20 * MINUTE);
        assertThat(revision()).isEqualTo(2);
    }

    @Test
    void whatWasNotUsedForTwentyMinutesIsNotSaid() {
        asker.ask(version);
        asker.time.advance(Duration.ofMinutes(20));
        note.putIn(store, 0);
        assertThat(store.notes).isEmpty();
        asker.cloud.disable(other.kekId());
        asker.ask(other);
        note.putIn(store, 0);
        assertThat(store.notes).as("refused, and never proven").isEmpty();
    }

    @Test
    void oneThatIsWatchedHereIsSaidIfItWasUsedLatelyAndNotIfOnlyCanariesWere() {
        watched(version, 0);
        asker.ask(version);
        note.putIn(store, 20 * MINUTE);
        assertThat(store.notes).isEmpty();
        note.putIn(store, 20 * MINUTE - 1);
        assertThat(kept()).containsExactly(UsedNote.hash(version));
    }

    @Test
    void whatCouldNotBePutInIsPutInNextTime() {
        asker.ask(version);
        SharedStore refusing = new SharedStore();
        refusing.notes.put(UsedNote.NOTE, Note.of(3, new byte[0]));
        note.putIn(new LateNotes(refusing), 0);
        assertThat(UsedNote.parse(refusing.note(UsedNote.NOTE).orElseThrow().content()))
                .isEmpty();
        note.putIn(store, 1);
        assertThat(kept()).containsExactly(UsedNote.hash(version));
    }

    /** Notes that somebody else always writes just before. */
    private record LateNotes(StoreNotes notes) implements StoreNotes {
        @Override
        public Optional<Note> note(String name) {
            return notes.note(name);
        }

        @Override
        public boolean putNote(String name, long expectedRevision, byte[] content) {
            notes.putNote(name, expectedRevision, new byte[0]);
            return notes.putNote(name, expectedRevision, content);
        }

        @Override
        public List<String> noteNames(String prefix, Optional<String> after, int limit) {
            return notes.noteNames(prefix, after, limit);
        }
    }
}
