package io.keywrap.recovery;

import io.keywrap.KekId;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.TimeSource;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.proof.ReservedIds;
import io.keywrap.proof.SealedRecords;
import io.keywrap.recovery.EnvelopeProof.FoundDek;
import io.keywrap.recovery.EnvelopeProof.FoundKeychain;
import io.keywrap.recovery.Finding.Kind;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import io.keywrap.store.KeychainStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Gives a store what envelopes told of one keychain. */
final class RecordRebuild {
    private final KeychainStore store;
    private final SealedRecords records;
    private final TimeSource time;

    RecordRebuild(KeychainStore store, SealedRecords records, TimeSource time) {
        this.store = store;
        this.records = records;
        this.time = time;
    }

    void apply(FoundKeychain found, Consumer<Finding> findings) {
        if (found.contradiction != null) {
            refuse(
                    found,
                    found.contradiction + "; find out which of them is genuine, and rebuild without the other",
                    findings);
            return;
        }
        try {
            Optional<KeychainRecord> kept = store.load(found.id);
            if (kept.isEmpty()) {
                create(found, findings);
            } else {
                records.requireSealed(kept.get(), found.id);
                extend(kept.get(), found, findings);
            }
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
            refuse(
                    found,
                    "what the store has cannot be believed; move it aside, keep it for an investigation, and"
                            + " rebuild again. " + e.getMessage(),
                    findings);
        } catch (KeychainConflictException | KeychainExistsException e) {
            refuse(found, "another process changed it meanwhile; rebuild again", findings);
        }
    }

    private void create(FoundKeychain found, Consumer<Finding> findings) {
        Optional<String> owner = ReservedIds.owner(found.id);
        if (owner.isPresent()) {
            refuse(
                    found,
                    "the id is reserved for " + owner.get() + ", and no keychain that keywrap has made has it; find out"
                            + " who has written these envelopes",
                    findings);
            return;
        }
        List<Recipient> recipients = found.deks.values().iterator().next().wraps().stream()
                .map(wrap -> new Recipient(Role.CONTROL, wrap.kekId()))
                .toList();
        Instant now = time.now();
        List<DekEntry> entries =
                found.deks.values().stream().map(dek -> entry(dek, now)).toList();
        records.create(
                found.id,
                record -> record.portable(true)
                        .keyContext(found.keyContext)
                        .recipients(recipients)
                        .deks(entries));
        report(found, entries, findings);
    }

    private void extend(KeychainRecord kept, FoundKeychain found, Consumer<Finding> findings) {
        if (!kept.portable() || !kept.keyContext().equals(found.keyContext)) {
            refuse(
                    found,
                    "the store has another keychain of this id: not portable, or of another key context",
                    findings);
            return;
        }
        if (kept.destroyed()) {
            refuse(found, "the keychain was destroyed on purpose", findings);
            return;
        }
        Instant now = time.now();
        List<DekEntry> missing = new ArrayList<>();
        for (FoundDek dek : found.deks.values()) {
            Optional<DekEntry> entry = kept.dek(dek.id());
            if (entry.isEmpty()) {
                missing.add(entry(dek, now));
            } else if (!entry.get().checkValue().equals(dek.checkValue())) {
                refuse(found, "the store has another key as DEK " + dek.id(), findings);
            }
        }
        if (missing.isEmpty()) {
            findings.accept(Finding.of(Kind.UNCHANGED, found.id, "the store lacks no DEK of these envelopes"));
            return;
        }
        List<DekEntry> all = new ArrayList<>(kept.deks());
        all.addAll(missing);
        records.replace(kept, next -> next.deks(all));
        report(found, missing, findings);
    }

    private static DekEntry entry(FoundDek dek, Instant now) {
        List<Wrap> wraps =
                dek.wraps().stream().map(wrap -> new Wrap(Role.CONTROL, wrap)).toList();
        return new DekEntry(dek.id(), Usage.ENVELOPES, State.DECRYPT_ONLY, now, dek.checkValue(), wraps);
    }

    private static void report(FoundKeychain found, List<DekEntry> entries, Consumer<Finding> findings) {
        for (DekEntry entry : entries) {
            String keks = entry.wraps().stream()
                    .map(wrap -> wrap.wrapped().kekId())
                    .map(KekId::uri)
                    .reduce((a, b) -> a + ", " + b)
                    .orElseThrow();
            findings.accept(Finding.ofDek(Kind.DEK_RECOVERED, found.id, entry.id(), "wrapped under " + keks));
        }
        findings.accept(Finding.of(Kind.REBUILT, found.id, "DEKs from its envelopes: " + entries.size()));
    }

    private static void refuse(FoundKeychain found, String why, Consumer<Finding> findings) {
        findings.accept(Finding.of(Kind.REFUSED, found.id, why));
    }
}
