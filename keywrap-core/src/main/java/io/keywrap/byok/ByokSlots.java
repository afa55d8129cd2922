package io.keywrap.byok;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.KekException;
import io.keywrap.byok.SlotNotes.Kept;
import io.keywrap.byok.SlotRefusedException.Reason;
import io.keywrap.provider.KeyProvider.Generated;
import io.keywrap.provider.KeyProviders;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slots of keys that customers upload: PENDING, ACTIVE, ARCHIVED, REVOKED.
 *
 * <p>Every change is one compare-and-set in the store. What is refused has left nothing behind. An uploaded key stays the
 * caller's to close, and is kept only as a wrap under the vendor's KEK.
 *
 * <p><b>Errors:</b> what does not fit the slot is {@link SlotRefusedException}. A slot that is not there is
 * {@link io.keywrap.KekNotFoundException}, a note that keywrap has not written so
 * {@link io.keywrap.KekConfigurationException}; a store out of reach {@link io.keywrap.StoreUnavailableException}, which may have
 * come after the change was made: every call may be repeated. What the vendor's KEK fails with is its own
 * {@link io.keywrap.KekException}. {@link IllegalStateException} once their {@link ByokKms} was closed.
 *
 * <p><b>Thread safety:</b> thread-safe, also for several processes with one store. Calls block on the store and on the KMS of
 * the vendor's KEK.
 */
public final class ByokSlots {
    /** What must be typed to revoke a slot. */
    public static final String REVOKE = "revoke";

    /** What must be typed to drop a version. */
    public static final String DROP = "drop";

    /** What must be typed to drop a version that keychains may still need: what it alone opens is lost. */
    public static final String DROP_UNCHECKED = "drop unchecked";

    private static final Logger LOG = LoggerFactory.getLogger(ByokSlots.class);
    private static final int MOST_TRIES = 16;

    private final SlotService slots;
    private final KeyProviders providers;
    private final SlotUsers users;
    private final BooleanSupplier closed;

    ByokSlots(SlotService slots, KeyProviders providers, SlotUsers users, BooleanSupplier closed) {
        this.slots = slots;
        this.providers = providers;
        this.users = users;
        this.closed = closed;
    }

    private SlotService service() {
        if (closed.getAsBoolean()) {
            throw new IllegalStateException("the slots were closed");
        }
        return slots;
    }

    SlotNotes notes() {
        return service().notes();
    }

    /**
     * How a slot stands.
     *
     * @param slot its name
     * @return its status; empty if the store has no such slot
     */
    public Optional<SlotStatus> status(String slot) {
        return notes().load(Slots.require(slot), deadline())
                .map(kept -> kept.record().status());
    }

    /**
     * Goes over all slots of the store, and checks the seal of each, which takes a call of the vendor's KEK for each.
     *
     * @param believed is given each slot
     * @param refused is given the name of each other, or that of its note, and why it cannot be believed: also that the KEK of the
     *     vendor's, or the version of it, that has wrapped its seal is disabled, denied or gone
     * @throws KekException if the vendor's KEK does not answer, so that the same call may succeed later
     */
    public void scan(Consumer<SlotStatus> believed, BiConsumer<String, KekException> refused) {
        notes().names(note -> {
            String place = note;
            SlotStatus status;
            try {
                place = notes().slotOf(note);
                status = record(place).status();
            } catch (KekException e) {
                if (isOutage(e)) {
                    throw e;
                }
                refused.accept(place, e);
                return;
            }
            believed.accept(status);
        });
    }

    /**
     * Whether a KEK of the vendor's does not answer, which says nothing of the slot. What it refuses may be one old version alone, and
     * other slots are under another.
     */
    static boolean isOutage(KekException failure) {
        return failure.retryable()
                && failure.kekId()
                        .filter(kekId -> !kekId.scheme().equals(Slots.SCHEME))
                        .isPresent();
    }

    SlotRecord record(String slot) {
        return kept(slot).record();
    }

    private Kept kept(String slot) {
        return notes().load(slot, deadline()).orElseThrow(() -> SlotErrors.noSlot(slot));
    }

