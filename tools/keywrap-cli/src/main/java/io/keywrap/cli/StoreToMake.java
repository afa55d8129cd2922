package io.keywrap.cli;

import io.keywrap.KeychainConflictException;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A store whose folder is made with its first keychain, so that work that fails before leaves nothing behind. For one
 * thread.
 */
final class StoreToMake implements KeychainStore {
    private final Path folder;
    private Optional<KeychainStore> made = Optional.empty();

    private StoreToMake(Path folder) {
        this.folder = folder;
    }

    /** The store in a folder, or one that will be. */
    static KeychainStore in(Path folder) {
        Session.requireFolders(folder);
        return Session.holdsStore(folder) ? FileKeychainStore.open(folder) : new StoreToMake(folder);
    }

    @Override
    public Optional<KeychainRecord> load(String keychainId) {
        return made.flatMap(store -> store.load(keychainId));
    }

    @Override
    public void create(KeychainRecord record) {
        if (made.isPresent()) {
            made.get().create(record);
            return;
        }
        boolean first = !Session.holdsStore(folder);
        try {
            KeychainStore store = FileKeychainStore.open(folder);
            store.create(record);
            made = Optional.of(store);
        } catch (RuntimeException e) {
            if (first) {
                unmake();
            }
            throw e;
        }
    }

    /**
     * Takes away that this is a store, if nothing could be kept in it. Only empty folders go, so that nothing is lost that
     * others have stored meanwhile; the file of the lock stays, since others may be waiting for it.
     */
    private void unmake() {
        Path records = folder.resolve("records");
        try (Stream<Path> inside = Files.list(records)) {
            for (Path part : inside.filter(Files::isDirectory).toList()) {
                Files.delete(part);
            }
            Files.delete(records);
            Files.delete(folder);
        } catch (IOException e) {
            // Something is in it, or it cannot be changed: it stays as it is.
        }
    }

    @Override
    public void replace(KeychainRecord record, long expectedRevision) {
        made.orElseThrow(() -> new KeychainConflictException(record.keychainId()))
                .replace(record, expectedRevision);
    }

    @Override
    public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
        return made.map(store -> store.list(filter, after, limit)).orElse(List.of());
    }

    @Override
    public List<Unreadable> unreadable() {
        return made.map(KeychainStore::unreadable).orElse(List.of());
    }
}
