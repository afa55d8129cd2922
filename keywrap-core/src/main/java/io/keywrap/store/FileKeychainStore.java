package io.keywrap.store;

import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.codec.Canonical;
import io.keywrap.crypto.Jca;
import io.keywrap.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keychains in a folder, a file each: {@code records/<2 digits>/<SHA-256 of the id>.keychain}.
 *
 * <p>File names are digests, so that ids may hold any character and differ only in case. A record appears and changes in
 * one step: it is written beside its place, forced to disk, renamed, and the folder forced. Notes are in {@code
 * notes/<name>.note} and are written in the same way.
 *
 * <p><b>Errors:</b> {@link StoreUnavailableException} if the file system fails; nothing is half-written then.
 *
 * <p><b>Thread safety:</b> thread-safe, also between processes on a local file system of Linux or macOS: writers take
 * turns by a lock on {@code store.lock}, readers need none. Windows and network file systems are untested.
 */
public final class FileKeychainStore implements KeychainStore, StoreNotes {
    private static final Logger LOG = LoggerFactory.getLogger(FileKeychainStore.class);
    private static final String SUFFIX = ".keychain";
    private static final HexFormat HEX = HexFormat.of();
    private static final int FOLDERS = 256;

    private final Path root;
    private final Path records;
    private final Path lock;
    private final NoteFiles notes;
    private final Set<Path> forced = ConcurrentHashMap.newKeySet();
    private final Set<Path> swept = ConcurrentHashMap.newKeySet();

    private FileKeychainStore(Path root) {
        this.root = root;
        this.records = root.resolve("records");
        this.lock = root.resolve("store.lock");
        this.notes = new NoteFiles(root);
    }

