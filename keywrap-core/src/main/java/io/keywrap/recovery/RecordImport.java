package io.keywrap.recovery;

import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.proof.SealedRecords;
import io.keywrap.recovery.Finding.Kind;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.util.Arrays;
import java.util.Optional;

/** Gives a store one record of an export, where that is right. */
final class RecordImport {
    private static final int MAX_ATTEMPTS = 8;

    private final KeychainStore store;
    private final SealedRecords records;

    RecordImport(KeychainStore store, SealedRecords records) {
        this.store = store;
        this.records = records;
    }

    Finding apply(KeychainRecord exported) {
        for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
            try {
                return attempt(exported);
            } catch (KeychainConflictException | KeychainExistsException e) {
                // Another process changed it meanwhile: look again.
            }
        }
        return refused(exported, "other processes change it all the time; import again when they rest");
    }

    private Finding attempt(KeychainRecord exported) {
        Optional<KeychainRecord> kept;
        try {
            kept = store.load(exported.keychainId());
            if (kept.isPresent() && Arrays.equals(kept.get().toBytes(), exported.toBytes())) {
                return finding(Kind.UNCHANGED, exported, "the store has the same record");
            }
            if (kept.isPresent()) {
                records.requireSealed(kept.get(), exported.keychainId());
            }
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException | StoreUnavailableException e) {
            return refused(
                    exported,
                    "what the store has cannot be believed; move it aside, keep it for an"
                            + " investigation, and import again. " + e.getMessage());
        }
        try {
            records.requireSealed(exported, exported.keychainId());
        } catch (KeychainSealBrokenException e) {
            return refused(exported, "what the export has cannot be believed: " + e.getMessage());
        }
        if (kept.isPresent()) {
            return join(kept.get(), exported);
        }
        records.add(exported);
        return finding(Kind.ADDED, exported, "with revision " + exported.revision());
    }

    private Finding join(KeychainRecord kept, KeychainRecord exported) {
        Comparison comparison = new Comparison(kept, exported);
        Optional<String> obstacle = comparison.obstacle();
        if (obstacle.isPresent()) {
            return refused(exported, obstacle.get());
        }
        KeychainRecord latest = comparison.latest();
        if (!comparison.latestIsWhole()) {
            KeychainRecord merged = records.replace(kept, latest, next -> next.deks(comparison.merged()));
            return finding(
                    Kind.MERGED,
                    merged,
                    "revision " + kept.revision() + " of the store and " + exported.revision()
                            + " of the export became " + merged.revision());
        }
        if (comparison.keptIsLatest()) {
            return finding(Kind.UNCHANGED, kept, "the store has revision " + kept.revision() + " and lacks nothing");
        }
        records.supersede(kept, exported);
        return finding(Kind.UPDATED, exported, "from revision " + kept.revision() + " to " + exported.revision());
    }

    private static Finding refused(KeychainRecord record, String why) {
        return finding(Kind.REFUSED, record, why);
    }

    private static Finding finding(Kind kind, KeychainRecord record, String detail) {
        return Finding.of(kind, record.keychainId(), detail);
    }
}
