package io.keywrap.rewrap;

import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.byok.SlotStatus;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.proof.SealedRecords;
import io.keywrap.proof.SealedScan;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.EnvelopeSource;
import io.keywrap.rewrap.Dependents.Count;
import io.keywrap.rewrap.Dependents.Dependent;
import io.keywrap.rewrap.Dependents.Need;
import io.keywrap.rewrap.Dependents.Slot;
import io.keywrap.rewrap.Dependents.Unknown;
import io.keywrap.rewrap.KekQuestion.Match;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Wrap;
import io.keywrap.store.KeychainStore;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts what depends on a KEK, in bounded memory. Not thread-safe until all is counted. */
final class DependentsTally {
    private static final int MOST = Dependents.MOST_NAMED;

    private final KekQuestion question;
    private final boolean ofVersion;
    private final boolean allEnvelopes;
    private final Map<Need, Count> counts = new EnumMap<>(Need.class);
    private final List<Dependent> keychains = new ArrayList<>();
    private final List<String> envelopes = new ArrayList<>();
    private final List<Slot> slots = new ArrayList<>();
    private final List<Unknown> unknown = new ArrayList<>();
    private final SortedSet<String> versions = new TreeSet<>();
    /** KEKs that new wraps are made under, where a version of them is asked for. */
    private final Map<String, KekId> inUse = new TreeMap<>();

    private final List<String> current = new ArrayList<>();
    private int lookedAt;
    private int keychainCount;
    private int envelopeCount;
    private int slotsLookedAt;
    private int slotCount;
    private long slotKeys;
    private long slotSeals;
    private int unknownRecords;
    private int unknownSlots;
    private int unknownEnvelopes;
    private long untold;
    private Optional<Instant> lastUntil = Optional.empty();
    private boolean endless;

    DependentsTally(KekQuestion question, boolean ofVersion, boolean allEnvelopes) {
        this.question = question;
        this.ofVersion = ofVersion;
        this.allEnvelopes = allEnvelopes;
    }

    void read(KeychainStore store, KeyProviders providers, KeychainSeal seal, DependentSlots from) {
        SealedRecords records = new SealedRecords(store, providers, seal.kekId());
        boolean all = new SealedScan(store, records, this::add, this::unknownRecord).over(KeychainFilter.all());
        SealedScan.leftOut(all, store).forEach(one -> unknownRecord(one.place(), one.reason()));
        use(seal.kekId());
        from.read(providers, this::add, this::unknownSlot);
        from.wrappedBy().ifPresent(this::use);
        inUse.values().forEach(kekId -> askForCurrent(kekId, providers));
    }

    private void add(KeychainRecord record) {
        lookedAt++;
        Map<Need, Integer> needs = new EnumMap<>(Need.class);
        for (DekEntry entry : record.deks()) {
            for (Wrap wrap : entry.wraps()) {
                if (isNeeded(wrap.wrapped())) {
                    needs.merge(needOf(wrap.role()), 1, Integer::sum);
                }
            }
        }
        if (isNeeded(record.sealKey())) {
            needs.put(Need.SEAL, 0);
        }
        addRecipients(record, needs);
        if (!needs.isEmpty()) {
            Optional<Instant> until = needs.containsKey(Need.RETAINED) ? until(record) : Optional.empty();
            keychainCount++;
            needs.forEach((need, deks) -> counts.merge(need, new Count(1, deks), DependentsTally::sum));
            add(keychains, new Dependent(record.keychainId(), needs, until));
        }
    }

    private static Need needOf(Role role) {
        return switch (role) {
            case CONTROL -> Need.CONTROL;
            case REPLICA -> Need.REPLICA;
            case RETAINED -> Need.RETAINED;
        };
    }

    private static Count sum(Count one, Count other) {
        return new Count(one.keychains() + other.keychains(), one.deks() + other.deks());
    }

    private boolean isNeeded(WrappedDek wrap) {
        return isNeeded(wrap.kekId(), wrap.kekVersion());
    }

    private boolean isNeeded(KekId kekId, String kekVersion) {
        Match match = question.of(kekId, kekVersion);
        if (question.mayNeed(kekId) && !kekVersion.isEmpty() && versions.size() < MOST) {
            versions.add(kekVersion);
        }
        untold += match == Match.UNTOLD ? 1 : 0;
        return match != Match.OTHER;
    }

    private void add(SlotStatus status) {
        slotsLookedAt++;
        int keys = 0;
        for (SlotStatus.Version version : status.versions()) {
            keys += version.wrap().filter(this::isNeeded).isPresent() ? 1 : 0;
        }
        boolean seal = isNeeded(status.seal());
        if (keys > 0 || seal) {
            slotCount++;
            slotKeys += keys;
            slotSeals += seal ? 1 : 0;
            add(slots, new Slot(status.slot(), keys, seal));
        }
    }

    private boolean isNeeded(SlotStatus.Wrap wrap) {
        return isNeeded(wrap.kekId(), wrap.kekVersion());
    }

