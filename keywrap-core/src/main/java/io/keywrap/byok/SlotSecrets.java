package io.keywrap.byok;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotVersion.Secret;
import io.keywrap.codec.Canonical;
import io.keywrap.crypto.Gcm;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.provider.DekWraps;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProvider.Generated;
import io.keywrap.provider.KeyProviders;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/** What is done with an uploaded key: it is wrapped by the vendor's KEK, recognised, and wraps DEKs. Thread-safe. */
final class SlotSecrets {
    /** Bytes: salt (32) ‖ IV (12) ‖ wrapped key (32) ‖ tag (16). */
    static final String ALGORITHM = "BYOK-HKDF-SHA384-AES-256-GCM";

    private static final byte[] FINGERPRINT = ascii("keywrap-byok-fingerprint");
    private static final byte[] WRAP = ascii("keywrap-byok-wrap");
    private static final int SALT_BYTES = 32;
    private static final int SEALED_BYTES = Dek.BYTES + Jca.GCM_OVERHEAD_BYTES;

    private final KeyProviders providers;
    private final KekId vendorKek;
    private final Jca jca;

    SlotSecrets(KeyProviders providers, KekId vendorKek) {
        this.providers = providers;
        this.vendorKek = vendorKek;
        this.jca = Jca.of(providers.cryptoProvider());
    }

