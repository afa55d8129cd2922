package io.keywrap.proof;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekId;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.proof.NewestSeen.Seen;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.security.MessageDigest;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Records as they come from a store that nobody trusts: believed only with the right seal, and never older than one seen
 * before by this process.
 */
public final class SealedRecords {
    /** The keychain that exports of a store are written under; no user's keychain has this id. */
    public static final String STORE_EXPORT_ID = "keywrap-store-export";

    private final KeychainStore store;
    private final KeyProviders providers;
    private final KekId sealKek;
    private final Jca jca;
    private final Supplier<Deadline> deadlines;
    private final NewestSeen newestSeen;

    /**
     * Records of one store under one KEK.
     *
     * @param store where they are; stays the caller's
     * @param providers the KEKs; stay the caller's
     * @param sealKek the one KEK that may have wrapped their seal keys
     */
    public SealedRecords(KeychainStore store, KeyProviders providers, KekId sealKek) {
        this.store = store;
        this.providers = providers;
        this.sealKek = sealKek;
        this.jca = Jca.of(providers.cryptoProvider());
        this.deadlines = providers::foregroundDeadline;
        this.newestSeen = new NewestSeen();
    }

    private SealedRecords(SealedRecords same, Deadline deadline) {
        this.store = same.store;
        this.providers = same.providers;
        this.sealKek = same.sealKek;
        this.jca = same.jca;
        this.deadlines = () -> deadline;
        this.newestSeen = same.newestSeen;
    }

    /**
     * The same records, for work that has one deadline for all its calls of a KMS.
     *
     * @param deadline the deadline
     * @return a view, which shares what was seen
     */
    public SealedRecords within(Deadline deadline) {
        return new SealedRecords(this, deadline);
    }

    /**
     * Reads a record and checks it.
     *
     * @param keychainId the keychain
     * @return its record
     * @throws KeychainNotFoundException if there is none
     * @throws KeychainSealBrokenException if it is not what keywrap wrote, or older than one seen before
     */
    public KeychainRecord load(String keychainId) {
        return load(keychainId, record -> {});
    }

    /**
     * Likewise, for those who ration calls of a KMS.
     *
     * @param keychainId the keychain
     * @param beforeCheck is handed the record that was read, before its seal key is unwrapped; must believe none of it
     * @return its record
     * @throws KeychainNotFoundException if there is none
     * @throws KeychainSealBrokenException if it is not what keywrap wrote, or older than one seen before
     */
    public KeychainRecord load(String keychainId, Consumer<KeychainRecord> beforeCheck) {
        return loadUnless(keychainId, record -> {
            beforeCheck.accept(record);
            return false;
        });
    }

    /**
     * Reads a record again. One that is still the same, byte for byte, is not checked again, which would take a call of a
     * KMS.
     *
     * @param checked the record as it was read and checked before
     * @return the record by now
     * @throws KeychainNotFoundException if there is none any more
     * @throws KeychainSealBrokenException if it is not what keywrap wrote, or older than one seen before
     */
    public KeychainRecord loadAgain(KeychainRecord checked) {
        byte[] known = checked.toBytes();
        return loadUnless(checked.keychainId(), record -> MessageDigest.isEqual(record.toBytes(), known));
    }

    private KeychainRecord loadUnless(String keychainId, Predicate<KeychainRecord> isChecked) {
        Seen newest = newestSeen.of(keychainId);
        KeychainRecord record = store.load(keychainId).orElseThrow(() -> new KeychainNotFoundException(keychainId));
        if (!isChecked.test(record)) {
            requireSealed(record, keychainId);
        }
        refuseRollback(record, newest);
        saw(record);
        return record;
    }

    /**
     * Checks that a record is one that keywrap wrote for a keychain, whenever that was.
     *
     * @param record the record
     * @param keychainId the keychain
     * @throws KeychainSealBrokenException if it is not
     */
    public void requireSealed(KeychainRecord record, String keychainId) {
        if (!record.keychainId().equals(keychainId)) {
            throw new KeychainSealBrokenException(keychainId, "it is the record of another keychain", null);
        }
        try (DekLease sealKey = leaseSealKey(record)) {
            if (!record.isSealedBy(sealer(sealKey))) {
                throw new KeychainSealBrokenException(keychainId, "its seal is wrong", null);
            }
        }
    }

