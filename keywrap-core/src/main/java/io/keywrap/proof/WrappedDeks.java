package io.keywrap.proof;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KeywrapException;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.provider.DekWraps;
import io.keywrap.provider.InFlight;
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
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes DEKs with a wrap for every recipient, and unwraps and proves them. */
public final class WrappedDeks {
    private static final Logger LOG = LoggerFactory.getLogger(WrappedDeks.class);

    private final KeyProviders providers;
    private final InFlight policy;
    private final Jca jca;
    private final @Nullable Deadline only;

    /**
     * Makes and unwraps DEKs, whose leases end with their KEKs.
     *
     * @param providers the KEKs; stay the caller's
     */
    public WrappedDeks(KeyProviders providers) {
        this(providers, InFlight.ABORT);
    }

    /**
     * Makes and unwraps DEKs.
     *
     * @param providers the KEKs; stay the caller's
     * @param policy what becomes of leases when a KEK is revoked
     */
    public WrappedDeks(KeyProviders providers, InFlight policy) {
        this(providers, policy, Jca.of(providers.cryptoProvider()), null);
    }

    private WrappedDeks(KeyProviders providers, InFlight policy, Jca jca, @Nullable Deadline only) {
        this.providers = providers;
        this.policy = policy;
        this.jca = jca;
        this.only = only;
    }

    /**
     * The same, for work that has one deadline for all its calls of a KMS.
     *
     * @param deadline the deadline
     * @return a view
     */
    public WrappedDeks within(Deadline deadline) {
        return new WrappedDeks(providers, policy, jca, deadline);
    }

    /**
     * When work that somebody waits for must be over.
     *
     * @return the one deadline of this view, or else one from now on
     */
    public Deadline deadline() {
        return only == null ? providers.foregroundDeadline() : only;
    }