    /**
     * Opens a store, and makes its folder if it is missing.
     *
     * @param folder where the store is or shall be
     * @return the store
     * @throws StoreUnavailableException if the folder cannot be made or is not one
     */
    public static FileKeychainStore open(Path folder) {
        try {
            AtomicFile.makeFolders(folder.resolve("records"));
            return new FileKeychainStore(folder.toRealPath());
        } catch (IOException e) {
            throw new StoreUnavailableException("the folder " + folder + " cannot be used as a store", e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public Optional<KeychainRecord> load(String keychainId) {
        try {
            return read(fileOf(keychainId), keychainId);
        } catch (IOException e) {
            throw unavailable("read", e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public void create(KeychainRecord record) {
        Path file = fileOf(record.keychainId());
        try (AtomicFile.Lock held = AtomicFile.Lock.acquire(lock)) {
            held.ensureHeld();
            if (AtomicFile.isThere(file)) {
                throw new KeychainExistsException(record.keychainId());
            }
            makeFolder(folderOf(record.keychainId()));
            write(record, file);
        } catch (IOException e) {
            throw unavailable("written", e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public void replace(KeychainRecord record, long expectedRevision) {
        if (record.revision() <= expectedRevision) {
            throw new IllegalArgumentException(
                    "revision " + record.revision() + " is not later than revision " + expectedRevision);
        }
        Path file = fileOf(record.keychainId());
        try (AtomicFile.Lock held = AtomicFile.Lock.acquire(lock)) {
            held.ensureHeld();
            long kept = read(file, record.keychainId())
                    .map(KeychainRecord::revision)
                    .orElse(0L);
            if (kept == 0 || kept != expectedRevision) {
                throw new KeychainConflictException(record.keychainId());
            }
            write(record, file);
        } catch (IOException e) {
            throw unavailable("written", e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new IllegalArgumentException("a page has 1 to " + MAX_PAGE + " ids, not " + limit);
        }
        List<String> page = new ArrayList<>();
        walk(after.map(FileKeychainStore::nameOf).orElse(""), filter.leavesOutUnreadable(), place -> {
            listed(place, filter).ifPresent(page::add);
            return page.size() < limit;
        });
        return page;
    }

    /** {@inheritDoc} */
    @Override
    public List<Unreadable> unreadable() {
        List<Unreadable> places = new ArrayList<>();
        walk("", true, place -> {
            try {
                readListed(place);
            } catch (IOException | KeychainSealBrokenException | UnsupportedEnvelopeException e) {
                places.add(new Unreadable(place.toString(), String.valueOf(e.getMessage())));
            }
            return true;
        });
        return places;
    }

    /** {@inheritDoc} */
    @Override
    public Optional<Note> note(String name) {
        StoreNotes.requireName(name);
        try {
            return notes.read(name);
        } catch (IOException e) {
            throw unavailable("read", e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public boolean putNote(String name, long expectedRevision, byte[] content) {
        StoreNotes.requireWritable(name, expectedRevision, content);
        try {
            return notes.put(name, expectedRevision, content);
        } catch (IOException e) {
            throw unavailable("written", e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public List<String> noteNames(String prefix, Optional<String> after, int limit) {
        StoreNotes.requirePage(limit);
        try {
            return notes.names(prefix, after.orElse(""), limit);
        } catch (IOException e) {
            throw unavailable("listed", e);
        }
    }

    /**
     * Goes over the files of records in order of their names, from behind one of them. A folder that cannot be listed ends
     * it, or else is visited in the place of its files.
     */
    private void walk(String after, boolean goesOn, Visitor visitor) {
        try {
            if (!Files.isDirectory(records)) {
                throw new NotDirectoryException(records.toString());
            }
            for (int digits = after.isEmpty() ? 0 : HexFormat.fromHexDigits(after, 0, 2); digits < FOLDERS; digits++) {
                Path folder = records.resolve(HEX.toHexDigits((byte) digits));
                for (Path place : recordsAfter(after, folder, goesOn)) {
                    if (!visitor.visit(place)) {
                        return;
                    }
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw unavailable("listed", e);
        }
    }

    /**
     * The folder.
     *
     * @return such as {@code FileKeychainStore[/var/lib/backup/keychains]}
     */
    @Override
    public String toString() {
        return "FileKeychainStore[" + root + "]";
    }

    private Optional<KeychainRecord> read(Path file, String keychainId) throws IOException {
        byte[] encoded;
        try {
            encoded = bytes(file);
        } catch (NoSuchFileException e) {
            if (!Files.isDirectory(records) || AtomicFile.isThere(file)) {
                throw e; // What is out of reach, behind a link or a mount, is not missing.
            }
            return Optional.empty();
        }
        try {
            return Optional.of(KeychainRecord.parse(encoded));
        } catch (UnsupportedEnvelopeException e) {
            throw new UnsupportedEnvelopeException("keychain '" + keychainId + "': " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new KeychainSealBrokenException(keychainId, "it is no record: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
            throw new IOException(file + " is no regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(KeychainRecord.MAX_BYTES + 1);
        }
    }

    /** The id of a kept record that is meant; a file that vanished meanwhile has none. */
    private Optional<String> listed(Path file, KeychainFilter filter) throws IOException {
        try {
            return readListed(file).filter(filter::matches).map(KeychainRecord::keychainId);
        } catch (IOException | KeychainSealBrokenException | UnsupportedEnvelopeException e) {
            if (filter.leavesOutUnreadable()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Optional<KeychainRecord> readListed(Path file) throws IOException {
        String name = file.getFileName().toString();
        Optional<KeychainRecord> record = read(file, name);
        if (record.isPresent() && !fileOf(record.get().keychainId()).equals(file)) {
            // Nobody finds it there; listed, it would send a reader of pages back, and round for ever.
            throw new KeychainSealBrokenException(name, "it is another keychain's record, or in a wrong folder", null);
        }
        return record;
    }

    private void write(KeychainRecord record, Path file) throws IOException {
        Path folder = folderOf(record.keychainId());
        if (swept.add(folder)) {
            removeLeftovers(folder);
        }
        try (AtomicFile replacement = AtomicFile.replacing(file)) {
            ByteBuffer encoded = ByteBuffer.wrap(record.toBytes());
            while (encoded.hasRemaining()) {
                replacement.channel().write(encoded);
            }
            replacement.commit();
        }
    }

    /** Processes that were killed have left them: nobody else writes while this one holds the lock. */
    private static void removeLeftovers(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path file : entries.filter(AtomicFile::isTemporary).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("cannot remove what a killed process left in {}", folder, e); // No reason not to commit.
        }
    }

    /** A process that was killed may have made a folder and not forced it to disk: whoever uses it first does. */
    private void makeFolder(Path folder) throws IOException {
        boolean missing = !Files.isDirectory(folder);
        if (missing) {
            Files.createDirectory(folder);
        }
        if (forced.isEmpty()) {
            Path above = root.getParent();
            if (above != null) {
                AtomicFile.forceFolder(above);
            }
            AtomicFile.forceFolder(root);
        }
        if (missing || !forced.contains(folder)) {
            AtomicFile.forceFolder(records);
            forced.add(folder);
        }
    }

    private static List<Path> recordsAfter(String after, Path folder, boolean goesOn) throws IOException {
        if (!AtomicFile.isThere(folder)) {
            return List.of();
        }
        if (goesOn && !(Files.isDirectory(folder) && Files.isReadable(folder))) {
            return List.of(folder);
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(
                            file -> isRecordAfter(after, file.getFileName().toString()))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isRecordAfter(String after, String name) {
        return name.endsWith(SUFFIX) && name.compareTo(after) > 0;
    }

    private Path fileOf(String keychainId) {
        return folderOf(keychainId).resolve(nameOf(keychainId));
    }

    private Path folderOf(String keychainId) {
        return records.resolve(nameOf(keychainId).substring(0, 2));
    }

    private static String nameOf(String keychainId) {
        byte[] id = Canonical.utf8(Canonical.requireKeychainId(keychainId));
        return HEX.formatHex(Jca.platform().sha256(id)) + SUFFIX;
    }

    private StoreUnavailableException unavailable(String what, Exception cause) {
        return new StoreUnavailableException(
                "the store in " + root + " cannot be " + what + " (" + cause.getMessage()
                        + "); to do: check the disk and its permissions",
                cause);
    }

    /** Sees one file after the other, until it says that it has seen enough. */
    private interface Visitor {
        boolean visit(Path file) throws IOException;
    }
}