    /**
     * Makes a seal key, seals the first record of a keychain, and commits it.
     *
     * @param keychainId the keychain
     * @param content fills the record in
     * @return the record
     */
    public KeychainRecord create(String keychainId, UnaryOperator<KeychainRecord.Builder> content) {
        KeychainRecord.Builder builder =
                KeychainRecord.builder(keychainId, providers.time().now());
        DekId sealKeyId = DekId.of(jca.random(DekId.BYTES));
        KeyProvider.Generated generated = providers
                .provider(sealKek)
                .generate(sealKeyId, EncryptionContext.ofSealKey(keychainId, sealKeyId), deadlines.get());
        try (Dek sealKey = generated.dek()) {
            KeychainRecord record =
                    content.apply(builder.sealKey(generated.wrapped())).build(sealer(sealKey));
            add(record);
            return record;
        }
    }

    /**
     * Commits a record of a keychain that the store does not have.
     *
     * @param record a record that is sealed
     */
    public void add(KeychainRecord record) {
        Seen ofAnEarlierKeychain = newestSeen.of(record.keychainId());
        store.create(record);
        newestSeen.forget(record.keychainId(), ofAnEarlierKeychain);
        saw(record);
    }

    /**
     * Seals the successor of a record that was loaded, and commits it unless another process was first.
     *
     * @param current the record that is in the store
     * @param change fills the successor in
     * @return the successor
     */
    public KeychainRecord replace(KeychainRecord current, UnaryOperator<KeychainRecord.Builder> change) {
        return replace(current, current, change);
    }

    /**
     * Seals the successor of two records of one keychain, and commits it unless another process was first.
     *
     * @param kept the record that is in the store
     * @param latest the record that the successor follows; of no lower revision, with the same seal key
     * @param change fills the successor in
     * @return the successor
     */
    public KeychainRecord replace(
            KeychainRecord kept, KeychainRecord latest, UnaryOperator<KeychainRecord.Builder> change) {
        try (DekLease sealKey = leaseSealKey(latest)) {
            // A KMS may give another key now, and nobody could open what is sealed with that.
            if (!latest.isSealedBy(sealer(sealKey))) {
                throw new KeychainSealBrokenException(
                        latest.keychainId(), "its seal key unwraps to another key than before", null);
            }
            KeychainRecord next = change.apply(latest.next()).build(sealer(sealKey));
            if (kept != latest) {
                Succession.require(latest, next);
            }
            supersede(kept, next);
            return next;
        }
    }

    /**
     * Commits a later record of a keychain, which is sealed already, unless another process was first.
     *
     * @param kept the record that is in the store
     * @param later a sealed record of the same keychain
     */
    public void supersede(KeychainRecord kept, KeychainRecord later) {
        Succession.require(kept, later);
        store.replace(later, kept.revision());
        saw(later);
    }

    private DekLease leaseSealKey(KeychainRecord record) {
        String keychainId = record.keychainId();
        WrappedDek wrapped = record.sealKey();
        if (!wrapped.kekId().equals(sealKek)) {
            throw new KeychainSealBrokenException(
                    keychainId,
                    "its seal key is wrapped by " + wrapped.kekId() + " and not by " + sealKek + ", the one configured",
                    null);
        }
        try {
            return providers.lease(wrapped, EncryptionContext.ofSealKey(keychainId, wrapped.dekId()), deadlines.get());
        } catch (InvalidWrappedDekException e) {
            throw new KeychainSealBrokenException(keychainId, "its seal key cannot be unwrapped", e);
        }
    }

    private Seen seen(KeychainRecord record) {
        return Seen.of(record.revision(), jca.sha256(record.toBytes()));
    }

    private void saw(KeychainRecord record) {
        newestSeen.saw(record.keychainId(), seen(record));
    }

    private void refuseRollback(KeychainRecord record, Seen newest) {
        seen(record).contradiction(newest).ifPresent(reason -> {
            String why = record.revision() < newest.revision()
                    ? reason
                    : reason + ": the store was restored, or the keychain made anew";
            throw new KeychainSealBrokenException(record.keychainId(), why, null);
        });
    }

    private UnaryOperator<byte[]> sealer(DekLease sealKey) {
        return body -> sealKey.withBytes(key -> jca.hmacSha384(key, body));
    }

    private UnaryOperator<byte[]> sealer(Dek sealKey) {
        return body -> sealKey.withBytes(key -> jca.hmacSha384(key, body));
    }
}
