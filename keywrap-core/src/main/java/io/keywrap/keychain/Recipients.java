package io.keywrap.keychain;

import io.keywrap.KekId;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which KEKs the DEKs of a keychain are wrapped to, in which roles. Not thread-safe.
 *
 * <p><b>Shape and units:</b> 1 to {@value KeychainRecord#MAX_WRAPS} KEKs, none twice, at least one of the role CONTROL.
 */
public final class Recipients {
    private final List<Recipient> recipients = new ArrayList<>();
    private int writeQuorum;

    Recipients() {}

    /**
     * Adds a customer's KEK. Every CONTROL KEK must be usable, or the keychain is closed: a second one is a second veto and
     * not a spare.
     *
     * @param kekId the KEK
     * @return this
     */
    public Recipients control(KekId kekId) {
        return add(new Recipient(Role.CONTROL, kekId));
    }

    /**
     * Adds a KEK of the same owner in another region or cloud. It stands in for CONTROL KEKs that are out of reach or
     * throttled, and never for one that was withdrawn. Whoever can cut a CONTROL KEK off can have this one used in its place.
     *
     * @param kekId the KEK
     * @return this
     */
    public Recipients replica(KekId kekId) {
        return add(new Recipient(Role.REPLICA, kekId));
    }

    /**
     * Keeps the wraps that an earlier recipient has made, for a time. They are never used by themselves; to use them again,
     * make the KEK a recipient again.
     *
     * @param kekId the KEK
     * @param until when {@link Keychain#repair} drops its wraps, to the millisecond, where all other recipients have
     *     wrapped the DEK
     * @return this
     */
    public Recipients retained(KekId kekId, Instant until) {
        return add(new Recipient(Role.RETAINED, kekId, Optional.of(until)));
    }

    /**
     * Likewise, without an end.
     *
     * @param kekId the KEK
     * @return this
     */
    public Recipients retained(KekId kekId) {
        return add(new Recipient(Role.RETAINED, kekId));
    }

    /**
     * How many CONTROL and REPLICA KEKs must have wrapped a new DEK before it is used; all by default. With fewer, REPLICA
     * KEKs that are out of reach are left out, and {@link Keychain#repair} makes their wraps later. A CONTROL KEK is never
     * left out: a DEK that it has not wrapped could not be closed by it.
     *
     * @param wraps at least the number of CONTROL KEKs, at most that of CONTROL and REPLICA KEKs
     * @return this
     */
    public Recipients writeQuorum(int wraps) {
        if (wraps < 1) {
            throw new IllegalArgumentException("a write quorum is 1 or more, not " + wraps);
        }
        writeQuorum = wraps;
        return this;
    }

    private Recipients add(Recipient recipient) {
        recipients.add(recipient);
        return this;
    }

    /** Checked: what a record would refuse is refused before any KMS is called. */
    List<Recipient> list() {
        long control = count(Role.CONTROL);
        long targets = control + count(Role.REPLICA);
        if (control == 0) {
            throw new IllegalArgumentException("a keychain needs a CONTROL KEK");
        }
        if (recipients.size() > KeychainRecord.MAX_WRAPS) {
            throw new IllegalArgumentException("a keychain has at most " + KeychainRecord.MAX_WRAPS + " recipients");
        }
        if (recipients.stream().map(Recipient::kekId).distinct().count() != recipients.size()) {
            throw new IllegalArgumentException("a KEK is a recipient twice");
        }
        if (writeQuorum != 0 && (writeQuorum < control || writeQuorum > targets)) {
            throw new IllegalArgumentException("a write quorum has every CONTROL KEK, so it is " + control + " to "
                    + targets + " here, not " + writeQuorum);
        }
        return List.copyOf(recipients);
    }

    private long count(Role role) {
        return recipients.stream().filter(recipient -> recipient.role() == role).count();
    }

    int quorum() {
        return writeQuorum;
    }

    private static void requireRoom(int all, int named) {
        if (all > KeychainRecord.MAX_WRAPS && named <= KeychainRecord.MAX_WRAPS) {
            throw new IllegalArgumentException("a portable keychain has at most " + KeychainRecord.MAX_WRAPS
                    + " KEKs in its life, since envelopes carry the wraps of former ones for good: " + named
                    + " are named and " + (all - named) + " former ones count too; to do: make a new keychain");
        }
    }

    /** In the place of those of a record. Envelopes of a portable keychain carry the wraps of earlier ones for good. */
    List<Recipient> inPlaceOf(KeychainRecord current) {
        Recipients all = new Recipients().writeQuorumOf(this);
        all.recipients.addAll(recipients);
        if (current.portable()) {
            current.recipients().stream()
                    .filter(former -> recipients.stream()
                            .noneMatch(recipient -> recipient.kekId().equals(former.kekId())))
                    .map(former ->
                            former.role() == Role.RETAINED ? former : new Recipient(Role.RETAINED, former.kekId()))
                    .forEach(all.recipients::add);
            requireRoom(all.recipients.size(), recipients.size());
        }
        return all.list();
    }

    private Recipients writeQuorumOf(Recipients other) {
        writeQuorum = other.writeQuorum;
        return this;
    }
}
