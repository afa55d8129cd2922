package io.keywrap.keychain;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.proof.Roles;
import io.keywrap.proof.WrappedDeks;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * One opened keychain: leases its DEKs, and rotates them.
 *
 * <p>It works on the record that it read last. It reads the store again when it is asked for a DEK that it does not know,
 * when it changes something, on {@link #refresh()}, and before it gives a lease once the record is as old as a kept DEK may
 * be ({@code cacheDeadline}); so changes that other processes make are seen by then. Where the store or the KEK of the seal
 * is out of reach it goes on with what it knows, for as long as work in flight may ({@code maxInFlight}).
 *
 * <p><b>Thread safety:</b> thread-safe. Calls block on the KMS, and on the store where they read it.
 */
public final class Keychain {
    private final HeldRecord held;
    private final WrappedDeks deks;
    private final OpenersReport openers;
    private final PrimaryAge age;
    private final boolean wrapOnly;
    private final Map<DekId, EncryptionContext> contexts = new ConcurrentHashMap<>();
    private final Jobs jobs;

    Keychain(HeldRecord held, WrappedDeks deks, OpenersReport openers, PrimaryAge age, boolean wrapOnly) {
        this.held = held;
        this.deks = deks;
        this.openers = openers;
        this.age = age;
        this.wrapOnly = wrapOnly;
        this.jobs = new Jobs(held, deks, age, this::contextOf);
    }

    /**
     * Which keychain.
     *
     * @return its id
     */
    public String id() {
        return held.id();
    }

    /**
     * The record that this object works on, its seal checked.
     *
     * @return the record
     */
    public KeychainRecord record() {
        return held.get();
    }

    /**
     * Leases the DEK that new data of your own format is encrypted with. The first call makes and commits one. All that it asks
     * of KEKs has one deadline, that of {@link io.keywrap.CallPurpose#FOREGROUND}.
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
        if (!wrapOnly && held.isFresh()) {
            Optional<DekEntry> primary = record().primary(usage).filter(entry -> !age.isOver(entry));
            if (primary.isPresent()) {
                return lease(primary.get());
            }
        }
        return primary(usage, deks.deadline());
    }

    /** One deadline for all that may take time; what is done without has no more than half of what is left. */
    private DekLease primary(Usage usage, Deadline all) {
        held.freshen(half(all));
        if (wrapOnly) {
            return jobs.lease(usage, all);
        }
        Optional<DekEntry> primary = record().primary(usage);
        if (primary.isEmpty()) {
            held.update(
                    all,
                    current -> withNewPrimaries(
                            current, current.primary(usage).isPresent() ? Set.of() : EnumSet.of(usage), all));
        } else if (age.isOver(primary.get()) && !deks.isControlSilent(record())) {
            Deadline half = half(all);
            age.renewal(
                    id(),
                    () -> held.update(half, current -> {
                        boolean over =
                                current.primary(usage).filter(age::isOver).isPresent();
                        return withNewPrimaries(current, over ? EnumSet.of(usage) : Set.of(), half);
                    }));
        }
        return lease(record().primary(usage).orElseThrow(), all);
    }

    private static Deadline half(Deadline all) {
        return all.within(all.remaining().dividedBy(2));
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
        if (!held.isFresh()) {
            held.freshen(half(deks.deadline()));
        }
        Optional<DekEntry> known = record().dek(dekId);
        if (known.isEmpty()) {
            refresh();
            known = record().dek(dekId);
        }
        return lease(known.filter(entry -> entry.usage() == usage)
                .orElseThrow(() -> new KeychainNotFoundException(id(), dekId)));
    }

    /**
     * Makes a new primary DEK for every use that has one, and commits it. Older DEKs go on decrypting.
     *
     * @throws io.keywrap.KeychainConflictException if other processes were always faster
     * @throws io.keywrap.KekException if a KEK cannot be used; nothing has changed then
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     */
    public void rotate() {
        held.update(current -> withNewPrimaries(current, Primaries.usages(current), deks.deadline()));
    }

    /**
     * Wraps a key that you have already, so that the customer's KEKs control it from now on. It becomes a DEK for outside
     * use that {@link #lease(DekId)} gives and {@link #primary()} does not: how much it has encrypted is not known here.
     *
     * <p>A key is adopted once: adopted again, it keeps its first id. Before it is committed, every recipient has
     * unwrapped it again, so this host needs the use of both wrap and unwrap.
     *
     * @param existing the key, under a new id: {@code Dek.takeOwnershipOf(DekId.random(), bytes)}; stays the caller's
     * @return the id to lease it by; keep it beside the data that the key has encrypted
     * @throws IllegalArgumentException if this keychain has the key for envelopes, or all of its bytes are 0: a DEK never
     *     serves both uses, and a wiped array is no key
     * @throws DekDestroyedException if the key was a DEK of this keychain, and was destroyed
     * @throws io.keywrap.KeychainConflictException if other processes were always faster
     * @throws io.keywrap.KekException if a KEK cannot be used; nothing has changed then
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     */
    public DekId adopt(Dek existing) {
        return new Adoption(held, deks).of(existing);
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
     * @throws io.keywrap.KeychainConflictException if other processes were always faster
     * @throws io.keywrap.KekException if a KEK cannot be used; nothing has changed then
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     */
    public void changeKeyManagement(KeyManagement choice, List<KekId> control) {
        Recipients wanted = new Recipients();
        control.forEach(wanted::control);
        wanted.list();
        held.update(current -> {
            if (!current.migratable()) {
                throw new IllegalStateException("the key management of keychain '" + id() + "' is "
                        + current.keyManagement() + " for good: it was not made migratable");
            }
            return changed(current, choice, wanted);
        });
    }

    /**
     * Changes which KEKs the DEKs are wrapped to, or in which roles. Where KEKs come or go, there are new primaries under the
     * new recipients. Older DEKs get the new roles where every new CONTROL KEK has wrapped them; the others stay as they are
     * until {@link #repair} has made those wraps. Wraps under KEKs that are named no more are RETAINED.
     *
     * <p>A CONTROL KEK loses that role only while it can be used: what its owner has closed stays closed.
     *
     * @param content names all recipients, in the place of those so far
     * @throws IllegalArgumentException if they break a rule, or are too many for a portable keychain, which goes on naming
     *     its former KEKs as RETAINED
     * @throws io.keywrap.KeychainDestroyedException if the keychain was destroyed
     * @throws io.keywrap.KeychainConflictException if other processes were always faster
     * @throws io.keywrap.KekException if a new KEK, or a CONTROL KEK that would lose its role, cannot be used; nothing has
     *     changed then
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     */
    public void changeRecipients(Consumer<Recipients> content) {
        Recipients wanted = new Recipients();
        content.accept(wanted);
        wanted.list();
        held.update(current -> changed(current, current.keyManagement(), wanted));
    }

    private Optional<UnaryOperator<KeychainRecord.Builder>> changed(
            KeychainRecord current, KeyManagement choice, Recipients wanted) {
        Primaries.requireAlive(current);
        List<Recipient> recipients = wanted.inPlaceOf(current);
        if (current.keyManagement() == choice
                && current.recipients().equals(recipients)
                && current.writeQuorum() == wanted.quorum()) {
            return Optional.empty();
        }
        Roles.losingControl(current, recipients).forEach(entry -> deks.requireControl(contextOf(entry.id()), entry));
        List<DekEntry> settled = current.deks().stream()
                .map(entry -> Roles.settled(entry, recipients))
                .toList();
        boolean sameKeks = Roles.targets(current.recipients()).equals(Roles.targets(recipients));
        Owner owner = Owner.of(current).withRecipients(recipients, wanted.quorum());
        List<DekEntry> entries =
                new Primaries(deks).with(owner, current, settled, sameKeks ? Set.of() : Primaries.usages(current));
        return Optional.of(next -> next.keyManagement(choice)
                .recipients(recipients)
                .writeQuorum(wanted.quorum())
                .deks(entries));
    }

    /**
     * Makes the wraps that DEKs lack: those that were made while a KEK was out of reach, or before it was a recipient. Each
     * new wrap is unwrapped and proven before it is committed. DEKs that every recipient has wrapped get the roles of the
     * recipients, and lose RETAINED wraps whose time is over. Needs the use of wrap and unwrap. It can run in several
     * processes at once, and again after it was interrupted.
     *
     * @param keks the KEKs to wrap to, as your configuration names them: none is taken from the record alone. Those that are
     *     not given are left as they are
     * @return how many DEKs were changed; {@link KeychainRecord#incomplete()} tells what is left
     * @throws IllegalArgumentException if one of them is no CONTROL or REPLICA recipient of the sealed record
     * @throws io.keywrap.KekException if a KEK cannot be used; what could be done with the others was committed
     * @throws io.keywrap.KeychainConflictException if other processes were always faster
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     */
    public int repair(Set<KekId> keks) {
        return new Repair(held, deks, age.time(), Set.copyOf(keks)).run();
    }

    /**
     * Who can still open what was encrypted under this keychain, by its newest record. Calls no customer's KMS.
     *
     * @return every KEK in every role, and what else there is
     * @throws io.keywrap.KeychainException as {@link #refresh()}
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     */
    public Openers whoCanStillOpen() {
        refresh();
        return openers.of(record());
    }

    /**
     * Destroys one DEK: its wraps are no longer in this store, and what was encrypted under it cannot be read through this
     * keychain. Nothing brings it back. A primary that is destroyed is followed by a new one when it is needed.
     *
     * @param dekId the DEK
     * @param requestedBy who asked for it, for the evidence; never a secret
     * @return the evidence, to be kept
     * @throws KeychainNotFoundException if the keychain has no such DEK
     * @throws DekDestroyedException if it was destroyed before
     * @throws IllegalStateException if it is the last one: rotate first, or destroy the keychain
     * @throws io.keywrap.KeychainConflictException if other processes were always faster
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written, or does not even tell whether it was
     */
    public Erasure destroyDek(DekId dekId, Optional<String> requestedBy) {
        return new Destruction(held, openers, age.time()).ofDek(dekId, requestedBy);
    }

    /**
     * Destroys the keychain: every DEK as by {@link #destroyDek}. Its record stays, without any wrap, so that no older copy
     * is taken for it; the keychain makes no DEK again.
     *
     * @param requestedBy who asked for it, for the evidence; never a secret
     * @return the evidence, to be kept
     * @throws io.keywrap.KeychainDestroyedException if it was destroyed before
     * @throws io.keywrap.KeychainConflictException if other processes were always faster
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written, or does not even tell whether it was
     */
    public Erasure destroy(Optional<String> requestedBy) {
        return new Destruction(held, openers, age.time()).ofAll(requestedBy);
    }

    /**
     * Reads the record again.
     *
     * @throws io.keywrap.KeychainSealBrokenException if it is not what keywrap wrote, or older than it was
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     */
    public void refresh() {
        held.refresh();
    }

    private DekLease lease(DekEntry entry) {
        requireThere(entry);
        return deks.lease(contextOf(entry.id()), entry);
    }

    private DekLease lease(DekEntry entry, Deadline within) {
        requireThere(entry);
        return deks.within(within).lease(contextOf(entry.id()), entry);
    }

    private void requireThere(DekEntry entry) {
        if (entry.state() == State.DESTROYED) {
            throw new DekDestroyedException(id(), entry.id());
        }
    }

    /** It takes longer to make than a cached DEK to lease, and never changes. */
    private EncryptionContext contextOf(DekId dekId) {
        return contexts.computeIfAbsent(dekId, id -> Owner.of(record()).contextOf(id));
    }

    private Optional<UnaryOperator<KeychainRecord.Builder>> withNewPrimaries(
            KeychainRecord current, Set<Usage> usages, Deadline within) {
        Primaries made = new Primaries(deks.within(within));
        return usages.isEmpty()
                ? Optional.empty()
                : Optional.of(next -> next.deks(made.with(Owner.of(current), current, current.deks(), usages)));
    }

    /**
     * Id and revision.
     *
     * @return such as {@code Keychain[tenant-42, revision 3]}
     */
    @Override
    public String toString() {
        return "Keychain[" + id() + ", revision " + record().revision() + "]";
    }
}
