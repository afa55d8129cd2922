package io.keywrap.cli;

import io.keywrap.store.KeychainStore;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Where a store is: in a folder, or in a database. What is not printed of it holds no password. */
final class StorePlace {
    private final Path folder;
    private final Optional<StoreUrl> url;

    private StorePlace(Path folder, Optional<StoreUrl> url) {
        this.folder = folder;
        this.url = url;
    }

    /** No place yet, for options that are required. */
    static StorePlace none() {
        return new StorePlace(Path.of(""), Optional.empty());
    }

    /**
     * Takes what stands on the command line. Whatever looks like a URL is one, so that none with a password in it is
     * taken for a folder, and printed.
     *
     * @throws UsageException if it is a URL and not that of a store; the message does not repeat it
     */
    static StorePlace of(String text) {
        String lower = text.strip().toLowerCase(Locale.ROOT);
        boolean isUrl = lower.matches("(?s)(jdbc|postgres|postgresql):.*")
                || lower.contains("://")
                || lower.contains("password=");
        return isUrl
                ? new StorePlace(Path.of(""), Optional.of(StoreUrl.parse(text)))
                : new StorePlace(Path.of(text), Optional.empty());
    }

    /** Its folder; empty for a database. */
    Optional<Path> folder() {
        return url.isPresent() ? Optional.empty() : Optional.of(folder);
    }

    /** Its file; empty but for SQLite. */
    Optional<Path> file() {
        return url.flatMap(StoreUrl::file);
    }

    /** Opens a store that must be there. */
    KeychainStore existing(KeywrapCommand root) {
        return url.isPresent() ? url.get().existing(root) : Session.existingStore(folder);
    }

    /** A store that is made if it is missing, when there is something to put into it. */
    KeychainStore existingOrNew(KeywrapCommand root) {
        return url.isPresent() ? url.get().existingOrNew(root) : StoreToMake.in(folder);
    }

    /** For people. */
    @Override
    public String toString() {
        return url.map(StoreUrl::toString).orElse(folder.toString());
    }
}
