package io.keywrap.emulators;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The control plane of one key: what its owner, and fate, can do to it, without requests and without permissions.
 *
 * <p>Every change holds from the next request on.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class AwsKmsKey {
    private final KmsStore store;
    private final KmsKeys keys;
    private final KmsKey key;

    AwsKmsKey(KmsStore store, KmsKeys keys, KmsKey key) {
        this.store = store;
        this.keys = keys;
        this.key = key;
    }

    /**
     * The full name.
     *
     * @return such as {@code arn:aws:kms:us-east-1:111122223333:key/…}
     */
    public String arn() {
        return key.arn();
    }

    /**
     * The id, which the replicas of a multi-Region key share.
     *
     * @return the part of the ARN after {@code key/}
     */
    public String keyId() {
        return key.keyId;
    }

    /**
     * The Region.
     *
     * @return such as {@code us-east-1}
     */
    public String region() {
        return key.region;
    }

    /**
     * The state; of a deleted key, the last one.
     *
     * @return what {@code DescribeKey} says
     */
    public AwsKeyState state() {
        synchronized (store) {
            store.find(key.arn());
            return key.state();
        }
    }

    /**
     * When it will be deleted.
     *
     * @return the date; empty unless its deletion is pending
     */
    public Optional<Instant> deletionDate() {
        synchronized (store) {
            return key.deletionDate();
        }
    }

    /**
     * The id of the material that new ciphertexts are made by.
     *
     * @return 64 hexadecimal digits
     */
    public String currentKeyMaterialId() {
        synchronized (store) {
            return key.material.current().id;
        }
    }

    /** Switches the key off: {@code DisabledException}. */
    public void disable() {
        set(AwsKeyState.DISABLED);
    }

    /** Switches the key on. */
    public void enable() {
        set(AwsKeyState.ENABLED);
    }

    /**
     * Puts the key into a state, whatever led to it.
     *
     * @param state the state; a pending deletion gets no date
     */
    public void set(AwsKeyState state) {
        synchronized (store) {
            key.state(state);
        }
    }

    /**
     * Has the key deleted when its clock comes to a time.
     *
     * @param wait in how long; not limited to the 7 to 30 days of the service
     */
    public void scheduleDeletion(Duration wait) {
        synchronized (store) {
            key.deleteAt(store.now().plus(wait), (int) wait.toDays());
        }
    }

    /** Cancels the deletion, which leaves the key disabled, not enabled. */
    public void cancelDeletion() {
        synchronized (store) {
            key.state(AwsKeyState.DISABLED);
        }
    }

    /** Deletes the key at once and for good. */
    public void delete() {
        synchronized (store) {
            store.delete(key);
        }
    }

    /**
     * Chooses between the two answers that AWS has for a key whose deletion is pending.
     *
     * @param disabled whether it is {@code DisabledException} rather than {@code KMSInvalidStateException}
     */
    public void answerPendingDeletionAsDisabled(boolean disabled) {
        synchronized (store) {
            key.deletionAnswersDisabled = disabled;
        }
    }

    /**
     * Has the external key store fail, until it is called with nothing.
     *
     * @param failure how
     */
    public void externalKeyFailure(Optional<AwsExternalKeyFailure> failure) {
        synchronized (store) {
            key.externalFailure = failure;
        }
    }

    /**
     * Replaces the key policy.
     *
     * @param json the policy document
     * @throws IllegalArgumentException if the emulator does not understand it
     */
    public void policy(String json) {
        synchronized (store) {
            AwsKmsEmulator.checked(() -> key.policy(json));
        }
    }

    /**
     * Has the key encrypt and decrypt without the encryption context, as AWS never does: for tests of those who look whether it is
     * bound.
     *
     * @param ignored whether it does so
     */
    public void ignoreContext(boolean ignored) {
        synchronized (store) {
            key.contextIgnored = ignored;
        }
    }

    /** Gives the owner's account every right again, and all others none. */
    public void resetPolicy() {
        policy(Policy.everythingFor(key.account, key.region));
    }

    /** New material for new ciphertexts; the old ones still open. */
    public void rotate() {
        synchronized (store) {
            key.material.rotate(store.now());
        }
    }

    /**
     * Makes a replica of a multi-Region primary.
     *
     * @param region where
     * @return the replica, with the same id and material, and the same policy
     * @throws IllegalStateException if it is not a multi-Region primary
     */
    public AwsKmsKey replicate(String region) {
        synchronized (store) {
            if (!key.spec.multiRegion() || !key.primary) {
                throw new IllegalStateException("not a multi-Region primary: " + key.arn());
            }
            return new AwsKmsKey(store, keys, store.replicate(key, region, Optional.of(key.policyText())));
        }
    }

    /**
     * Lets an alias of the key's account and Region point at the key.
     *
     * @param name without {@code alias/}
     * @return the ARN of the alias
     */
    public String alias(String name) {
        synchronized (store) {
            String arn = Arn.prefix(key.region, key.account) + "alias/" + name;
            store.aliases().put(arn, key.arn());
            return arn;
        }
    }

    boolean isNamedBy(KmsRequest request) {
        synchronized (store) {
            for (String name : new String[] {"KeyId", "SourceKeyId", "DestinationKeyId"}) {
                boolean named = request.text(name)
                        .flatMap(id -> keys.peek(request, id))
                        .filter(key::equals)
                        .isPresent();
                if (named) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * Which key, in which state.
     *
     * @return the ARN and the state
     */
    @Override
    public String toString() {
        return "AwsKmsKey[" + arn() + ", " + state().wireName() + "]";
    }
}
