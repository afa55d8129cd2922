package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A note whose revision nobody can follow must not stay for ever. */
class DamagedNoteTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void theLargestRevisionIsWrittenOver(Dialect dialect) throws Exception {
        try (Database database = Database.of(dialect, folder)) {
            StoreNotes notes = database.open();
            assertThat(notes.putNote("kek-monitor", 0, new byte[] {1})).isTrue();
            database.edit("UPDATE keywrap_note SET revision = " + Long.MAX_VALUE);
            Note damaged = notes.note("kek-monitor").orElseThrow();
            assertThat(damaged.content()).isEmpty();
            assertThat(notes.putNote("kek-monitor", Long.MAX_VALUE - 1, new byte[] {2}))
                    .isFalse();
            assertThat(notes.putNote("kek-monitor", damaged.revision(), new byte[] {2}))
                    .isTrue();
            assertThat(notes.note("kek-monitor")).contains(Note.of(damaged.revision() + 1, new byte[] {2}));
        }
    }
}
