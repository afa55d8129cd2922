package io.keywrap.recovery;

import io.keywrap.KekId;
import io.keywrap.proof.Succession;
import io.keywrap.recovery.Finding.Kind;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Two records of one keychain, held against each other: the store's and the export's.
 *
 * <p>Where one follows the other, it says what is true. Where both went on from a common record, the outcome has the DEKs
 * of both, each in the later of its states: what either side has rotated away or destroyed stays so.
 */
final class Comparison {
    private final KeychainRecord kept;
    private final KeychainRecord exported;
    private final KeychainRecord latest;
    private final List<DekEntry> merged;

    Comparison(KeychainRecord kept, KeychainRecord exported) {
        this.kept = kept;
        this.exported = exported;
        boolean keptIsLatest = kept.revision() >= exported.revision();
        this.latest = keptIsLatest ? kept : exported;
        this.merged = merged(latest, keptIsLatest ? exported : kept);
    }

    /** A repair is not undone by a branch that knows nothing of it: the KEKs that it has taken out may be gone by now. */
    private static List<Wrap> wraps(KeychainRecord latest, DekEntry entry, KeychainRecord other, DekEntry known) {
        boolean repairedThere = latest.recipients().equals(other.recipients())
                && known.state() != State.DESTROYED
                && other.missing(known).size() < latest.missing(entry).size();
        return repairedThere ? known.wraps() : entry.wraps();
    }

    private static List<DekEntry> merged(KeychainRecord latest, KeychainRecord other) {
        List<DekEntry> entries = new ArrayList<>();
        EnumSet<Usage> primaries = EnumSet.noneOf(Usage.class);
        for (DekEntry entry : latest.deks()) {
            DekEntry joined = other.dek(entry.id())
                    .map(known -> joined(entry, known, wraps(latest, entry, other, known)))
                    .orElse(entry);
            entries.add(joined);
            if (joined.state() == State.PRIMARY) {
                primaries.add(joined.usage());
            }
        }
        for (DekEntry entry : other.deks()) {
            if (latest.dek(entry.id()).isEmpty()) {
                boolean second = entry.state() == State.PRIMARY && !primaries.add(entry.usage());
                entries.add(second ? entry.inState(State.DECRYPT_ONLY) : entry);
            }
        }
        return latest.destroyed() || other.destroyed()
                ? entries.stream().map(entry -> entry.inState(State.DESTROYED)).toList()
                : entries;
    }

    private static DekEntry joined(DekEntry latest, DekEntry known, List<Wrap> all) {
        State state = latest.state().compareTo(known.state()) > 0 ? latest.state() : known.state();
        Instant createdAt = latest.createdAt().isBefore(known.createdAt()) ? latest.createdAt() : known.createdAt();
        List<Wrap> wraps = state == State.DESTROYED ? List.of() : all;
        return new DekEntry(latest.id(), latest.usage(), state, createdAt, latest.checkValue(), wraps);
    }

    /** Why nobody but a person can join them; empty if they can be joined. */
    Optional<String> obstacle() {
        Optional<String> contradiction = Succession.contradiction(kept, exported);
        if (contradiction.isPresent()) {
            return Optional.of("store and export have two keychains of one id (" + contradiction.get()
                    + "); find out which one your data belongs to, move the store's record aside if it is the"
                    + " export's, import, and rebuild from the envelopes that were written under the other");
        }
        boolean sameChoice = kept.keyManagement() == exported.keyManagement()
                && kept.recipients().equals(exported.recipients())
                && kept.writeQuorum() == exported.writeQuorum();
        if (!sameChoice && forked()) {
            return Optional.of(
                    "store and export went different ways, and name different KEKs: give the store's keychain"
                            + " the KEKs that hold, by a change of its key management, and import again");
        }
        return vetoes().isEmpty() ? Optional.empty() : Optional.of(vetoLost());
    }

    /**
     * CONTROL KEKs of the earlier record that are none in the later one, where nothing proves that the later one knew of them.
     *
     * <p>What names other KEKs makes new primaries, so that a branch which did so has DEKs that the other lacks. A change of roles
     * among the same KEKs leaves no such trace; it takes two KEKs. Nor is there one where there was no primary.
     */
    private Set<KekId> vetoes() {
        KeychainRecord earlier = keptIsLatest() ? exported : kept;
        Set<KekId> control = keks(earlier, Role.CONTROL);
        boolean traceless = control.size() + keks(earlier, Role.REPLICA).size() > 1
                || earlier.deks().stream().noneMatch(entry -> entry.state() == State.PRIMARY);
        if (!traceless) {
            return Set.of();
        }
        control.removeAll(keks(latest, Role.CONTROL));
        return control;
    }

