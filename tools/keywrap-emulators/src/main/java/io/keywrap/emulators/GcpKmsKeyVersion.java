package io.keywrap.emulators;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The control plane of one version of a key, without requests and without permissions.
 *
 * <p>Every change holds from the next request on.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class GcpKmsKeyVersion {
    private final GcpStore store;
    private final StoredVersion version;

    GcpKmsKeyVersion(GcpStore store, StoredVersion version) {
        this.store = store;
        this.version = version;
    }

    /**
     * The full name.
     *
     * @return such as {@code projects/…/cryptoKeys/key-1/cryptoKeyVersions/1}
     */
    public String name() {
        return version.name;
    }

    /**
     * The number.
     *
     * @return 1 for the first
     */
    public int number() {
        return version.number;
    }

    /**
     * The state.
     *
     * @return what {@code GetCryptoKeyVersion} says
     */
    public GcpVersionState state() {
        synchronized (store) {
            version.key.settle(store.now());
            return version.state();
        }
    }

    /**
     * When it will be destroyed.
     *
     * @return the time; empty unless its destruction is scheduled
     */
    public Optional<Instant> destroyTime() {
        synchronized (store) {
            version.key.settle(store.now());
            return version.destroyTime();
        }
    }

    /** Switches the version off. */
    public void disable() {
        set(GcpVersionState.DISABLED);
    }

    /** Switches the version on. */
    public void enable() {
        set(GcpVersionState.ENABLED);
    }

    /** Has the version destroyed in 30 days. */
    public void scheduleDestroy() {
        synchronized (store) {
            scheduleDestroy(version.key.destroyAfter);
        }
    }

    /**
     * Has the version destroyed when its clock comes to a time.
     *
     * @param wait in how long
     */
    public void scheduleDestroy(Duration wait) {
        synchronized (store) {
            version.key.settle(store.now());
            version.destroyAt(store.now().plus(wait));
        }
    }

    /** Cancels the destruction, which leaves the version disabled, not enabled. */
    public void restore() {
        set(GcpVersionState.DISABLED);
    }

    /** Destroys the version at once and for good. */
    public void destroyNow() {
        set(GcpVersionState.DESTROYED);
    }

    /**
     * Puts the version into a state, whatever led to it. The material of a destroyed version does not come back.
     *
     * @param state the state; a scheduled destruction gets no time
     */
    public void set(GcpVersionState state) {
        synchronized (store) {
            version.key.settle(store.now());
            version.state(state, store.now());
        }
    }

    /**
     * Which version, in which state.
     *
     * @return the name and the state
     */
    @Override
    public String toString() {
        return "GcpKmsKeyVersion[" + name() + ", " + state() + "]";
    }
}
