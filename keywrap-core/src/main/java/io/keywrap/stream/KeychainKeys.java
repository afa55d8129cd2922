package io.keywrap.stream;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The DEKs of one keychain. */
final class KeychainKeys implements EnvelopeKeys {
    private final Keychain keychain;
    private volatile Optional<EnvelopeHeader> known = Optional.empty();
    private volatile @Nullable Begun lastBegun;

    KeychainKeys(Keychain keychain) {
        this.keychain = keychain;
    }

    @Override
    public NewEnvelope forWriting() {
        DekLease lease = keychain.primary(Usage.ENVELOPES);
        try {
            return new NewEnvelope(lease, begun(keychain.record(), lease.dekId()));
        } catch (RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    /** The header of new envelopes, but for their objects; the same until there is another record or primary DEK. */
    @SuppressWarnings("ReferenceEquality") // One record is read, and used until there is a newer one.
    private EnvelopeHeader begun(KeychainRecord record, DekId dekId) {
        @Nullable Begun last = lastBegun;
        if (last != null && last.record() == record && last.header().dekId().equals(dekId)) {
            return last.header();
        }
        EnvelopeHeader.Builder header =
                EnvelopeHeader.builder(record.keychainId(), dekId).keyContext(record.keyContext());
        if (record.portable()) {
            DekEntry entry = record.dek(dekId).orElseThrow();
            header.recipients(entry.wraps().stream()
                    .filter(wrap -> wrap.role() != Role.RETAINED)
                    .map(Wrap::wrapped)
                    .toList());
        }
        Begun next = new Begun(record, header.build());
        lastBegun = next;
        return next.header();
    }

    private record Begun(KeychainRecord record, EnvelopeHeader header) {}

    @Override
    public Optional<EnvelopeHeader> known() {
        return known;
    }

    /** Keeps no object context, nor the wraps of a portable envelope, which are never taken over from another one. */
    @Override
    public void authenticated(EnvelopeHeader header) {
        Optional<EnvelopeHeader> before = known;
        if (before.isEmpty() || !before.get().dekId().equals(header.dekId())) {
            known = Optional.of(EnvelopeHeader.builder(header.keychainId(), header.dekId())
                    .keyContext(header.keyContext())
                    .build());
        }
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
