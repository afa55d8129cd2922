package io.keywrap.emulators;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The control plane of one key: what its owner, and fate, can do to it, without requests and without permissions.
 *
 * <p>Every change holds from the next request on. What is not said to be for one version is for the latest.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class AzureKey {
    private final VaultStore store;
    private final URI endpoint;
    private final VaultKey key;

    AzureKey(VaultStore store, URI endpoint, VaultKey key) {
        this.store = store;
        this.endpoint = endpoint;
        this.key = key;
    }

    /**
     * The name in the vault.
     *
     * @return such as {@code kek-1}
     */
    public String name() {
        return key.name;
    }

    /**
     * The id without a version, which names the latest.
     *
     * @return such as {@code https://localhost:8443/keys/kek-1}
     */
    public String id() {
        return VaultJson.id(endpoint.toString(), key);
    }

    /**
     * The id of the latest version.
     *
     * @return such as {@code https://localhost:8443/keys/kek-1/0123456789abcdef0123456789abcdef}
     */
    public String versionedId() {
        return id() + "/" + version();
    }

    /**
     * The latest version.
     *
     * @return 32 hexadecimal digits
     */
    public String version() {
        synchronized (store) {
            return key.latest().id;
        }
    }

    /**
     * All versions, the oldest first.
     *
     * @return 32 hexadecimal digits each
     */
    public List<String> versions() {
        synchronized (store) {
            return key.versions().stream().map(version -> version.id).toList();
        }
    }

    /**
     * Makes a new version of the same kind, which is the latest from now on; it is enabled and has no dates.
     *
     * @return the version, 32 hexadecimal digits
     */
    public String rotate() {
        VaultVersion last;
        synchronized (store) {
            last = key.latest();
        }
        VaultVersion next = last.successor(store.pairs, store.now());
        synchronized (store) {
            key.add(next);
            return next.id;
        }
    }

    /** Switches the latest version off: {@code KeyDisabled}. */
    public void disable() {
        change(Optional.empty(), version -> version.enabled = false);
    }

    /**
     * Switches one version off.
     *
     * @param version 32 hexadecimal digits
     */
    public void disable(String version) {
        change(Optional.of(version), changed -> changed.enabled = false);
    }

    /** Switches the latest version on. */
    public void enable() {
        change(Optional.empty(), version -> version.enabled = true);
    }

    /**
     * Switches one version on.
     *
     * @param version 32 hexadecimal digits
     */
    public void enable(String version) {
        change(Optional.of(version), changed -> changed.enabled = true);
    }

    /**
     * Whether the latest version is switched on.
     *
     * @return what {@code getKey} says
     */
    public boolean enabled() {
        synchronized (store) {
            return key.latest().enabled;
        }
    }

    /**
     * Lets the latest version expire: it no longer wraps, and still unwraps.
     *
     * @param time when; empty for never
     */
    public void expiresAt(Optional<Instant> time) {
        change(Optional.empty(), version -> version.expiresAt = time.map(VaultVersion::seconds));
    }

    /**
     * Lets the latest version wrap only from a time on; it always unwraps.
     *
     * @param time when; empty for always
     */
    public void notBefore(Optional<Instant> time) {
        change(Optional.empty(), version -> version.notBefore = time.map(VaultVersion::seconds));
    }

    /**
     * Says what the latest version may be used for; all else is {@code KeyOperationForbidden}.
     *
     * @param operations such as {@code wrapKey}; none for nothing
     */
    public void keyOps(String... operations) {
        change(Optional.empty(), version -> version.keyOps = Set.of(operations));
    }

    /** Deletes the key, for 90 days in a way that can be undone. */
    public void softDelete() {
        softDelete(VaultStore.RETENTION_DAYS);
    }

    /**
     * Deletes the key in a way that can be undone.
     *
     * @param retentionDays for how long, 7 to 90
     * @throws IllegalArgumentException if no vault keeps it so long
     */
    public void softDelete(int retentionDays) {
        if (retentionDays < 7 || retentionDays > VaultStore.RETENTION_DAYS) {
            throw new IllegalArgumentException("a vault keeps what is deleted for 7 to 90 days, not " + retentionDays);
        }
        synchronized (store) {
            require(store.live(key.name));
            key.delete(store.now(), retentionDays);
        }
    }

    /**
     * When it will be purged.
     *
     * @return the date; empty unless it is deleted
     */
    public Optional<Instant> scheduledPurgeDate() {
        synchronized (store) {
            return key.purgeAt();
        }
    }

    /** Brings the deleted key back, with all its versions as they were. */
    public void recover() {
        synchronized (store) {
            require(store.deleted(key.name));
            key.recover();
        }
    }

    /** Destroys the key for good, deleted before or not. */
    public void purge() {
        synchronized (store) {
            store.purge(key);
        }
    }

    private void change(Optional<String> version, Consumer<VaultVersion> change) {
        synchronized (store) {
            VaultVersion changed = version.map(id -> key.version(id)
                            .orElseThrow(() -> new IllegalArgumentException("no version of " + key.name + ": " + id)))
                    .orElseGet(key::latest);
            change.accept(changed);
            changed.updated = VaultVersion.seconds(store.now());
        }
    }

    private void require(Optional<VaultKey> found) {
        if (found.filter(there -> there == key).isEmpty()) {
            throw new IllegalStateException("the key " + key.name + " is not in the state for this");
        }
    }

    /**
     * Which key.
     *
     * @return its id
     */
    @Override
    public String toString() {
        return "AzureKey[" + id() + "]";
    }
}