    /** Wraps whatever is new. */
    KekId vendorKek() {
        return vendorKek;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Makes the key that seals the note of a new slot. */
    Generated makeSealKey(String slot, Deadline deadline) {
        DekId id = newId();
        return providers.provider(vendorKek).generate(id, EncryptionContext.ofSlotSeal(slot, id), deadline);
    }

    private DekId newId() {
        return DekId.of(jca.random(DekId.BYTES));
    }

    /** By which a key is known again, to whoever has the seal key: it tells nothing of the key. */
    byte[] fingerprint(String slot, DekLease sealKey, Dek secret) {
        return fingerprint(sealKey, secret.withBytes(key -> named(slot, key)));
    }

    /** The same of a key that is kept. */
    byte[] fingerprint(String slot, DekLease sealKey, DekLease secret) {
        return fingerprint(sealKey, secret.withBytes(key -> named(slot, key)));
    }

    /** Wipes what it is given, also where the seal key was wiped meanwhile. */
    private byte[] fingerprint(DekLease sealKey, byte[] named) {
        try {
            byte[] hmacKey =
                    sealKey.withBytes(key -> jca.hkdfExpandSha384(key, SlotVersion.FINGERPRINT_BYTES, FINGERPRINT));
            try {
                return jca.hmacSha384(hmacKey, named);
            } finally {
                Arrays.fill(hmacKey, (byte) 0);
            }
        } finally {
            Arrays.fill(named, (byte) 0);
        }
    }

    private static byte[] named(String slot, byte[] key) {
        byte[] name = new Canonical.Writer().text(slot).toBytes();
        byte[] both = Arrays.copyOf(name, name.length + key.length);
        System.arraycopy(key, 0, both, name.length, key.length);
        return both;
    }

    /** Wraps an uploaded key under an id of its own. */
    Secret wrap(String slot, Dek uploaded, Deadline deadline) {
        DekId id = newId();
        try (Dek secret = uploaded.withBytes(key -> Dek.takeOwnershipOf(id, key.clone(), jca.named()))) {
            return new Secret(proven(secret, EncryptionContext.ofSlotSecret(slot, id), deadline), secret.checkValue());
        }
    }

    /** Wraps a key that is kept already, under its id: what is known of it in memory stays so. */
    Secret rewrap(String slot, Secret kept, DekLease secret, Deadline deadline) {
        try (Dek same = secret.withBytes(key -> Dek.takeOwnershipOf(kept.id(), key.clone(), jca.named()))) {
            return new Secret(
                    proven(same, EncryptionContext.ofSlotSecret(slot, kept.id()), deadline), kept.checkValue());
        }
    }

    /** The same for the key of a seal. */
    WrappedDek rewrapSealKey(SlotRecord record, DekLease sealKey, Deadline deadline) {
        DekId id = record.sealKey().dekId();
        try (Dek same = sealKey.withBytes(key -> Dek.takeOwnershipOf(id, key.clone(), jca.named()))) {
            return proven(same, EncryptionContext.ofSlotSeal(record.slot(), id), deadline);
        }
    }

    /** Wraps a key under the vendor's KEK, and proves that it comes back: there may be no other copy. */
    private WrappedDek proven(Dek key, EncryptionContext context, Deadline deadline) {
        KeyProvider vendor = providers.provider(vendorKek);
        WrappedDek wrapped = vendor.wrap(key, context, deadline);
        try (Dek again = vendor.unwrap(wrapped, context, deadline)) {
            if (!again.checkValue().equals(key.checkValue())) {
                throw new InvalidWrappedDekException(Failure.of(vendorKek, "it unwraps a key of a slot to another key")
                        .operatorAction("do not trust its KMS; report it to its operator"));
            }
        }
        return wrapped;
    }

    /** An uploaded key, as long as it is neither revoked nor dropped; to be closed. */
    DekLease lease(String slot, Secret secret, Deadline deadline) {
        EncryptionContext context =
                EncryptionContext.ofSlotSecret(slot, secret.wrapped().dekId());
        return providers
                .deks()
                .lease(
                        new DekWraps(List.of(secret.wrapped()), List.of(), context, secret.checkValue()),
                        () -> deadline,
                        InFlight.ABORT);
    }

    /** Wraps a DEK under an uploaded key; what it gives is bound to slot, version and key context. */
    static WrappedDek wrapDek(Use use, Dek dek, EncryptionContext keyContext) {
        byte[] salt = use.jca.random(SALT_BYTES);
        byte[] wrapped = Arrays.copyOf(salt, SALT_BYTES + SEALED_BYTES);
        try (Gcm gcm = use.gcm(salt)) {
            dek.withBytes(key -> {
                try {
                    return gcm.seal(Slice.of(key), keyContext.toBytes(), wrapped, SALT_BYTES);
                } catch (GeneralSecurityException e) {
                    throw new ProviderException("AES-GCM does not seal", e);
                }
            });
        }
        return WrappedDek.builder(dek.id(), Slots.kekId(use.slot))
                .kekVersion(Integer.toString(use.version))
                .build(ALGORITHM, wrapped);
    }

    /** The reverse; the caller has checked KEK and version. */
    static Dek unwrapDek(Use use, WrappedDek wrapped, EncryptionContext keyContext) {
        byte[] bytes = wrapped.wrappedBytes();
        byte[] key = new byte[Dek.BYTES];
        try (Gcm gcm = use.gcm(Arrays.copyOf(bytes, SALT_BYTES))) {
            gcm.open(new Slice(bytes, SALT_BYTES, SEALED_BYTES), keyContext.toBytes(), key, 0);
        } catch (AEADBadTagException e) {
            throw invalid(use.slot, "key, key context and wrapped bytes do not belong together", e);
        } catch (GeneralSecurityException e) {
            throw new ProviderException("AES-GCM does not open", e);
        }
        return Dek.takeOwnershipOf(wrapped.dekId(), key, use.jca.named());
    }

    /** Refuses what no slot has written. */
    static void requireShape(String slot, WrappedDek wrapped) {
        if (!wrapped.algorithm().equals(ALGORITHM)) {
            throw invalid(slot, "its algorithm is not the one of uploaded keys", null);
        }
        if (wrapped.wrappedBytes().length != SALT_BYTES + SEALED_BYTES) {
            throw invalid(slot, "it is cut, or too long", null);
        }
    }

    static InvalidWrappedDekException invalid(String slot, String why, @Nullable Exception cause) {
        return new InvalidWrappedDekException(
                Failure.of(Slots.kekId(slot), "the wrapped DEK cannot be unwrapped: " + why)
                        .operatorAction("check that keychain, key context and KEK belong together")
                        .cause(cause));
    }

    /**
     * One use of an uploaded key.
     *
     * @param slot the slot
     * @param version the version of its key
     * @param upload the id that the key got when it was uploaded: another one if it was revoked and restored
     * @param secret the key; stays the caller's
     * @param jca what does the work
     */
    record Use(String slot, int version, DekId upload, DekLease secret, Jca jca) {
        /** Each wrap has a key of its own: docs/decisions/0005-derived-wrap-keys.md. */
        Gcm gcm(byte[] salt) {
            byte[] bound =
                    new Canonical.Writer().text(slot).unsigned(version, 4).toBytes();
            return secret.withBytes(key -> jca.derivedGcm(key, WRAP, bound, salt));
        }
    }
}
