package io.keywrap.keychain;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.DekEntry;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.ArrayList;
import java.util.List;

/** Makes DEKs with a wrap for every recipient, and unwraps and proves them. */
final class WrappedDeks {
    private final KeyProviders providers;

    WrappedDeks(KeyProviders providers) {
        this.providers = providers;
    }

    /** Makes a primary DEK. Its plaintext is wiped at once: it is used only after its record was committed. */
    DekEntry create(Owner owner, Usage usage) {
        DekId dekId = DekId.random();
        EncryptionContext context = owner.contextOf(dekId);
        Deadline deadline = providers.foregroundDeadline();
        Recipient first = owner.recipients().get(0);
        List<Wrap> wraps = new ArrayList<>();
        KeyProvider.Generated generated = providers.provider(first.kekId()).generate(dekId, context, deadline);
        try (Dek dek = generated.dek()) {
            wraps.add(new Wrap(first.role(), generated.wrapped()));
            for (Recipient recipient :
                    owner.recipients().subList(1, owner.recipients().size())) {
                KeyProvider provider = providers.provider(recipient.kekId());
                wraps.add(new Wrap(recipient.role(), provider.wrap(dek, context, deadline)));
            }
            return new DekEntry(dekId, usage, State.PRIMARY, providers.time().now(), CheckValue.of(dek), wraps);
        }
    }

    /**
     * Unwraps a DEK under every CONTROL KEK, so that each of them can close it, and proves each answer.
     */
    Dek unwrap(Owner owner, DekEntry entry) {
        EncryptionContext context = owner.contextOf(entry.id());
        Deadline deadline = providers.foregroundDeadline();
        Dek proven = null;
        try {
            for (Wrap wrap : entry.wraps()) {
                if (wrap.role() == Role.CONTROL) {
                    Dek dek = unwrap(entry, wrap.wrapped(), context, deadline);
                    if (proven != null) {
                        proven.close();
                    }
                    proven = dek;
                }
            }
        } catch (RuntimeException | Error e) {
            if (proven != null) {
                proven.close();
            }
            throw e;
        }
        if (proven == null) {
            throw new IllegalStateException("DEK " + entry.id() + " has no wrap under a CONTROL KEK");
        }
        return proven;
    }

    private Dek unwrap(DekEntry entry, WrappedDek wrapped, EncryptionContext context, Deadline deadline) {
        Dek dek = providers.provider(wrapped.kekId()).unwrap(wrapped, context, deadline);
        if (CheckValue.matches(entry.checkValue(), dek)) {
            return dek;
        }
        dek.close();
        throw new InvalidWrappedDekException(Failure.of(
                        wrapped.kekId(), "the key that was unwrapped is not DEK " + entry.id())
                .operatorAction("do not trust the KMS or the store that gave it; restore the record from a backup"));
    }

    /**
     * What a DEK belongs to.
     *
     * @param keychainId the keychain
     * @param keyContext the tenant's own pairs
     * @param recipients the KEKs that a new DEK is wrapped to
     */
    record Owner(String keychainId, EncryptionContext keyContext, List<Recipient> recipients) {
        static Owner of(KeychainRecord record) {
            return new Owner(record.keychainId(), record.keyContext(), record.recipients());
        }

        EncryptionContext contextOf(DekId dekId) {
            return EncryptionContext.ofDek(keychainId, dekId, keyContext);
        }
    }
}