    /** What brings slots under the vendor's KEK of now. */
    SlotRewraps rewraps(boolean untoldToo) {
        return new SlotRewraps(service(), providers, untoldToo);
    }

    void rewrap(String slot, SlotRewraps work) {
        update(slot, work::next);
    }

    /**
     * Takes an uploaded key in, PENDING, under a new version; a slot that is not there is made. One that was pending before is
     * replaced.
     *
     * @param slot the slot
     * @param secret the key, from {@code Upload}; its id does not matter, and it stays the caller's
     * @return the slot, with the version as {@link SlotStatus#pending()}
     * @throws SlotRefusedException IS_REVOKED, SAME_KEY, FULL, CONFLICT
     */
    public SlotStatus validate(String slot, Dek secret) {
        Slots.require(slot);
        for (int i = 0; i < MOST_TRIES; i++) {
            Deadline deadline = deadline();
            Optional<Kept> kept = notes().load(slot, deadline);
            Optional<SlotStatus> made = kept.isPresent()
                    ? change(kept.get(), (now, sealKey) -> SlotChange.add(now, upload(now, sealKey, secret, deadline)))
                    : create(slot, secret, deadline);
            if (made.isPresent()) {
                return made.get();
            }
        }
        throw conflict(slot);
    }

    private Optional<SlotStatus> create(String slot, Dek secret, Deadline deadline) {
        Generated generated = service().secrets().makeSealKey(slot, deadline);
        generated.dek().close();
        try (DekLease sealKey = notes().sealKey(slot, generated.wrapped(), deadline)) {
            Instant now = now();
            SlotVersion first = SlotVersion.uploaded(
                    1,
                    now,
                    service().secrets().fingerprint(slot, sealKey, secret),
                    service().secrets().wrap(slot, secret, deadline));
            SlotRecord record = new SlotRecord(slot, 1, now, generated.wrapped(), 1, List.of(first));
            return notes().replace(Optional.empty(), record, sealKey) ? Optional.of(told(record)) : Optional.empty();
        }
    }

    private SlotUpload upload(SlotRecord now, DekLease sealKey, Dek secret, Deadline deadline) {
        return new SlotUpload(
                service().secrets().fingerprint(now.slot(), sealKey, secret),
                () -> service().secrets().wrap(now.slot(), secret, deadline),
                now());
    }

    /**
     * Makes a pending version the active one of a slot that has none. Harmless when repeated.
     *
     * @param slot the slot
     * @param version the version, as {@link #validate} gave it
     * @return the slot
     * @throws SlotRefusedException NO_SUCH_VERSION, NOT_PENDING, HAS_ACTIVE, CONFLICT
     */
    public SlotStatus activate(String slot, int version) {
        return update(slot, (now, sealKey) -> SlotChange.activate(now, version, now()));
    }

    /**
     * Archives the active version and makes a pending one active, in one step, so that no backup is without a key. What the
     * archived one has wrapped still unwraps; re-wrap it in the background, and then {@link #drop} it. Harmless when repeated.
     *
     * @param slot the slot
     * @param version the version that takes over, as {@link #validate} gave it
     * @return the slot
     * @throws SlotRefusedException NO_SUCH_VERSION, NOT_PENDING, NO_ACTIVE, CONFLICT
     */
    public SlotStatus archive(String slot, int version) {
        return update(slot, (now, sealKey) -> SlotChange.archive(now, version, now()));
    }

    /**
     * Destroys the material of every version: nothing wraps and unwraps any more, and work under way is aborted, here at once
     * and in other JVMs within the poll interval. The same keys, uploaded again, {@link #restore} it. A pending version is
     * dropped. Harmless when repeated.
     *
     * <p><b>Security:</b> what is destroyed is in this store. Backups of the store still have it, wrapped by the vendor's KEK.
     *
     * @param slot the slot
     * @param typed what the customer has typed, which must be {@value #REVOKE}
     * @return the slot
     * @throws SlotRefusedException NOT_CONFIRMED, CONFLICT
     */
    public SlotStatus revoke(String slot, String typed) {
        requireTyped(slot, REVOKE, typed);
        return update(slot, (now, sealKey) -> SlotChange.revoke(now, now()));
    }

