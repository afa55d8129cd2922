package io.keywrap.store;

import io.keywrap.file.AtomicFile;
import io.keywrap.store.StoreNotes.Note;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Notes in a folder, a file each: {@code notes/<name>.note}, eight bytes of its revision and then its content. Writers take
 * turns by a lock of their own, so that notes hold up no keychain.
 */
final class NoteFiles {
    private static final String SUFFIX = ".note";
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1," + StoreNotes.MAX_NAME_CHARS + "}\\.note");
    private static final byte[] NOTHING = {};

    /** What is damaged is as good as a first note without content: whoever writes next mends it. */
    private static final Note DAMAGED = Note.of(1, NOTHING);

    /** No note has it: the one that would get there by being written begins at 1 again. */
    private static final long LAST_REVISION = Long.MAX_VALUE - 1;

    private final Path root;
    private final Path folder;
    private final Path lock;

    NoteFiles(Path root) {
        this.root = root;
        this.folder = root.resolve("notes");
        this.lock = root.resolve("notes.lock");
    }

    Optional<Note> read(String name) throws IOException {
        try (InputStream in = Files.newInputStream(fileOf(name))) {
            return Optional.of(parse(in.readNBytes(Long.BYTES + StoreNotes.MAX_NOTE_BYTES + 1)));
        } catch (NoSuchFileException e) {
            if (!Files.isDirectory(root)) {
                throw e; // What is out of reach is not missing.
            }
            return Optional.empty();
        }
    }

    private static Note parse(byte[] bytes) {
        if (bytes.length < Long.BYTES || bytes.length > Long.BYTES + StoreNotes.MAX_NOTE_BYTES) {
            return DAMAGED;
        }
        long revision = ByteBuffer.wrap(bytes).getLong();
        return revision < 1 || revision >= LAST_REVISION
                ? DAMAGED
                : Note.of(revision, Arrays.copyOfRange(bytes, Long.BYTES, bytes.length));
    }

    private static long after(long revision) {
        return revision + 1 == LAST_REVISION ? 1 : revision + 1;
    }

    boolean put(String name, long expectedRevision, byte[] content) throws IOException {
        try (AtomicFile.Lock held = AtomicFile.Lock.acquire(lock)) {
            held.ensureHeld();
            if (read(name).map(Note::revision).orElse(0L) != expectedRevision) {
                return false;
            }
            AtomicFile.makeFolders(folder);
            try (AtomicFile replacement = AtomicFile.replacing(fileOf(name))) {
                ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + content.length)
                        .putLong(after(expectedRevision))
                        .put(content)
                        .flip();
                while (bytes.hasRemaining()) {
                    replacement.channel().write(bytes);
                }
                replacement.commit();
            }
            return true;
        }
    }

    /** Names in order. A folder that is missing has none, unless the store itself is. */
    List<String> names(String prefix, String after, int limit) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(file -> NAME.matcher(file).matches())
                    .map(file -> file.substring(0, file.length() - SUFFIX.length()))
                    .filter(name -> name.startsWith(prefix) && name.compareTo(after) > 0)
                    .sorted()
                    .limit(limit)
                    .toList();
        } catch (NoSuchFileException e) {
            if (!Files.isDirectory(root)) {
                throw e;
            }
            return List.of();
        } catch (UncheckedIOException e) {
            throw new IOException("the folder of notes cannot be listed", e);
        }
    }

    private Path fileOf(String name) {
        return folder.resolve(name + SUFFIX);
    }
}
