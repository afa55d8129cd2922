package io.keywrap.store;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.WrappedDek;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a record says, all of it under its seal. */
abstract class RecordContent {
    final KeychainRecordBody body;

    RecordContent(KeychainRecordBody body) {
        this.body = body;
    }

    /**
     * Which keychain.
     *
     * @return its id
     */
    public String keychainId() {
        return body.keychainId();
    }

    /**
     * How many records the keychain has had.
     *
     * @return 1 for the first
     */
    public long revision() {
        return body.revision();
    }

    /**
     * When the keychain was made.
     *
     * @return the instant, to the millisecond
     */
    public Instant createdAt() {
        return body.createdAt();
    }

    /**
     * Whether its envelopes carry their wraps; fixed when the keychain is made.
     *
     * @return true if they do
     */
    public boolean portable() {
        return body.portable();
    }

    /**
     * Whose KEKs wrap the DEKs: the choice that was made with the keychain.
     *
     * @return the vendor's or the customer's
     */
    public KeyManagement keyManagement() {
        return body.keyManagement();
    }

    /**
     * Whether {@link #keyManagement()} may ever change; fixed when the keychain is made.
     *
     * @return true if it may
     */
    public boolean migratable() {
        return body.migratable();
    }

    /**
     * The tenant's own pairs, bound to every wrap.
     *
     * @return the pairs, without the reserved ones
     */
    public EncryptionContext keyContext() {
        return body.keyContext();
    }

    /**
     * Which KEKs the DEKs are wrapped to: new ones to those of the roles CONTROL and REPLICA.
     *
     * @return 1 to {@value KeychainRecord#MAX_WRAPS} recipients
     */
    public List<Recipient> recipients() {
        return body.recipients();
    }

    /**
     * How many recipients must have wrapped a new DEK before it is used.
     *
     * @return the number; 0 for all
     */
    public int writeQuorum() {
        return body.writeQuorum();
    }

    /**
     * All DEKs, destroyed ones too, oldest first.
     *
     * @return at least one
     */
    public List<DekEntry> deks() {
        return body.deks();
    }

    /**
     * One DEK.
     *
     * @param dekId its id
     * @return its entry; empty if the keychain has none
     */
    public Optional<DekEntry> dek(DekId dekId) {
        return body.dek(dekId);
    }

    /**
     * The DEK that new data is encrypted with.
     *
     * @param usage what for
     * @return its entry; empty if none was made for that use
     */
    public Optional<DekEntry> primary(Usage usage) {
        for (DekEntry entry : deks()) {
            if (entry.state() == State.PRIMARY && entry.usage() == usage) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /**
     * The DEKs that a recipient of the role CONTROL or REPLICA has not wrapped: made while it was out of reach, or before it
     * was a recipient.
     *
     * @return their entries, oldest first
     */
    public List<DekEntry> incomplete() {
        return deks().stream()
                .filter(entry -> entry.state() != State.DESTROYED)
                .filter(entry -> !missing(entry).isEmpty())
                .toList();
    }

    /**
     * Which recipients of the roles CONTROL and REPLICA have not wrapped a DEK.
     *
     * @param entry a DEK of this keychain
     * @return the recipients
     */
    public List<Recipient> missing(DekEntry entry) {
        return recipients().stream()
                .filter(recipient -> recipient.role() != Role.RETAINED)
                .filter(recipient -> entry.wrapUnder(recipient.kekId()).isEmpty())
                .toList();
    }

    /**
     * Whether the keychain was destroyed with all of its DEKs. It makes no others then.
     *
     * @return true if so
     */
    public boolean destroyed() {
        return deks().stream().allMatch(entry -> entry.state() == State.DESTROYED);
    }

    /**
     * The key that seals the record, wrapped by the vendor's own KEK.
     *
     * @return the wrap
     */
    public WrappedDek sealKey() {
        return body.sealKey();
    }
}