    /**
     * Gives access back: the key of a revoked version, uploaded again, makes it what it was. No other key is accepted. Harmless when
     * repeated: a version that has the key and is not revoked stays as it is, so an answer that was lost is asked for again.
     *
     * @param slot the slot
     * @param secret the key, from {@code Upload}; stays the caller's
     * @return the slot
     * @throws SlotRefusedException OTHER_KEY; NOT_REVOKED if nothing is revoked and this is no key that was ever active; CONFLICT
     */
    public SlotStatus restore(String slot, Dek secret) {
        Deadline deadline = deadline();
        return update(slot, (now, sealKey) -> SlotChange.restore(now, upload(now, sealKey, secret, deadline)));
    }

    /**
     * Destroys a version for good: one that is archived and needed by nothing any more, one that is revoked and will not be
     * restored, or one that is pending. What is wrapped under it alone is lost. Harmless when repeated.
     *
     * <p>Unless it is pending, every record of the keychains is read before, whether its seal holds or not: it is refused while one has
     * a wrap under this version, cannot be read, or is portable and names the slot, since its envelopes may carry such wraps; and if
     * there is no record at all, since keychains are elsewhere then. Keychains of other stores are not known here. To go on, re-wrap them ({@code Rewrap}, {@code PortableRewrap}), look with
     * {@code Dependents}, and drop it then.
     *
     * @param slot the slot
     * @param version the version
     * @param typed what the operator has typed, which must be {@value #DROP}; or {@value #DROP_UNCHECKED}, which looks at no
     *     keychain
     * @return the slot
     * @throws SlotRefusedException NOT_CONFIRMED, NO_SUCH_VERSION, IS_ACTIVE, STILL_NEEDED, CONFLICT
     */
    public SlotStatus drop(String slot, int version, String typed) {
        boolean unchecked = typed.equals(DROP_UNCHECKED);
        if (!unchecked) {
            requireTyped(slot, DROP, typed);
        }
        return update(slot, (now, sealKey) -> {
            SlotRecord next = SlotChange.drop(now, version);
            if (next.revision() != now.revision() && !unchecked) {
                users.requireNone(now, version);
            }
            return next;
        });
    }

    private static void requireTyped(String slot, String word, String typed) {
        if (!typed.equals(word)) {
            throw SlotErrors.refused(
                    slot, Reason.NOT_CONFIRMED, "it was not confirmed", "type the word '" + word + "'");
        }
    }

    /** The next record; the same one if there is nothing to do. */
    private interface Change {
        SlotRecord of(SlotRecord now, DekLease sealKey);
    }

    private SlotStatus update(String slot, Change change) {
        Slots.require(slot);
        for (int i = 0; i < MOST_TRIES; i++) {
            Optional<SlotStatus> done = change(kept(slot), change);
            if (done.isPresent()) {
                return done.get();
            }
        }
        throw conflict(slot);
    }

    /** Empty if another process was first. */
    private Optional<SlotStatus> change(Kept kept, Change change) {
        SlotRecord before = kept.record();
        try (DekLease sealKey = notes().sealKey(kept, deadline())) {
            SlotRecord next = change.of(before, sealKey);
            if (next.revision() == before.revision()) {
                return Optional.of(before.status());
            }
            return notes().replace(Optional.of(kept), next, sealKey) ? Optional.of(told(next)) : Optional.empty();
        }
    }

    private SlotStatus told(SlotRecord record) {
        List<String> states = new ArrayList<>();
        record.versions().forEach(version -> states.add(version.number() + " " + version.state()));
        LOG.info("slot {} has changed, revision {}: versions {}", record.slot(), record.revision(), states);
        service().watch().look(record.slot());
        return record.status();
    }

    private SlotRefusedException conflict(String slot) {
        return SlotErrors.refused(slot, Reason.CONFLICT, "others changed the slot each time just before", "try again");
    }

    private Deadline deadline() {
        return providers.foregroundDeadline();
    }

    private Instant now() {
        return providers.time().now().truncatedTo(ChronoUnit.MILLIS);
    }
}
