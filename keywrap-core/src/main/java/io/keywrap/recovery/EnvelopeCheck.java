package io.keywrap.recovery;

import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.recovery.Finding.Kind;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Tells whether a store has the DEKs of envelopes. Keeps the records that were asked for last. For one thread. */
final class EnvelopeCheck {
    private static final int MAX_RECORDS = 64;

    private final Function<String, Optional<KeychainRecord>> lookup;
    private final Map<String, Optional<KeychainRecord>> lastUsed = new LinkedHashMap<>(MAX_RECORDS, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Optional<KeychainRecord>> eldest) {
            return size() > MAX_RECORDS;
        }
    };

    EnvelopeCheck(Function<String, Optional<KeychainRecord>> lookup) {
        this.lookup = lookup;
    }

    Optional<Finding> check(EnvelopeSource envelope) {
        EnvelopeHeader header;
        try (InputStream in = envelope.open()) {
            header = EnvelopeHeader.read(in);
        } catch (IOException | RuntimeException e) { // Clients of buckets throw what they like.
            return Optional.of(
                    Finding.of(Kind.ENVELOPE_REFUSED, envelope.name(), "it cannot be read: " + e.getMessage()));
        }
        if (header.keychainId().equals(StoreExport.KEYCHAIN_ID)) {
            return Optional.empty(); // An export needs nothing but the KEK of the seal.
        }
        Optional<KeychainRecord> record = lastUsed.computeIfAbsent(header.keychainId(), lookup);
        if (record.isEmpty()) {
            return missing(envelope, header, "keychain '" + header.keychainId() + "' is not in the store, or broken");
        }
        Optional<DekEntry> entry = record.get().dek(header.dekId()).filter(dek -> dek.usage() == Usage.ENVELOPES);
        if (entry.isEmpty()) {
            return missing(envelope, header, "keychain '" + header.keychainId() + "' does not have its DEK");
        }
        if (entry.get().state() == State.DESTROYED) {
            return missing(envelope, header, "its DEK was destroyed on purpose");
        }
        return Optional.empty();
    }

    private static Optional<Finding> missing(EnvelopeSource envelope, EnvelopeHeader header, String why) {
        String remedy = header.recipients().isEmpty() ? "; import an export" : "; import an export, or rebuild from it";
        return Optional.of(Finding.ofDek(Kind.DEK_MISSING, envelope.name(), header.dekId(), why + remedy));
    }
}
