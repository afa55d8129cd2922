package io.keywrap.provider;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who has how much of the cache, so that one tenant with many DEKs leaves room for the others. */
final class Shares {
    private final int most;
    private final Map<String, Set<CachedDek>> byOwner = new HashMap<>();

    Shares(int most) {
        this.most = most;
    }

    /** An entry was added, or was there already; gives the owner's least recently used one if these are too many. */
    synchronized Optional<UnwrapKey> added(CachedDek entry) {
        Set<CachedDek> own = byOwner.computeIfAbsent(entry.key().owner(), owner -> new HashSet<>());
        own.add(entry);
        return own.size() <= most
                ? Optional.empty()
                : own.stream()
                        .filter(other -> other != entry)
                        .min((one, another) -> Long.signum(one.lastUsedAt() - another.lastUsedAt()))
                        .map(CachedDek::key);
    }

    synchronized void removed(CachedDek entry) {
        String owner = entry.key().owner();
        @Nullable Set<CachedDek> own = byOwner.get(owner);
        if (own != null && own.remove(entry) && own.isEmpty()) {
            byOwner.remove(owner);
        }
    }
}
