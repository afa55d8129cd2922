package io.keywrap.emulators;

import io.keywrap.TimeSource;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All keys, by their names in lower case. Whoever reads or changes something of it, a key's state included, holds its
 * monitor.
 */
final class VaultStore {
    static final int RETENTION_DAYS = 90;

    final TimeSource time;
    final RsaKeyPairs pairs = new RsaKeyPairs();
    boolean sealsWhileDisabled;
    boolean vaultDeleted;
    private final Map<String, VaultKey> keys = new TreeMap<>();
    private int made;

    VaultStore(TimeSource time) {
        this.time = time;
    }

    Instant now() {
        return time.now();
    }

    String newName() {
        return "kek-" + ++made;
    }

    /** A key, deleted or not. */
    Optional<VaultKey> any(String name) {
        purgeWhatIsDue();
        return Optional.ofNullable(keys.get(name.toLowerCase(Locale.ROOT)));
    }

    Optional<VaultKey> live(String name) {
        return any(name).filter(key -> key.deletedAt().isEmpty());
    }

    Optional<VaultKey> deleted(String name) {
        return any(name).filter(key -> key.deletedAt().isPresent());
    }

    List<VaultKey> all(boolean deleted) {
        purgeWhatIsDue();
        return keys.values().stream()
                .filter(key -> key.deletedAt().isPresent() == deleted)
                .toList();
    }

    /** A new key, or a new version of one that has the name. */
    VaultKey put(String name, VaultVersion version) {
        Optional<VaultKey> there = any(name);
        if (there.filter(key -> key.deletedAt().isPresent()).isPresent()) {
            throw AzureFailure.deletedButRecoverable(name);
        }
        there.ifPresent(key -> key.add(version));
        return there.orElseGet(() -> {
            VaultKey key = new VaultKey(name, version);
            keys.put(name.toLowerCase(Locale.ROOT), key);
            return key;
        });
    }

    void purge(VaultKey key) {
        if (keys.remove(key.name.toLowerCase(Locale.ROOT), key)) {
            key.wipe();
        }
    }

    void wipe() {
        keys.values().forEach(VaultKey::wipe);
        keys.clear();
    }

    private void purgeWhatIsDue() {
        Instant now = now();
        Collection<VaultKey> due = keys.values().stream()
                .filter(key -> key.purgeAt().filter(date -> !date.isAfter(now)).isPresent())
                .toList();
        due.forEach(this::purge);
    }
}
