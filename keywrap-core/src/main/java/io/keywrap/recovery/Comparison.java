package io.keywrap.recovery;

import io.keywrap.KekId;
import io.keywrap.recovery.Finding.Kind;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Two records of one keychain, held against each other: the store's and the export's.
 *
 * <p>The later one says what is true. What it lacks of the other's DEKs is added, for data may be encrypted under them; a
 * DEK that either has destroyed stays destroyed.
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

    private static List<DekEntry> merged(KeychainRecord latest, KeychainRecord other) {
        List<DekEntry> entries = new ArrayList<>();
        for (DekEntry entry : latest.deks()) {
            boolean destroyed = other.dek(entry.id())
                    .filter(known -> known.state() == State.DESTROYED)
                    .isPresent();
            entries.add(destroyed ? entry.inState(State.DESTROYED) : entry);
        }
        for (DekEntry entry : other.deks()) {
            if (latest.dek(entry.id()).isEmpty()) {
                entries.add(entry.state() == State.PRIMARY ? entry.inState(State.DECRYPT_ONLY) : entry);
            }
        }
        return entries;
    }

    /** Keychains of one id that were made at different times have nothing to do with each other. */
    boolean madeAnew() {
        return !kept.sealKey().equals(exported.sealKey()) || !kept.createdAt().equals(exported.createdAt());
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
        if (madeAnew()) {
            findings.accept(Finding.of(
                    Kind.KEYCHAIN_MADE_ANEW,
                    kept.keychainId(),
                    "the store has a keychain of this id that was made at " + kept.createdAt() + ", the export one of "
                            + exported.createdAt() + "; find out which one your data belongs to"));
            return;
        }
        reportRevisions(findings);
        for (DekEntry entry : exported.deks()) {
            State state = kept.dek(entry.id()).map(DekEntry::state).orElse(null);
            if (state == null && entry.state() != State.DESTROYED) {
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
        if (!keptIsLatest() || forked()) {
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

    /** Whether both sides went on from a common record. */
    private boolean forked() {
        return kept.revision() == exported.revision() || lacks(kept, exported) && lacks(exported, kept);
    }

    private static boolean lacks(KeychainRecord record, KeychainRecord other) {
        return other.deks().stream().anyMatch(entry -> record.dek(entry.id()).isEmpty());
    }

    private static Set<KekId> keks(KeychainRecord record) {
        return Stream.concat(
                        record.recipients().stream().map(Recipient::kekId),
                        record.deks().stream()
                                .flatMap(entry -> entry.wraps().stream())
                                .map(wrap -> wrap.wrapped().kekId()))
                .collect(Collectors.toCollection(
                        () -> new TreeSet<>((a, b) -> a.uri().compareTo(b.uri()))));
    }
}
