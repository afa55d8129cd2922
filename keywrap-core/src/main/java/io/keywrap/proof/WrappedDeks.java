package io.keywrap.proof;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException.Failure;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes DEKs with a wrap for every recipient, and unwraps and proves them. */
public final class WrappedDeks {
    private final KeyProviders providers;
    private final Jca jca;

    /**
     * Makes and unwraps DEKs.
     *
     * @param providers the KEKs; stay the caller's
     */
    public WrappedDeks(KeyProviders providers) {
        this.providers = providers;
        this.jca = Jca.of(providers.cryptoProvider());
    }

    /**
     * Makes a primary DEK. Its plaintext is wiped at once: it is used only after its record was committed.
     *
     * @param owner what it belongs to
     * @param usage what for
     * @return its entry
     */
    public DekEntry create(Owner owner, Usage usage) {
        try (Made made = make(owner, usage)) {
            return made.entry();
        }
    }

    /**
     * Makes a primary DEK, for a host that may not unwrap it. It is used only after its record was committed.
     *
     * @param owner what it belongs to
     * @param usage what for
     * @return its entry and its plaintext, to be closed
     */
    public Made make(Owner owner, Usage usage) {
        DekId dekId = DekId.of(jca.random(DekId.BYTES));
        Deadline deadline = providers.foregroundDeadline();
        Recipient first = owner.recipients().get(0);
        long sentAt = providers.time().nanoTime();
        KeyProvider.Generated generated =
                providers.provider(first.kekId()).generate(dekId, owner.contextOf(dekId), deadline);
        Dek dek = generated.dek();
        try {
            List<Wrap> wraps = new ArrayList<>();
            wraps.add(new Wrap(first.role(), generated.wrapped()));
            wraps.addAll(wrap(owner, dek, owner.recipients().stream().skip(1).toList(), deadline));
            return new Made(
                    new DekEntry(dekId, usage, State.PRIMARY, providers.time().now(), dek.checkValue(), wraps),
                    dek,
                    sentAt);
        } catch (RuntimeException | Error e) {
            dek.close();
            throw e;
        }
    }

    /**
     * Keeps a DEK for its leases by {@link #leaseKept}, once its record was committed.
     *
     * @param owner what it belongs to
     * @param made the DEK; stays the caller's
     */
    public void keep(Owner owner, Made made) {
        DekEntry entry = made.entry();
        providers.keepMade(made.dek(), control(entry), owner.contextOf(entry.id()), made.sentAt());
    }

    /**
     * Leases a DEK that is kept in this JVM.
     *
     * @param keyContext its key context
     * @param entry its entry
     * @return the lease, to be closed; empty if it is not kept
     */
    public Optional<DekLease> leaseKept(EncryptionContext keyContext, DekEntry entry) {
        return providers.leaseKept(control(entry), keyContext);
    }

    /**
     * Copies a key that was made elsewhere, to be worked with as all the others are.
     *
     * @param dek the key; stays the caller's
     * @return the copy, to be closed
     */
    public Dek own(Dek dek) {
        return dek.withBytes(key -> Dek.takeOwnershipOf(dek.id(), key.clone(), jca.named()));
    }

    /**
     * Wraps a key that was made elsewhere, for outside use. It only decrypts: what it has encrypted so far is not known.
     * Its owner may give up every other copy of it, so each wrap is unwrapped and proven before anybody relies on it.
     *
     * @param owner what it shall belong to
     * @param dek the key; stays the caller's
     * @return its entry
     */
    public DekEntry adopt(Owner owner, Dek dek) {
        List<Wrap> wraps = wrap(owner, dek, owner.recipients(), providers.foregroundDeadline());
        DekEntry entry = new DekEntry(
                dek.id(), Usage.OUTSIDE, State.DECRYPT_ONLY, providers.time().now(), dek.checkValue(), wraps);
        prove(owner, entry);
        return entry;
    }

    private List<Wrap> wrap(Owner owner, Dek dek, List<Recipient> recipients, Deadline deadline) {
        EncryptionContext context = owner.contextOf(dek.id());
        return recipients.stream()
                .map(recipient -> new Wrap(
                        recipient.role(), providers.provider(recipient.kekId()).wrap(dek, context, deadline)))
                .toList();
    }

    /**
     * Leases a DEK that every CONTROL KEK unwraps, so that each of them can close it.
     *
     * @param keyContext its key context
     * @param entry its entry, not destroyed
     * @return the lease, to be closed
     */
    public DekLease lease(EncryptionContext keyContext, DekEntry entry) {
        return providers.leaseProven(control(entry), keyContext, entry.checkValue());
    }

    private static List<WrappedDek> control(DekEntry entry) {
        List<WrappedDek> wraps = new ArrayList<>(entry.wraps().size());
        for (Wrap wrap : entry.wraps()) {
            if (wrap.role() == Role.CONTROL) {
                wraps.add(wrap.wrapped());
            }
        }
        if (wraps.isEmpty()) {
            throw new IllegalStateException("DEK " + entry.id() + " has no wrap under a CONTROL KEK");
        }
        return wraps;
    }

    /** Unwraps and proves every wrap of a DEK, whatever is kept of it. */
    private void prove(Owner owner, DekEntry entry) {
        EncryptionContext context = owner.contextOf(entry.id());
        Deadline deadline = providers.foregroundDeadline();
        control(entry)
                .forEach(wrapped -> unwrap(entry, wrapped, context, deadline).close());
    }

    private Dek unwrap(DekEntry entry, WrappedDek wrapped, EncryptionContext context, Deadline deadline) {
        Dek dek = providers.provider(wrapped.kekId()).unwrap(wrapped, context, deadline);
        if (CheckValue.matches(entry, dek)) {
            return dek;
        }
        dek.close();
        throw new InvalidWrappedDekException(Failure.of(
                        wrapped.kekId(), "the key that was unwrapped is not DEK " + entry.id())
                .operatorAction("do not trust the KMS or the store that gave it; restore the record from a backup"));
    }

    /**
     * A DEK that was made just now.
     *
     * @param entry its entry
     * @param dek its plaintext
     * @param sentAt when the KMS was asked for it, as {@code TimeSource.nanoTime()}
     */
    public record Made(DekEntry entry, Dek dek, long sentAt) implements AutoCloseable {
        /** Wipes the plaintext. */
        @Override
        public void close() {
            dek.close();
        }
    }

    /**
     * What a DEK belongs to.
     *
     * @param keychainId the keychain
     * @param keyContext the tenant's own pairs
     * @param recipients the KEKs that a new DEK is wrapped to
     */
    public record Owner(String keychainId, EncryptionContext keyContext, List<Recipient> recipients) {
        /**
         * The owner of a record's DEKs.
         *
         * @param record the record
         * @return the owner
         */
        public static Owner of(KeychainRecord record) {
            return new Owner(record.keychainId(), record.keyContext(), record.recipients());
        }

        /**
         * The key context of a DEK.
         *
         * @param dekId the DEK
         * @return keywrap's pairs and the tenant's
         */
        public EncryptionContext contextOf(DekId dekId) {
            return EncryptionContext.ofDek(keychainId, dekId, keyContext);
        }
    }
}