    /**
     * Whether a CONTROL KEK was out of reach a moment ago, and is stood in for.
     *
     * @param record whose recipients
     * @return true if it would only take time to ask it for a new DEK
     */
    public boolean isControlSilent(KeychainRecord record) {
        return record.recipients().stream()
                .anyMatch(recipient ->
                        recipient.role() == Role.CONTROL && providers.deks().isSilent(recipient.kekId()));
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
        Deadline deadline = deadline();
        List<Recipient> targets = owner.targets();
        Recipient first = targets.get(0);
        long sentAt = providers.time().nanoTime();
        KeyProvider.Generated generated =
                providers.provider(first.kekId()).generate(dekId, owner.contextOf(dekId), deadline);
        Dek dek = generated.dek();
        try {
            List<Wrap> wraps = new ArrayList<>();
            wraps.add(new Wrap(first.role(), generated.wrapped()));
            wraps.addAll(wrap(owner, dek, targets.subList(1, targets.size()), deadline));
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
        providers.deks().keepMade(made.dek(), wraps(entry, Role.CONTROL), owner.contextOf(entry.id()), made.sentAt());
    }

    /**
     * Leases a DEK that is kept in this JVM.
     *
     * @param keyContext its key context
     * @param entry its entry
     * @return the lease, to be closed; empty if it is not kept
     */
    public Optional<DekLease> leaseKept(EncryptionContext keyContext, DekEntry entry) {
        return providers.deks().leaseKept(wraps(entry, Role.CONTROL), keyContext, policy);
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
     * Its owner may give up every other copy of it, so every recipient wraps it, whatever the write quorum, and each wrap is
     * unwrapped and proven before anybody relies on it.
     *
     * @param owner what it shall belong to
     * @param dek the key; stays the caller's
     * @return its entry
     */
    public DekEntry adopt(Owner owner, Dek dek) {
        List<Wrap> wraps = wrap(owner.withoutQuorum(), dek, owner.targets(), deadline());
        DekEntry entry = new DekEntry(
                dek.id(), Usage.OUTSIDE, State.DECRYPT_ONLY, providers.time().now(), dek.checkValue(), wraps);
        prove(owner, entry);
        return entry;
    }

    /** Wraps to each of these, but for REPLICA KEKs out of reach where the write quorum does without. */
    private List<Wrap> wrap(Owner owner, Dek dek, List<Recipient> recipients, Deadline deadline) {
        EncryptionContext context = owner.contextOf(dek.id());
        List<Wrap> wraps = new ArrayList<>();
        int missed = 0;
        for (int i = 0; i < recipients.size(); i++) {
            Recipient recipient = recipients.get(i);
            boolean mayBeMissed =
                    recipient.role() == Role.REPLICA && missed < owner.targets().size() - owner.leastWraps();
            // One that hangs leaves time for the others, and for who waits.
            Deadline share =
                    mayBeMissed ? deadline.within(deadline.remaining().dividedBy(recipients.size() - i + 1)) : deadline;
            try {
                wraps.add(new Wrap(
                        recipient.role(), providers.provider(recipient.kekId()).wrap(dek, context, share)));
            } catch (KekException e) {
                if (!mayBeMissed || !e.retryable() || Thread.currentThread().isInterrupted()) {
                    throw e; // Those before are in the log.
                }
                missed++;
                LOG.warn(
                        "DEK {} of keychain {} is made without {}, which is out of reach: repair the keychain later",
                        dek.id(),
                        owner.keychainId(),
                        recipient.kekId(),
                        e);
            }
        }
        return wraps;
    }

    /**
     * Wraps a DEK to one more recipient, and unwraps it again to prove it.
     *
     * @param owner what it belongs to
     * @param entry its entry, not destroyed
     * @param recipient the recipient
     * @return the wrap
     */
    public Wrap wrapTo(Owner owner, DekEntry entry, Recipient recipient) {
        EncryptionContext context = owner.contextOf(entry.id());
        try (DekLease lease = lease(context, entry, InFlight.ABORT);
                Dek dek = lease.withBytes(key -> Dek.takeOwnershipOf(entry.id(), key.clone(), jca.named()))) {
            Deadline deadline = deadline();
            WrappedDek wrapped = providers.provider(recipient.kekId()).wrap(dek, context, deadline);
            unwrap(entry, wrapped, context, deadline).close();
            return new Wrap(recipient.role(), wrapped);
        }
    }

    /**
     * Leases a DEK that every CONTROL KEK unwraps, so that each of them can close it; a REPLICA KEK stands in for one that is
     * out of reach.
     *
     * @param keyContext its key context
     * @param entry its entry, not destroyed
     * @return the lease, to be closed
     */
    public DekLease lease(EncryptionContext keyContext, DekEntry entry) {
        return lease(keyContext, entry, policy);
    }

    private DekLease lease(EncryptionContext keyContext, DekEntry entry, InFlight itsPolicy) {
        List<WrappedDek> control = wraps(entry, Role.CONTROL);
        if (control.isEmpty()) {
            throw new IllegalStateException("DEK " + entry.id() + " has no wrap under a CONTROL KEK");
        }
        return providers
                .deks()
                .lease(
                        new DekWraps(control, wraps(entry, Role.REPLICA), keyContext, entry.checkValue()),
                        this::deadline,
                        itsPolicy);
    }

    /**
     * Sees to it that every CONTROL KEK of a DEK can be used now, whatever is kept of the DEK, and no other stands in for one.
     *
     * @param keyContext its key context
     * @param entry its entry, not destroyed
     */
    public void requireControl(EncryptionContext keyContext, DekEntry entry) {
        wraps(entry, Role.CONTROL)
                .forEach(wrapped ->
                        unwrap(entry, wrapped, keyContext, deadline()).close());
    }

    /**
     * Wipes what this JVM keeps of DEKs that were destroyed, and ends their leases.
     *
     * @param deks the key context of each, and what its leases fail with from now on
     */
    public void end(Map<EncryptionContext, ? extends KeywrapException> deks) {
        providers.deks().end(deks);
    }

    private static List<WrappedDek> wraps(DekEntry entry, Role role) {
        List<WrappedDek> wraps = new ArrayList<>(entry.wraps().size());
        for (Wrap wrap : entry.wraps()) {
            if (wrap.role() == role) {
                wraps.add(wrap.wrapped());
            }
        }
        return wraps;
    }

    /**
     * Unwraps and proves every wrap of a DEK but the RETAINED ones, whatever is kept of it.
     *
     * @param owner what it belongs to
     * @param entry its entry
     */
    public void prove(Owner owner, DekEntry entry) {
        EncryptionContext context = owner.contextOf(entry.id());
        entry.wraps().stream()
                .filter(wrap -> wrap.role() != Role.RETAINED)
                .forEach(wrap ->
                        unwrap(entry, wrap.wrapped(), context, deadline()).close());
    }

    private Dek unwrap(DekEntry entry, WrappedDek wrapped, EncryptionContext context, Deadline deadline) {
        return CheckValue.unwrap(providers.provider(wrapped.kekId()), entry, wrapped, context, deadline);
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
     * @param recipients the KEKs and their roles
     * @param writeQuorum how many of them must have wrapped a new DEK; 0 for all
     */
    public record Owner(String keychainId, EncryptionContext keyContext, List<Recipient> recipients, int writeQuorum) {
        /**
         * The owner of a record's DEKs.
         *
         * @param record the record
         * @return the owner
         */
        public static Owner of(KeychainRecord record) {
            return new Owner(record.keychainId(), record.keyContext(), record.recipients(), record.writeQuorum());
        }

        /**
         * The same with other recipients.
         *
         * @param others the recipients
         * @param quorum how many of them must have wrapped a new DEK; 0 for all
         * @return a new owner
         */
        public Owner withRecipients(List<Recipient> others, int quorum) {
            return new Owner(keychainId, keyContext, others, quorum);
        }

        Owner withoutQuorum() {
            return withRecipients(recipients, 0);
        }

        /** Whom a new DEK is wrapped to: CONTROL first, which must all be there. */
        List<Recipient> targets() {
            return Stream.of(Role.CONTROL, Role.REPLICA)
                    .flatMap(role -> recipients.stream().filter(recipient -> recipient.role() == role))
                    .toList();
        }

        int leastWraps() {
            return writeQuorum == 0 ? targets().size() : writeQuorum;
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