    private String vetoLost() {
        return keptIsLatest()
                ? "in the export " + vetoes()
                        + " can close the keychain, in the store it cannot: if its owner has agreed to that"
                        + " since, there is nothing to do; else give it the role CONTROL in the store's keychain again, by"
                        + " changeRecipients"
                : "in the store " + vetoes()
                        + " can close the keychain, and after an import it could not: name the export's"
                        + " recipients in the store's keychain, by changeRecipients, which asks the KEK for its consent, and"
                        + " import again; if the KEK is gone, make sure that it was taken out on purpose, move the store's"
                        + " record aside, and import";
    }

    KeychainRecord latest() {
        return latest;
    }

    /** The DEKs of both, as they should be. */
    List<DekEntry> merged() {
        return merged;
    }

    /** Whether the later record has all that there is, as it should be. */
    boolean latestIsWhole() {
        return merged.equals(latest.deks());
    }

    boolean keptIsLatest() {
        return latest == kept;
    }

    /** What is missing in the store, or is there again that should not be. */
    void report(Consumer<Finding> findings) {
        Optional<String> contradiction = Succession.contradiction(kept, exported);
        if (contradiction.isPresent()) {
            findings.accept(Finding.of(
                    Kind.KEYCHAIN_MADE_ANEW,
                    kept.keychainId(),
                    "the store has a keychain of this id that was made at " + kept.createdAt() + ", the export one of "
                            + exported.createdAt() + " (" + contradiction.get()
                            + "); find out which one your data belongs to"));
            return;
        }
        reportRevisions(findings);
        for (DekEntry entry : exported.deks()) {
            State state = kept.dek(entry.id()).map(DekEntry::state).orElse(null);
            if (state == null && entry.state() != State.DESTROYED && !kept.destroyed()) {
                findings.accept(Finding.ofDek(
                        Kind.DEK_MISSING,
                        kept.keychainId(),
                        entry.id(),
                        "data under this DEK cannot be read until the export is imported"));
            } else if (state != null && state != State.DESTROYED && entry.state() == State.DESTROYED) {
                findings.accept(Finding.ofDek(
                        Kind.DEK_RESURRECTED,
                        kept.keychainId(),
                        entry.id(),
                        "it was destroyed, and the store has its wraps again; an import destroys it again"));
            }
        }
        if (!forked() && !vetoes().isEmpty()) {
            findings.accept(Finding.of(Kind.CONTROL_LOST, kept.keychainId(), vetoLost()));
        } else if (!keptIsLatest() || forked()) {
            Set<KekId> gone = keks(kept);
            gone.removeAll(keks(exported));
            String remedy = keptIsLatest()
                    ? "the export does not name it; find out whether it was taken out"
                    : "an import of the export takes it out";
            gone.forEach(kek -> findings.accept(Finding.of(
                    Kind.KEK_RESURRECTED, kept.keychainId(), "KEK " + kek + " can open its DEKs; " + remedy)));
        }
    }

    private void reportRevisions(Consumer<Finding> findings) {
        Kind kind = forked() ? Kind.KEYCHAIN_FORKED : keptIsLatest() ? Kind.KEYCHAIN_AHEAD : Kind.KEYCHAIN_BEHIND;
        findings.accept(Finding.of(
                kind,
                kept.keychainId(),
                "revision " + kept.revision() + " in the store, " + exported.revision() + " in the export"));
    }

    /** Whether both sides went on from a common record: the later one cannot have followed the other. */
    private boolean forked() {
        return kept.revision() == exported.revision()
                || Succession.violation(keptIsLatest() ? exported : kept, latest)
                        .isPresent();
    }

    private static Set<KekId> keks(KeychainRecord record, Role role) {
        return record.recipients().stream()
                .filter(recipient -> recipient.role() == role)
                .map(Recipient::kekId)
                .collect(Collectors.toCollection(Comparison::sorted));
    }

    private static Set<KekId> sorted() {
        return new TreeSet<>((a, b) -> a.uri().compareTo(b.uri()));
    }

    private static Set<KekId> keks(KeychainRecord record) {
        return Stream.concat(
                        record.recipients().stream().map(Recipient::kekId),
                        record.deks().stream()
                                .flatMap(entry -> entry.wraps().stream())
                                .map(wrap -> wrap.wrapped().kekId()))
                .collect(Collectors.toCollection(Comparison::sorted));
    }
}
