package io.keywrap.stream;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.DekLease;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;

/** The DEKs of one keychain. */
final class KeychainKeys implements EnvelopeKeys {
    private final Keychain keychain;

    KeychainKeys(Keychain keychain) {
        this.keychain = keychain;
    }

    @Override
    public NewEnvelope forWriting() {
        DekLease lease = keychain.primary(Usage.ENVELOPES);
        KeychainRecord record = keychain.record();
        EnvelopeHeader.Builder header =
                EnvelopeHeader.builder(record.keychainId(), lease.dekId()).keyContext(record.keyContext());
        if (record.portable()) {
            DekEntry entry = record.dek(lease.dekId()).orElseThrow();
            header.recipients(entry.wraps().stream()
                    .filter(wrap -> wrap.role() != Role.RETAINED)
                    .map(Wrap::wrapped)
                    .toList());
        }
        return new NewEnvelope(lease, header);
    }

    @Override
    public DekLease forReading(EnvelopeHeader header) {
        if (!header.keychainId().equals(keychain.id())) {
            throw new AuthenticationFailedException(
                    Check.KEYCHAIN,
                    "the envelope belongs to keychain '" + header.keychainId() + "' and not to '" + keychain.id()
                            + "'; to do: open it with its own keychain, or find out why it was presented as this one's");
        }
        try {
            return keychain.lease(header.dekId(), Usage.ENVELOPES);
        } catch (KeychainNotFoundException e) {
            if (e.dekId().isEmpty()) {
                throw e; // The keychain itself is gone from the store, which says nothing of the envelope.
            }
            throw new AuthenticationFailedException(
                    Check.DEK,
                    "keychain '" + keychain.id() + "' has no DEK " + header.dekId() + " for envelopes; to do: check"
                            + " whether the store was restored from an older copy, or the envelope changed");
        }
    }
}
