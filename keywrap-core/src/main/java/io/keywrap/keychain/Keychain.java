package io.keywrap.keychain;

import io.keywrap.Dek;
import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.proof.CheckValue;
import io.keywrap.proof.SealedRecords;
import io.keywrap.proof.Succession;
import io.keywrap.proof.WrappedDeks;
import io.keywrap.proof.WrappedDeks.Made;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One opened keychain: leases its DEKs, and rotates them.
 *
 * <p>It works on the record that it read when it was opened. It reads the store again when it is asked for a DEK that it
 * does not know, when it rotates, and on {@link #refresh()}; so changes that other processes make are seen then.
 *
 * <p><b>Thread safety:</b> thread-safe. Calls block on the KMS, and on the store where they read it.
 */
public final class Keychain {
    private static final Logger LOG = LoggerFactory.getLogger(Keychain.class);
    private static final int MAX_ATTEMPTS = 8;

    private final SealedRecords records;
    private final WrappedDeks deks;
    private final PrimaryAge age;
    private final boolean wrapOnly;
    private final Map<DekId, EncryptionContext> contexts = new ConcurrentHashMap<>();
    private final Map<Usage, DekId> jobs = new EnumMap<>(Usage.class);
    private final ReentrantLock newJob = new ReentrantLock(); // Held during calls: no monitor, for virtual threads.
    private volatile KeychainRecord record;

    Keychain(SealedRecords records, WrappedDeks deks, PrimaryAge age, boolean wrapOnly, KeychainRecord record) {
        this.records = records;
        this.deks = deks;
        this.age = age;
        this.wrapOnly = wrapOnly;
        this.record = record;
    }

    /**
     * Which keychain.
     *
     * @return its id
     */
    public String id() {
        return record.keychainId();
    }

    /**
     * The record that this object works on, its seal checked.
     *
     * @return the record
     */
    public KeychainRecord record() {
        return record;
    }

    /**
     * Leases the DEK that new data of your own format is encrypted with. The first call makes and commits one.
     *
     * @return the lease; keep its {@link DekLease#dekId()} beside the data, and close it
     * @throws io.keywrap.KekException if a KEK cannot be used
     * @throws io.keywrap.KeychainException if the keychain or the store is not as it should be
     */
    public DekLease primary() {
        return primary(Usage.OUTSIDE);
    }

    /**
     * Leases the DEK that new data is encrypted with.
     *
     * @param usage what for; {@link Usage#ENVELOPES} is for {@code EnvelopeCipher}
     * @return the lease, to be closed
     * @throws io.keywrap.KekException if a KEK cannot be used
     * @throws io.keywrap.KeychainException if the keychain or the store is not as it should be
     */
    public DekLease primary(Usage usage) {
        if (wrapOnly) {
            return ofThisJob(usage);
        }
        Optional<DekEntry> primary = record.primary(usage);
        if (primary.isEmpty()) {
            update(current ->
                    withNewPrimaries(current, current.primary(usage).isPresent() ? Set.of() : EnumSet.of(usage)));
        } else if (age.isOver(primary.get())) {
            age.renewal(
                    id(),
                    () -> update(current -> withNewPrimaries(
                            current,
                            current.primary(usage).filter(age::isOver).isPresent() ? EnumSet.of(usage) : Set.of())));
        }
        return lease(record.primary(usage).orElseThrow());
    }

    /** On a host that may not unwrap: the DEK that this object has made, as long as it is kept, or another new one. */
    private DekLease ofThisJob(Usage usage) {
        newJob.lock();
        try {
            Optional<DekLease> kept = Optional.ofNullable(jobs.get(usage))
                    .flatMap(record::dek)
                    .filter(entry -> entry.state() != State.DESTROYED && !age.isOver(entry))
                    .flatMap(entry -> deks.leaseKept(contextOf(entry.id()), entry));
            return kept.orElseGet(() -> ofANewJob(usage));
        } finally {
            newJob.unlock();
        }
    }

    private DekLease ofANewJob(Usage usage) {
        AtomicReference<@Nullable Made> last = new AtomicReference<>();
        try {
            update(current -> {
                Made made = deks.make(Owner.of(current), usage);
                close(last.getAndSet(made));
                return Optional.of(next -> next.deks(withPrimary(current.portable(), current.deks(), made.entry())));
            });
            Made made = Objects.requireNonNull(last.get());
            deks.keep(Owner.of(record), made);
            jobs.put(usage, made.entry().id());
            return deks.leaseKept(contextOf(made.entry().id()), made.entry()).orElseGet(() -> lease(made.entry()));
        } finally {
            close(last.get());
        }
    }

    private static void close(@Nullable Made made) {
        if (made != null) {
            made.close();
        }
    }

    /**
     * Leases a DEK to decrypt data of your own format.
     *
     * @param dekId the DEK that the data was encrypted with
     * @return the lease, to be closed
     * @throws KeychainNotFoundException if the keychain has no such DEK, or it serves envelopes
     * @throws DekDestroyedException if it was destroyed
     * @throws io.keywrap.KekException if a KEK cannot be used
     */
    public DekLease lease(DekId dekId) {
        return lease(dekId, Usage.OUTSIDE);
    }

    /**
     * Leases a DEK to decrypt data.
     *
     * @param dekId the DEK that the data was encrypted with
     * @param usage what for; a DEK never serves another use than the one it was made for
     * @return the lease, to be closed
     * @throws KeychainNotFoundException if the keychain has no such DEK, or it serves another use
     * @throws DekDestroyedException if it was destroyed
     * @throws io.keywrap.KekException if a KEK cannot be used
     */
    public DekLease lease(DekId dekId, Usage usage) {
        Optional<DekEntry> known = record.dek(dekId);
        if (known.isEmpty()) {
            refresh();
            known = record.dek(dekId);
        }
        return lease(known.filter(entry -> entry.usage() == usage)
                .orElseThrow(() -> new KeychainNotFoundException(id(), dekId)));
    }

    /**
     * Makes a new primary DEK for every use that has one, and commits it. Older DEKs go on decrypting.
     *
     * @throws KeychainConflictException if other processes were always faster
     * @throws io.keywrap.KekException if a KEK cannot be used; nothing has changed then
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     */
    public void rotate() {
        update(current -> withNewPrimaries(current, primaries(current)));
    }

    /**
     * Wraps a key that you have already, so that the customer's KEKs control it from now on. It becomes a DEK for outside
     * use that {@link #lease(DekId)} gives and {@link #primary()} does not: how much it has encrypted is not known here.
     *
     * <p>A key is adopted once: adopted again, it keeps its first id. Before it is committed, every CONTROL KEK has
     * unwrapped it again, so this host needs the use of both wrap and unwrap.
     *
     * @param existing the key, under a new id: {@code Dek.takeOwnershipOf(DekId.random(), bytes)}; stays the caller's
     * @return the id to lease it by; keep it beside the data that the key has encrypted
     * @throws IllegalArgumentException if this keychain has the key for envelopes, or all of its bytes are 0: a DEK never
     *     serves both uses, and a wiped array is no key
     * @throws DekDestroyedException if the key was a DEK of this keychain, and was destroyed
     * @throws KeychainConflictException if other processes were always faster
     * @throws io.keywrap.KekException if a KEK cannot be used; nothing has changed then
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     */
    public DekId adopt(Dek existing) {
        if (existing.withBytes(key -> MessageDigest.isEqual(key, new byte[Dek.BYTES]))) {
            throw new IllegalArgumentException("all bytes of this key are 0: it was wiped, or never set");
        }
        try (Dek own = deks.own(existing)) {
            update(current -> adopted(current, own).isPresent()
                    ? Optional.empty()
                    : Optional.of(next -> next.deks(with(current, deks.adopt(Owner.of(current), own)))));
            return adopted(record, own).orElseThrow().id();
        }
    }

    /**
     * Records that the tenant has chosen otherwise whose KEKs wrap its DEKs, and makes new primaries under the new ones.
     * Older DEKs, adopted keys among them, stay under the KEKs that they were wrapped under, which are needed until they
     * are re-wrapped. A {@code Keychain} that is open elsewhere goes on under the old KEKs until it reads the record again.
     *
     * @param choice whose KEKs they are from now on
     * @param control the new CONTROL KEKs, 1 to 16, in the place of all recipients so far
     * @throws IllegalArgumentException if no KEK is given, or too many for a portable keychain
     * @throws IllegalStateException if the keychain was not made {@linkplain Keychains.Spec#migratable() migratable}
     * @throws KeychainConflictException if other processes were always faster
     * @throws io.keywrap.KekException if a KEK cannot be used; nothing has changed then
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     */
    public void changeKeyManagement(KeyManagement choice, List<KekId> control) {
        List<Recipient> recipients = control.stream()
                .map(kekId -> new Recipient(Role.CONTROL, kekId))
                .toList();
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("a keychain needs a CONTROL KEK");
        }
        update(current -> {
            if (!current.migratable()) {
                throw new IllegalStateException("the key management of keychain '" + id() + "' is "
                        + current.keyManagement() + " for good: it was not made migratable");
            }
            if (current.keyManagement() == choice && current.recipients().equals(recipients)) {
                return Optional.empty();
            }
            Owner owner = new Owner(id(), current.keyContext(), recipients);
            List<DekEntry> entries = newPrimaries(owner, current, primaries(current));
            return Optional.of(
                    next -> next.keyManagement(choice).recipients(recipients).deks(entries));
        });
    }

    /**
     * Reads the record again.
     *
     * @throws io.keywrap.KeychainSealBrokenException if it is not what keywrap wrote, or older than it was
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     */
    public void refresh() {
        advance(records.load(id()));
    }

    /** Several threads may read the store at once; the newest record stays. */
    private synchronized void advance(KeychainRecord next) {
        if (next.revision() > record.revision()) {
            Succession.violation(record, next).ifPresent(reason -> {
                throw new KeychainSealBrokenException(
                        id(),
                        "revision " + next.revision() + " does not follow revision " + record.revision()
                                + ", which was seen before (" + reason + "): the store was restored or replaced",
                        null);
            });
            record = next;
        }
    }

    private DekLease lease(DekEntry entry) {
        if (entry.state() == State.DESTROYED) {
            throw new DekDestroyedException(id(), entry.id());
        }
        return deks.lease(contextOf(entry.id()), entry);
    }

    /** It takes longer to make than a cached DEK to lease, and never changes. */
    private EncryptionContext contextOf(DekId dekId) {
        return contexts.computeIfAbsent(dekId, id -> Owner.of(record).contextOf(id));
    }

    /** Commits a change; a loser of the race against another process discards it and looks again. */
    private void update(Change change) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            // What is in the store now, and not what this object knows: nothing that others added may be lost.
            KeychainRecord current = records.load(id());
            advance(current);
            Optional<UnaryOperator<KeychainRecord.Builder>> needed = change.of(current);
            if (needed.isEmpty()) {
                return;
            }
            try {
                advance(records.replace(current, needed.get()));
                LOG.debug("keychain {} has revision {}", id(), record.revision());
                return;
            } catch (KeychainConflictException e) {
                LOG.debug("keychain {} was changed by another process, attempt {}", id(), attempt);
            }
        }
        throw new KeychainConflictException(id());
    }

    private static Set<Usage> primaries(KeychainRecord current) {
        Set<Usage> usages = EnumSet.allOf(Usage.class);
        usages.removeIf(usage -> current.primary(usage).isEmpty());
        return usages;
    }

    private Optional<UnaryOperator<KeychainRecord.Builder>> withNewPrimaries(
            KeychainRecord current, Set<Usage> usages) {
        return usages.isEmpty()
                ? Optional.empty()
                : Optional.of(next -> next.deks(newPrimaries(Owner.of(current), current, usages)));
    }

    private List<DekEntry> newPrimaries(Owner owner, KeychainRecord before, Set<Usage> usages) {
        List<DekEntry> entries = before.deks();
        for (Usage usage : usages) {
            entries = withPrimary(before.portable(), entries, deks.create(owner, usage));
        }
        return entries;
    }

    /** What was primary for the same use only decrypts from then on. */
    private static List<DekEntry> withPrimary(boolean portable, List<DekEntry> before, DekEntry primary) {
        Keychains.requireRoom(portable, primary);
        List<DekEntry> entries = new ArrayList<>();
        for (DekEntry entry : before) {
            boolean replaced = entry.state() == State.PRIMARY && entry.usage() == primary.usage();
            entries.add(replaced ? entry.inState(State.DECRYPT_ONLY) : entry);
        }
        entries.add(primary);
        return entries;
    }

    /** The entry of a key that was adopted before, under whatever id. */
    private static Optional<DekEntry> adopted(KeychainRecord current, Dek existing) {
        Optional<DekEntry> same = current.deks().stream()
                .filter(entry -> CheckValue.matches(entry, existing))
                .findFirst();
        if (same.isEmpty()) {
            return same;
        }
        if (same.get().state() == State.DESTROYED) {
            throw new DekDestroyedException(current.keychainId(), same.get().id());
        }
        if (same.get().usage() != Usage.OUTSIDE) {
            throw new IllegalArgumentException("the key is DEK " + same.get().id() + " of keychain '"
                    + current.keychainId() + "', which serves envelopes; a DEK never serves both uses");
        }
        return same;
    }

    private static List<DekEntry> with(KeychainRecord current, DekEntry more) {
        List<DekEntry> entries = new ArrayList<>(current.deks());
        entries.add(more);
        return entries;
    }

    /**
     * Id and revision.
     *
     * @return such as {@code Keychain[tenant-42, revision 3]}
     */
    @Override
    public String toString() {
        return "Keychain[" + id() + ", revision " + record.revision() + "]";
    }

    /** What to change, seen from the newest record; empty if nothing is left to do. */
    private interface Change {
        Optional<UnaryOperator<KeychainRecord.Builder>> of(KeychainRecord current);
    }
}
