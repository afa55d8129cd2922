package io.keywrap.emulators;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A key and its versions, in use or deleted. Guarded by the store. */
final class VaultKey {
    final String name;
    private final List<VaultVersion> versions = new ArrayList<>();
    private Optional<Instant> deletedAt = Optional.empty();
    private Optional<Instant> purgeAt = Optional.empty();

    VaultKey(String name, VaultVersion first) {
        this.name = name;
        versions.add(first);
    }

    VaultVersion latest() {
        return versions.get(versions.size() - 1);
    }

    List<VaultVersion> versions() {
        return List.copyOf(versions);
    }

    void add(VaultVersion version) {
        versions.add(version);
    }

    Optional<VaultVersion> version(String id) {
        return versions.stream().filter(version -> version.id.equals(id)).findFirst();
    }

    void delete(Instant now, int retentionDays) {
        deletedAt = Optional.of(VaultVersion.seconds(now));
        purgeAt = deletedAt.map(time -> time.plus(Duration.ofDays(retentionDays)));
    }

    void recover() {
        deletedAt = Optional.empty();
        purgeAt = Optional.empty();
    }

    Optional<Instant> deletedAt() {
        return deletedAt;
    }

    Optional<Instant> purgeAt() {
        return purgeAt;
    }

    void wipe() {
        versions.forEach(VaultVersion::wipe);
    }
}