    /** Whom new DEKs are wrapped to, and whose wraps envelopes may carry. */
    private void addRecipients(KeychainRecord record, Map<Need, Integer> needs) {
        for (Recipient recipient : record.recipients()) {
            if (!question.mayNeed(recipient.kekId()) && !question.mayPointToIt(recipient.kekId())) {
                continue;
            }
            if (record.portable() && !allEnvelopes) {
                needs.put(Need.ENVELOPES, 0);
            }
            if (recipient.role() != Role.RETAINED && !record.destroyed()) {
                if (isWhole(recipient.kekId())) {
                    needs.put(Need.NEW_DEKS, 0);
                } else {
                    use(recipient.kekId());
                }
            }
        }
    }

    /** Whether the question is for all versions of a KEK. */
    private boolean isWhole(KekId kekId) {
        return !ofVersion && question.names(kekId);
    }

    private void use(KekId kekId) {
        if ((question.mayNeed(kekId) && !isWhole(kekId)) || question.mayPointToIt(kekId)) {
            inUse.put(kekId.uri(), kekId);
        }
    }

    /** The time of the last RETAINED wrap of a record. */
    private Optional<Instant> until(KeychainRecord record) {
        List<Optional<Instant>> times = record.recipients().stream()
                .filter(recipient -> recipient.role() == Role.RETAINED && question.mayNeed(recipient.kekId()))
                .map(Recipient::until)
                .toList();
        if (times.isEmpty() || times.stream().anyMatch(Optional::isEmpty)) {
            endless = true;
            return Optional.empty();
        }
        Optional<Instant> last = times.stream().flatMap(Optional::stream).max(Comparator.naturalOrder());
        lastUntil = lastUntil
                .filter(known -> last.filter(known::isBefore).isEmpty())
                .or(() -> last);
        return last;
    }

    /** New wraps are made under the current version, whether or not there are any yet. */
    private void askForCurrent(KekId kekId, KeyProviders providers) {
        try {
            Optional<String> version = providers
                    .provider(kekId)
                    .status(providers.foregroundDeadline())
                    .currentVersion();
            if (version.isEmpty()) {
                current.add("new wraps are made under " + kekId + ", which does not tell its current version");
            } else if (question.mayPointToIt(kekId)) {
                if (question.isIt(version.get())) {
                    current.add("new wraps are made under " + kekId
                            + ", which points to it: move its keychains, or have it point to another key");
                }
            } else if (question.isVersion(version.get())) {
                current.add("it is the current version of " + kekId
                        + ", which new wraps are made under: have a newer version made first");
            }
        } catch (KekException e) {
            current.add("new wraps are made under " + kekId + ", and its current version could not be asked for: "
                    + e.getMessage());
        }
    }

    /** Reads the header of an envelope. */
    void add(EnvelopeSource source) {
        EnvelopeHeader header;
        try (InputStream in = source.open()) {
            header = EnvelopeHeader.read(in);
        } catch (IOException | RuntimeException e) { // Clients of buckets throw what they like.
            unknownEnvelopes++;
            add(unknown, new Unknown(source.name(), "the envelope cannot be read: " + e.getMessage()));
            return;
        }
        long carried = header.recipients().stream().filter(this::isNeeded).count();
        if (carried > 0) {
            envelopeCount++;
            add(envelopes, source.name());
        }
    }

    private void unknownRecord(String place, String reason) {
        unknownRecords++;
        add(unknown, new Unknown(place, reason));
    }

    /** A slot needs a KEK to open, and no DEK of the store that is not wrapped to the slot. */
    private void unknownSlot(String place, String reason) {
        unknownSlots++;
        add(unknown, new Unknown(place, reason));
    }

    private static <T> void add(List<T> named, T one) {
        if (named.size() < MOST) {
            named.add(one);
        }
    }

    Count count(Need need) {
        return counts.getOrDefault(need, new Count(0, 0));
    }

    List<Dependent> keychains() {
        return List.copyOf(keychains);
    }

    List<String> envelopes() {
        return List.copyOf(envelopes);
    }

    List<Unknown> unknown() {
        return List.copyOf(unknown);
    }

    SortedSet<String> versions() {
        return versions;
    }

    /** Why the current version stands against it. */
    List<String> current() {
        return List.copyOf(current);
    }

    boolean isOfAlias() {
        return question.isAlias();
    }

    int lookedAt() {
        return lookedAt;
    }

    int keychainCount() {
        return keychainCount;
    }

    List<Slot> slots() {
        return List.copyOf(slots);
    }

    int slotsLookedAt() {
        return slotsLookedAt;
    }

    int slotCount() {
        return slotCount;
    }

    /** How many uploaded keys it has wrapped. */
    long slotKeys() {
        return slotKeys;
    }

    /** How many seals of slots. */
    long slotSeals() {
        return slotSeals;
    }

    int envelopeCount() {
        return envelopeCount;
    }

    int unknownRecords() {
        return unknownRecords;
    }

    int unknownCount() {
        return unknownRecords + unknownSlots + unknownEnvelopes;
    }

    long untold() {
        return untold;
    }

    /** When the last RETAINED wrap may be dropped; empty if one has no end, or there are none. */
    Optional<Instant> lastUntil() {
        return endless ? Optional.empty() : lastUntil;
    }
}
