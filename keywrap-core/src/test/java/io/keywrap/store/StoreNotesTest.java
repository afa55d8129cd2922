package io.keywrap.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.store.StoreNotes.Note;
import org.junit.jupiter.api.Test;

/** Notes as values. */
class StoreNotesTest {
    private final Note note = Note.of(7, new byte[] {1, 2});

    @Test
    void areTheSameByRevisionAndContentTogether() {
        assertThat(note).isEqualTo(Note.of(7, new byte[] {1, 2})).hasSameHashCodeAs(Note.of(7, new byte[] {1, 2}));
        assertThat(note)
                .isNotEqualTo(Note.of(8, new byte[] {1, 2}))
                .isNotEqualTo(Note.of(7, new byte[] {1, 3}))
                .isNotEqualTo("Note");
    }

    @Test
    void tellTheirSizeAndNotTheirContent() {
        assertThat(note).hasToString("Note[revision 7, 2 bytes]");
    }

    @Test
    void aPageHasOneToTenThousandNames() {
        assertThat(StoreNotes.requirePage(1)).isEqualTo(1);
        assertThat(StoreNotes.requirePage(StoreNotes.MAX_NAMES)).isEqualTo(10_000);
        for (int limit : new int[] {0, 10_001}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StoreNotes.requirePage(limit))
                    .withMessageEndingWith("not " + limit);
        }
    }
}
