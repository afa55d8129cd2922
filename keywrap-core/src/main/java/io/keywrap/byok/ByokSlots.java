package io.keywrap.byok;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekLease;
import io.keywrap.KekException.Failure;
import io.keywrap.byok.SlotNotes.Kept;
import io.keywrap.byok.SlotRefusedException.Reason;
import io.keywrap.provider.KeyProvider.Generated;
import io.keywrap.provider.KeyProviders;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
 * {@link io.keywrap.KekException}.
 *
 * <p><b>Thread safety:</b> thread-safe, also for several processes with one store. Calls block on the store and on the KMS of
 * the vendor's KEK.
 */
public final class ByokSlots {
    /** What must be typed to revoke a slot. */
    public static final String REVOKE = "revoke";

    /** What must be typed to drop a version. */
    public static final String DROP = "drop";

    private static final Logger LOG = LoggerFactory.getLogger(ByokSlots.class);
    private static final int MOST_TRIES = 16;

    private final SlotService service;
    private final KeyProviders providers;

    ByokSlots(SlotService service, KeyProviders providers) {
        this.service = service;
        this.providers = providers;
    }

    /**
     * How a slot stands.
     *
     * @param slot its name
     * @return its status; empty if the store has no such slot
     */
    public Optional<SlotStatus> status(String slot) {
        return service.notes()
                .load(Slots.require(slot), deadline())
                .map(kept -> kept.record().status());
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
            Optional<Kept> kept = service.notes().load(slot, deadline);
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
        Generated generated = service.secrets().makeSealKey(slot, deadline);
        generated.dek().close();
        try (DekLease sealKey = service.notes().sealKey(slot, generated.wrapped(), deadline)) {
            Instant now = now();
            SlotVersion first = SlotVersion.uploaded(
                    1,
                    now,
                    service.secrets().fingerprint(slot, sealKey, secret),
                    service.secrets().wrap(slot, secret, deadline));
            SlotRecord record = new SlotRecord(slot, 1, now, generated.wrapped(), 1, List.of(first));
            return service.notes().replace(Optional.empty(), record, sealKey)
                    ? Optional.of(told(record))
                    : Optional.empty();
        }
    }

    private SlotUpload upload(SlotRecord now, DekLease sealKey, Dek secret, Deadline deadline) {
        return new SlotUpload(
                service.secrets().fingerprint(now.slot(), sealKey, secret),
                () -> service.secrets().wrap(now.slot(), secret, deadline),
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
     * Gives access back: the key of a revoked version, uploaded again, makes it what it was. No other key is accepted.
     *
     * @param slot the slot
     * @param secret the key, from {@code Upload}; stays the caller's
     * @return the slot
     * @throws SlotRefusedException NOT_REVOKED, OTHER_KEY, SAME_KEY, CONFLICT
     */
    public SlotStatus restore(String slot, Dek secret) {
        Deadline deadline = deadline();
        return update(slot, (now, sealKey) -> SlotChange.restore(now, upload(now, sealKey, secret, deadline)));
    }

    /**
     * Destroys a version for good: one that is archived and needed by nothing any more, one that is revoked and will not be
     * restored, or one that is pending. What is wrapped under it alone is lost. Harmless when repeated.
     *
     * @param slot the slot
     * @param version the version
     * @param typed what the operator has typed, which must be {@value #DROP}
     * @return the slot
     * @throws SlotRefusedException NOT_CONFIRMED, NO_SUCH_VERSION, IS_ACTIVE, CONFLICT
     */
    public SlotStatus drop(String slot, int version, String typed) {
        requireTyped(slot, DROP, typed);
        return update(slot, (now, sealKey) -> SlotChange.drop(now, version));
    }

    private static void requireTyped(String slot, String word, String typed) {
        if (!typed.equals(word)) {
            throw new SlotRefusedException(
                    Failure.of(Slots.kekId(slot), "it was not confirmed")
                            .operatorAction("type the word '" + word + "'"),
                    Reason.NOT_CONFIRMED);
        }
    }

    /** The next record; the same one if there is nothing to do. */
    private interface Change {
        SlotRecord of(SlotRecord now, DekLease sealKey);
    }

    private SlotStatus update(String slot, Change change) {
        Slots.require(slot);
        for (int i = 0; i < MOST_TRIES; i++) {
            Kept kept = service.notes().load(slot, deadline()).orElseThrow(() -> SlotErrors.noSlot(slot));
            Optional<SlotStatus> done = change(kept, change);
            if (done.isPresent()) {
                return done.get();
            }
        }
        throw conflict(slot);
    }

    /** Empty if another process was first. */
    private Optional<SlotStatus> change(Kept kept, Change change) {
        SlotRecord before = kept.record();
        try (DekLease sealKey = service.notes().sealKey(before.slot(), before.sealKey(), deadline())) {
            SlotRecord next = change.of(before, sealKey);
            if (next.revision() == before.revision()) {
                return Optional.of(before.status());
            }
            return service.notes().replace(Optional.of(kept), next, sealKey)
                    ? Optional.of(told(next))
                    : Optional.empty();
        }
    }

    private SlotStatus told(SlotRecord record) {
        List<String> states = new ArrayList<>();
        record.versions().forEach(version -> states.add(version.number() + " " + version.state()));
        LOG.info("slot {} has changed, revision {}: versions {}", record.slot(), record.revision(), states);
        service.watch().look(record.slot());
        return record.status();
    }

    private SlotRefusedException conflict(String slot) {
        return new SlotRefusedException(
                Failure.of(Slots.kekId(slot), "others changed the slot each time just before")
                        .operatorAction("try again"),
                Reason.CONFLICT);
    }

    private Deadline deadline() {
        return providers.foregroundDeadline();
    }

    private Instant now() {
        return providers.time().now().truncatedTo(ChronoUnit.MILLIS);
    }
}
