package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.store.StoreNotes;
import io.keywrap.store.StoreNotes.Note;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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

    /** By a row of somebody else's, which nobody could read by its name. */
    @ParameterizedTest
    @EnumSource(Dialect.class)
    void aNameThatNoNoteCanHaveIsNotListed(Dialect dialect) throws Exception {
        try (Database database = Database.of(dialect, folder)) {
            StoreNotes notes = database.open();
            assertThat(notes.putNote("byok-1", 0, new byte[] {1})).isTrue();
            assertThat(notes.putNote("byok-3", 0, new byte[] {3})).isTrue();
            for (String name : List.of("byok-2 ", "byok-2A", "byok-2/../x", "byok-" + "2".repeat(60))) {
                database.edit("INSERT INTO keywrap_note (name, revision, content) SELECT '" + name
                        + "', 1, content FROM keywrap_note WHERE name = 'byok-1'");
            }
            assertThat(notes.noteNames("byok-", Optional.empty(), 1)).containsExactly("byok-1");
            assertThat(notes.noteNames("byok-", Optional.of("byok-1"), 1)).containsExactly("byok-3");
            assertThat(notes.noteNames("byok-", Optional.empty(), 10)).containsExactly("byok-1", "byok-3");
        }
    }
}
