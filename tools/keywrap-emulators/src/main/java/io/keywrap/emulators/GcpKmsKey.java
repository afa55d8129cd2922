package io.keywrap.emulators;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The control plane of one key: what its owner, and fate, can do to it, without requests and without permissions.
 *
 * <p>Every change holds from the next request on.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class GcpKmsKey {
    private final GcpStore store;
    private final StoredKey key;

    GcpKmsKey(GcpStore store, StoredKey key) {
        this.store = store;
        this.key = key;
    }

    /**
     * The full name.
     *
     * @return such as {@code projects/keywrap-test/locations/europe-west1/keyRings/ring/cryptoKeys/key-1}
     */
    public String name() {
        return key.name;
    }

    /**
     * One version.
     *
     * @param number 1 for the first
     * @return its control plane
     * @throws IllegalArgumentException if there is none
     */
    public GcpKmsKeyVersion version(int number) {
        synchronized (store) {
            return new GcpKmsKeyVersion(store, stored(number));
        }
    }

    /**
     * All versions.
     *
     * @return them in the order of their numbers
     */
    public List<GcpKmsKeyVersion> versions() {
        synchronized (store) {
            key.settle(store.now());
            return key.versions.stream()
                    .map(version -> new GcpKmsKeyVersion(store, version))
                    .toList();
        }
    }

    /**
     * The version that encrypts.
     *
     * @return its control plane
     * @throws IllegalStateException if the key has none
     */
    public GcpKmsKeyVersion primary() {
        synchronized (store) {
            key.settle(store.now());
            return new GcpKmsKeyVersion(
                    store,
                    key.primary().orElseThrow(() -> new IllegalStateException(key.name + " has no primary version")));
        }
    }

    /**
     * Makes a version, which does not become the primary.
     *
     * @return its control plane
     */
    public GcpKmsKeyVersion createVersion() {
        synchronized (store) {
            key.settle(store.now());
            return new GcpKmsKeyVersion(store, key.addVersion(store.now()));
        }
    }

    /**
     * Makes a version the one that encrypts, in whatever state it is.
     *
     * @param number 1 for the first
     * @throws IllegalArgumentException if there is none
     */
    public void setPrimary(int number) {
        synchronized (store) {
            key.primary(stored(number));
        }
    }

    /**
     * Makes a version and has it encrypt; what older versions have encrypted still opens.
     *
     * @return its control plane
     */
    public GcpKmsKeyVersion rotate() {
        synchronized (store) {
            key.settle(store.now());
            StoredVersion version = key.addVersion(store.now());
            key.primary(version);
            return new GcpKmsKeyVersion(store, version);
        }
    }

    /**
     * Rotates the key by itself, by the emulator's clock.
     *
     * @param period how often, for the first time after one period
     * @throws IllegalArgumentException if it is not positive
     */
    public void rotateEvery(Duration period) {
        if (period.isZero() || period.isNegative()) {
            throw new IllegalArgumentException("a key is rotated after some time, not after " + period);
        }
        synchronized (store) {
            key.settle(store.now());
            key.schedule =
                    new GcpSchedule(Optional.of(period), Optional.of(store.now().plus(period)));
        }
    }

    /**
     * Takes a permission on this key from the caller.
     *
     * @param permission such as {@code cloudkms.cryptoKeyVersions.useToDecrypt}
     */
    public void deny(String permission) {
        synchronized (store) {
            key.denied.add(permission);
        }
    }

    /**
     * Gives a permission on this key back to the caller.
     *
     * @param permission such as {@code cloudkms.cryptoKeyVersions.useToDecrypt}
     */
    public void allow(String permission) {
        synchronized (store) {
            key.denied.remove(permission);
        }
    }

    /**
     * Has the external key manager fail, until it is called with nothing. A key that is not external takes no notice.
     *
     * @param failure how
     */
    public void externalKeyFailure(Optional<GcpExternalKeyFailure> failure) {
        synchronized (store) {
            key.externalFailure = failure;
        }
    }

    /**
     * Has the key encrypt and decrypt without the additional authenticated data, as Google never does: for tests of those who look
     * whether it is bound.
     *
     * @param ignored whether it does so
     */
    public void ignoreContext(boolean ignored) {
        synchronized (store) {
            key.contextIgnored = ignored;
        }
    }

    private StoredVersion stored(int number) {
        key.settle(store.now());
        return key.version(number)
                .orElseThrow(() -> new IllegalArgumentException(key.name + " has no version " + number));
    }

    /**
     * Which key.
     *
     * @return the name
     */
    @Override
    public String toString() {
        return "GcpKmsKey[" + name() + "]";
    }
}
