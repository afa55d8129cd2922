package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.codec.Canonical;
import io.keywrap.provider.KekState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much of a note is written and read. */
class StatesNoteTest {
    private static StatesNote.Entry entry(int length) {
        KekId kekId = KekId.of("cloud:" + "k".repeat(length));
        return new StatesNote.Entry(new VersionInUse(kekId, "1"), KekState.REVOKED, "tenant-1");
    }

    @Test
    void longNotesAreWrittenAsFarAsTheyMayGoAndRead() {
        byte[] note = StatesNote.encode(Collections.nCopies(StatesNote.MOST, entry(400)));
        assertThat(note.length).isBetween(255 * 1024, 256 * 1024);
        assertThat(StatesNote.parse(note)).hasSizeBetween(600, 700).containsOnly(entry(400));
        assertThat(StatesNote.parse(StatesNote.encode(Collections.nCopies(StatesNote.MOST + 1, entry(20)))))
                .hasSize(StatesNote.MOST);
    }

    @Test
    void oneThatIsLongerThanAnyThatIsWrittenIsNone() {
        byte[] one = StatesNote.encode(List.of(entry(400)));
        int count = 256 * 1024 / (one.length - 3) + 1;
        Canonical.Writer out = new Canonical.Writer().unsigned(1, 1).unsigned(count, 2);
        for (int i = 0; i < count; i++) {
            out.bytes(Arrays.copyOfRange(one, 3, one.length));
        }
        assertThat(count).isLessThan(StatesNote.MOST);
        assertThat(StatesNote.parse(out.toBytes())).isEmpty();
    }

    @Test
    void eachStateHasItsNumberAndIsReadAsItWasWritten() {
        List<KekState> states = List.of(KekState.SUSPECT, KekState.REVOKED, KekState.DESTROYED);
        List<StatesNote.Entry> entries = states.stream()
                .map(state -> new StatesNote.Entry(new VersionInUse(KekId.of("cloud:acme"), "7"), state, "tenant-1"))
                .toList();
        byte[] note = StatesNote.encode(entries);
        assertThat(StatesNote.parse(note)).isEqualTo(entries);
        int each = (note.length - 3) / 3;
        for (int i = 0; i < 3; i++) { // Before the keychain, with its length.
            assertThat(note[3 + each * (i + 1) - "tenant-1".length() - 3]).isEqualTo((byte) (i + 1));
        }
        assertThat(note).startsWith(1, 0, 3);
        assertThat(StatesNote.parse(StatesNote.encode(List.of()))).isEmpty();
    }

    private static byte[] note(int format, int count, int state, String version, String keychainId) {
        return new Canonical.Writer()
                .unsigned(format, 1)
                .unsigned(count, 2)
                .text("cloud:acme")
                .text(version)
                .unsigned(state, 1)
                .text(keychainId)
                .toBytes();
    }

    @Test
    void whatIsNoSuchNoteSaysNothing() {
        byte[] genuine = note(1, 1, 2, "7", "tenant-1");
        assertThat(StatesNote.parse(genuine)).hasSize(1);
        for (byte[] garbage : List.of(
                note(2, 1, 2, "7", "tenant-1"),
                note(1, 2, 2, "7", "tenant-1"),
                note(1, 0, 2, "7", "tenant-1"),
                note(1, 1, 0, "7", "tenant-1"),
                note(1, 1, 4, "7", "tenant-1"),
                note(1, 1, 2, "7", ""),
                note(1, 1, 2, "7".repeat(513), "tenant-1"),
                Arrays.copyOf(genuine, genuine.length + 1),
                Arrays.copyOf(genuine, genuine.length - 1))) {
            assertThat(StatesNote.parse(garbage)).isEmpty();
        }
        assertThat(StatesNote.parse(note(1, 1, 2, "7".repeat(512), "tenant-1"))).hasSize(1);
    }

    @Test
    void oneOfJustTheLongestLengthIsWrittenAndRead() {
        int each = StatesNote.encode(List.of(entry(400))).length - 3;
        int whole = (StatesNote.MAX_BYTES - 3) / each - 1;
        int rest = StatesNote.MAX_BYTES - 3 - whole * each;
        List<StatesNote.Entry> entries = new ArrayList<>(Collections.nCopies(whole - 1, entry(400)));
        entries.add(entry(400 + rest / 2));
        entries.add(entry(400 + rest - rest / 2 - each));
        byte[] note = StatesNote.encode(entries);
        assertThat(note).hasSize(StatesNote.MAX_BYTES);
        assertThat(StatesNote.parse(note)).isEqualTo(entries);
        entries.set(whole, entry(401 + rest - rest / 2 - each));
        assertThat(StatesNote.parse(StatesNote.encode(entries))).isEqualTo(entries.subList(0, whole));
    }
}
