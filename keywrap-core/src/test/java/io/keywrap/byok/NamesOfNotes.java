package io.keywrap.byok;

import io.keywrap.store.StoreNotes;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** A store that lists notes of slots, none of which it has. */
record NamesOfNotes(List<String> all) implements StoreNotes {
    static NamesOfNotes of(int count) {
        return new NamesOfNotes(IntStream.range(0, count)
                .mapToObj(number -> String.format(Locale.ROOT, "%s%05d", Slots.NOTES, number))
                .toList());
    }

    @Override
    public Optional<Note> note(String name) {
        return Optional.empty();
    }

    @Override
    public boolean putNote(String name, long expectedRevision, byte[] content) {
        throw new AssertionError("nothing is to be written");
    }

    @Override
    public List<String> noteNames(String prefix, Optional<String> after, int limit) {
        return all.stream()
                .filter(name -> name.startsWith(prefix) && name.compareTo(after.orElse("")) > 0)
                .limit(limit)
                .toList();
    }
}
