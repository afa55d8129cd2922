package io.keywrap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.StoreNotes;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stores that come with keywrap have notes. */
class StoreNotesContractTest {
    @Nested
    class InMemory extends StoreNotesContract {
        private final InMemoryKeychainStore store = new InMemoryKeychainStore();

        @Override
        protected StoreNotes open() {
            return store;
        }
    }

    @Nested
    class InFiles extends StoreNotesContract {
        @TempDir
        Path folder;

        @Override
        protected StoreNotes open() {
            return FileKeychainStore.open(folder.resolve("keychains"));
        }

        @Test
        void aDamagedNoteIsThereWithoutContentAndCanBePutAnew() throws Exception {
            StoreNotes notes = open();
            notes.putNote("a", 0, new byte[] {1});
            for (byte[] damaged :
                    new byte[][] {{}, {1, 2, 3}, {-1, 0, 0, 0, 0, 0, 0, 0, 1}, new byte[StoreNotes.MAX_NOTE_BYTES + 9]
                    }) {
                Files.write(folder.resolve("keychains/notes/a.note"), damaged);
                StoreNotes.Note kept = notes.note("a").orElseThrow();
                assertThat(kept.content()).isEmpty();
                assertThat(notes.putNote("a", kept.revision(), new byte[] {2})).isTrue();
                assertThat(notes.note("a").orElseThrow().content()).containsExactly(2);
            }
        }
    }
}
