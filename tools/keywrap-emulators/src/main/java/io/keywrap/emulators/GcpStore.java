package io.keywrap.emulators;

import com.google.cloud.kms.v1.CryptoKey.CryptoKeyPurpose;
import com.google.cloud.kms.v1.ProtectionLevel;
import io.keywrap.TimeSource;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * All key rings and keys, by their names. Whoever reads or changes something of it, a version's state included, holds its
 * monitor.
 */
final class GcpStore {
    private final TimeSource time;
    private final Map<String, Instant> rings = new TreeMap<>();
    private final Map<String, StoredKey> keys = new TreeMap<>();
    private final Set<String> denied = new HashSet<>();
    private final GcpIam iam = new GcpIam(this);
    private Optional<String> caller = Optional.empty();

    GcpStore(TimeSource time) {
        this.time = time;
    }

    Instant now() {
        return time.now();
    }

    GcpIam iam() {
        return iam;
    }

    /** Who sends the request that is done now; empty for the owner. */
    void caller(Optional<String> member) {
        caller = member;
    }

    /** Permissions that nobody has on anything. */
    Set<String> denied() {
        return denied;
    }

    /** Before anything else, so that a caller without the permission does not learn what is there. */
    void require(String permission, String resource) {
        boolean refused = denied.contains(permission)
                || caller.filter(member -> !permission.isEmpty() && !iam.allows(member, permission, resource))
                        .isPresent()
                || keys.values().stream()
                        .filter(key -> resource.equals(key.name) || resource.startsWith(key.name + "/"))
                        .anyMatch(key -> key.denied.contains(permission));
        if (refused) {
            throw GcpFailure.denied(permission, resource);
        }
    }

    boolean allows(String permission, String resource) {
        try {
            require(permission, resource);
            return true;
        } catch (GcpFailure e) {
            return false;
        }
    }

    Map<String, Instant> rings() {
        return rings;
    }

    Instant ring(String name) {
        return Optional.ofNullable(rings.get(name)).orElseThrow(() -> GcpFailure.notFound("KeyRing", name));
    }

    StoredKey create(String name, CryptoKeyPurpose purpose, ProtectionLevel level) {
        if (keys.containsKey(name)) {
            throw GcpFailure.exists("CryptoKey", name);
        }
        StoredKey key = new StoredKey(name, purpose, level, now());
        keys.put(name, key);
        return key;
    }

    Optional<StoredKey> find(String name) {
        Optional<StoredKey> key = Optional.ofNullable(keys.get(name));
        key.ifPresent(k -> k.settle(now()));
        return key;
    }

    StoredKey key(String name) {
        return find(name).orElseThrow(() -> GcpFailure.notFound("CryptoKey", name));
    }

    StoredVersion version(String name) {
        int number = GcpNames.version(name);
        return find(GcpNames.keyOf(name))
                .flatMap(key -> key.version(number))
                .orElseThrow(() -> GcpFailure.notFound("CryptoKeyVersion", name));
    }

    List<StoredKey> keysOf(String ring) {
        return keys.values().stream()
                .filter(key -> key.name.startsWith(ring + "/"))
                .map(key -> key(key.name))
                .toList();
    }

    int size() {
        return keys.size();
    }

    void wipe() {
        keys.values().forEach(key -> key.versions.forEach(StoredVersion::wipe));
        keys.clear();
    }
}
