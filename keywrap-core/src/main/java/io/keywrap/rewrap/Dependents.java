package io.keywrap.rewrap;

import io.keywrap.KekId;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.EnvelopeSource;
import io.keywrap.store.KeychainStore;
import io.keywrap.store.StoreNotes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/**
 * What still depends on a KEK, or on one version of it: the answer to whether it is safe to delete.
 *
 * <pre>{@code
 * Dependents dependents = Dependents.of(oldKek).version("3").read(store, providers, KeychainSeal.wrappedBy(vendorKek));
 * if (!dependents.safeToDelete()) {
 *     dependents.reasons().forEach(reason -> print(reason));
 * }
 * }</pre>
 *
 * <p>All records are read, those of keychains that nobody writes to any more too, and no index of a store is believed. Whatever
 * cannot be read or believed, and every wrap that does not tell its version where one is asked for, makes the answer no: nobody
 * can take back that a key was deleted. Names of the same key are one, as far as they tell: an alias in AWS KMS whose wraps
 * name the key, and a version that has a URI of its own.
 *
 * <p>Slots of uploaded keys are read too. Canaries, transport keys and other keys that keywrap keeps are wraps of these records, so
 * there is nothing else to count in the store.
 * What is elsewhere stands in {@link #warnings()}: no answer covers it.
 *
 * <p><b>Security:</b> the answer is for the moment. Change recipients first, so that nothing new comes to depend on the KEK, and
 * disable it for a time before it is deleted: what was disabled can be enabled.
 *
 * <p><b>Shape and units:</b> keychains, envelopes and unknown places are named up to {@value #MOST_NAMED} of each, and counted all.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * <p><b>Source:</b> docs/guides/rotation.md.
 */
public final class Dependents {
    /** How many keychains, envelopes and unknown places are named. */
    public static final int MOST_NAMED = 1_000;

    private final KekId kekId;
    private final Optional<String> version;
    private final DependentsTally tally;
    private final List<String> reasons;

    Dependents(KekId kekId, Optional<String> version, DependentsTally tally) {
        this.kekId = kekId;
        this.version = version;
        this.tally = tally;
        this.reasons = DependentsText.reasons(tally);
    }

    /**
     * Begins the question.
     *
     * @param kekId the KEK; a key in AWS KMS by the ARN of the key, which finds what was wrapped by way of its aliases too;
     *     an alias is never safe, since it does not tell what else depends on its key
     * @return the question, of all versions until one is named
     */
    public static Question of(KekId kekId) {
        return new Question(kekId);
    }

    /**
     * The KEK.
     *
     * @return as it was asked for
     */
    public KekId kekId() {
        return kekId;
    }

    /**
     * The version.
     *
     * @return as it was asked for; empty if any
     */
    public Optional<String> version() {
        return version;
    }

    /**
     * Whether nothing that was looked at depends on it, and everything could be looked at.
     *
     * @return true if there is no reason against it
     */
    public boolean safeToDelete() {
        return reasons.isEmpty();
    }

    /**
     * Whether it is needed to open or make DEKs of this store: it has a wrap as CONTROL or REPLICA, new DEKs are wrapped to it, it
     * has wrapped a key of a slot, or a record could not be looked at. RETAINED wraps, seals and envelopes do not count.
     *
     * @return false once everything was moved
     */
    public boolean neededToOpen() {
        return tally.count(Need.CONTROL).keychains() > 0
                || tally.count(Need.REPLICA).keychains() > 0
                || tally.count(Need.NEW_DEKS).keychains() > 0
                || tally.slotCount() > 0
                || !tally.current().isEmpty()
                || tally.unknownRecords() > 0;
    }

    /**
     * Why it is not safe.
     *
     * @return a sentence for each reason, for people, with what to do; none if it is
     */
    public List<String> reasons() {
        return reasons;
    }

    /**
     * What no answer covers.
     *
     * @return for people; never empty
     */
    public List<String> warnings() {
        return DependentsText.warnings(tally);
    }

    /**
     * Keychains that depend on it, in the order of the store.
     *
     * @return the first {@value #MOST_NAMED}
     */
    public List<Dependent> keychains() {
        return tally.keychains();
    }

    /**
     * How many keychains depend on it in a way.
     *
     * @param need the way
     * @return the numbers
     */
    public Count count(Need need) {
        return tally.count(need);
    }

    /**
     * How many keychains depend on it in any way.
     *
     * @return the number
     */
    public int keychainCount() {
        return tally.keychainCount();
    }

    /**
     * Slots of uploaded keys of which it has wrapped a key, in the order of the store. Transport keys are under a keychain, and so
     * among {@link #keychains()}.
     *
     * @return the first {@value #MOST_NAMED}
     */
    public List<Slot> slots() {
        return tally.slots();
    }

    /**
     * How many slots of uploaded keys depend on it.
     *
     * @return the number
     */
    public int slotCount() {
        return tally.slotCount();
    }

    /**
     * Which of the envelopes that were listed carry its wraps.
     *
     * @return the names of the first {@value #MOST_NAMED}
     */
    public List<String> envelopes() {
        return tally.envelopes();
    }

    /**
     * What could not be read or believed: records, and envelopes that were listed.
     *
     * @return the first {@value #MOST_NAMED}
     */
    public List<Unknown> unknown() {
        return tally.unknown();
    }

    /**
     * Which versions of the KEK wraps name that were looked at, whatever depends on the one that was asked for: so that a mistyped
     * one is seen.
     *
     * @return the versions, at most {@value #MOST_NAMED}; without those that are not told
     */
    public SortedSet<String> versions() {
        return Collections.unmodifiableSortedSet(tally.versions());
    }

