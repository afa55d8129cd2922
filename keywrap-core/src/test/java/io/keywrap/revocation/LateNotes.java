package io.keywrap.revocation;

import io.keywrap.store.StoreNotes;
import java.util.List;
import java.util.Optional;

/** Notes that somebody else always writes just before. */
record LateNotes(StoreNotes notes) implements StoreNotes {
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
