package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.codec.Canonical;
import io.keywrap.provider.KekState;
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
}