    /**
     * For machines, and to be kept with the decision.
     *
     * @return an object of JSON, of several lines
     */
    public String toJson() {
        return DependentsJson.of(this, tally);
    }

    /** The ways in which a keychain depends on a KEK. */
    public enum Need {
        /** DEKs are wrapped under it as CONTROL: they open with it, and not without. */
        CONTROL,
        /** DEKs are wrapped under it as REPLICA. */
        REPLICA,
        /** DEKs keep a wrap of it for a time after a re-wrap. */
        RETAINED,
        /** New DEKs are wrapped to it. Not counted where a version is asked for. */
        NEW_DEKS,
        /** It has wrapped the key of the record's seal. */
        SEAL,
        /** The keychain is portable and names it, so envelopes may carry wraps of it. */
        ENVELOPES
    }

    /**
     * How much depends on it.
     *
     * @param keychains how many keychains
     * @param deks how many DEKs of these; 0 for ways that are not of DEKs
     */
    public record Count(int keychains, long deks) {}

    /**
     * A keychain that depends on it.
     *
     * @param keychainId its id
     * @param needs how, with the number of DEKs; 0 for ways that are not of DEKs
     * @param until when the time of RETAINED wraps is over; empty if there are none, or without an end
     */
    public record Dependent(String keychainId, Map<Need, Integer> needs, Optional<Instant> until) {
        /**
         * Copies the map.
         *
         * @param keychainId its id
         * @param needs how
         * @param until when the time of RETAINED wraps is over
         */
        public Dependent {
            needs = Collections.unmodifiableMap(new EnumMap<>(needs));
        }
    }

    /**
     * A slot of uploaded keys that depends on it.
     *
     * @param slot its name
     * @param keys how many of its uploaded keys it has wrapped
     * @param seal whether it has wrapped the key of its seal
     */
    public record Slot(String slot, int keys, boolean seal) {}

    /**
     * Something that could not be looked at.
     *
     * @param place the id of the keychain, the store's name for a place, or that of an envelope
     * @param reason what is wrong there
     */
    public record Unknown(String place, String reason) {}

    /** The question. Not thread-safe. */
    public static final class Question {
        private final KekId kekId;
        private Optional<String> version = Optional.empty();
        private final List<Iterable<EnvelopeSource>> envelopes = new ArrayList<>();
        private Optional<StoreNotes> notes = Optional.empty();
        private final List<KekId> slotKeks = new ArrayList<>();
        private boolean all;

        private Question(KekId kekId) {
            this.kekId = kekId;
        }

        /**
         * Asks for one version; any by default.
         *
         * @param name as wraps name it ({@code keywrap kek list} shows them), or as the cloud shows it
         * @return this
         * @throws IllegalArgumentException if it is blank
         */
        public Question version(String name) {
            if (name.isBlank()) {
                throw new IllegalArgumentException("a version has a name; leave it out to ask for all");
            }
            version = Optional.of(name);
            return this;
        }

        /**
         * Lists envelopes of portable keychains; of each the header is read. None by default.
         *
         * @param some the envelopes
         * @return this
         */
        public Question envelopes(Iterable<EnvelopeSource> some) {
            envelopes.add(some);
            return this;
        }

        /**
         * Vouches that there are no envelopes of portable keychains but those that are listed. By default there may be, and a
         * portable keychain that names the KEK makes the answer no.
         *
         * @return this
         */
        public Question noOtherEnvelopes() {
            all = true;
            return this;
        }

        /**
         * Says where slots of uploaded keys are, and which KEKs of the vendor's may have sealed them. By default they are in the store
         * of the keychains, and sealed by the KEK of their seal; a slot that is sealed by another one makes the answer no.
         *
         * @param store the store of the slots
         * @param vendorKek the KEK that wraps uploaded keys, as of {@link io.keywrap.byok.ByokKms#builder}
         * @param others KEKs that are accepted beside it
         * @return this
         */
        public Question slots(StoreNotes store, KekId vendorKek, KekId... others) {
            notes = Optional.of(store);
            slotKeks.clear();
            slotKeks.add(vendorKek);
            slotKeks.addAll(List.of(others));
            return this;
        }

        /**
         * Reads every record and slot of the store, checks its seal, and reads the envelopes. It calls the KEK of the seal, and
         * {@code status()} of KEKs that new wraps are made under, where a version is asked for; and of aliases, which may point to
         * the key that is asked for. No other.
         *
         * @param store the store
         * @param providers the KEKs
         * @param seal who vouches for the records
         * @return the answer, as of the time while it was read
         * @throws io.keywrap.StoreUnavailableException if the store cannot be read
         * @throws io.keywrap.KekException if the KEK of the seal cannot be used
         */
        public Dependents read(KeychainStore store, KeyProviders providers, KeychainSeal seal) {
            DependentsTally tally = new DependentsTally(new KekQuestion(kekId, version), version.isPresent(), all);
            tally.read(store, providers, seal, slotsOf(store, seal));
            envelopes.forEach(some -> some.forEach(tally::add));
            return new Dependents(kekId, version, tally);
        }

        private DependentSlots slotsOf(KeychainStore store, KeychainSeal seal) {
            Optional<StoreNotes> own = store instanceof StoreNotes some ? Optional.of(some) : Optional.empty();
            return slotKeks.isEmpty()
                    ? new DependentSlots(own, seal.kekId(), Set.of())
                    : new DependentSlots(notes, slotKeks.get(0), Set.copyOf(slotKeks));
        }
    }
}
