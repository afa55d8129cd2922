package io.keywrap.rewrap;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.Dek;
import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.KeychainNotFoundException;
import io.keywrap.WrappedDek;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** DEKs of one keychain, with the wraps that its sealed record has. */
final class KeychainDeks implements EnvelopeWraps {
    private final Keychain keychain;
    private final ProvenWraps proven;
    private final Set<DekId> looked = ConcurrentHashMap.newKeySet();

    KeychainDeks(KeyProviders providers, Keychain keychain) {
        if (!keychain.record().portable()) {
            throw new IllegalArgumentException(
                    "keychain '" + keychain.id() + "' is not portable, so its envelopes carry no"
                            + " wraps and stay as they are; re-wrap the keychain in its store");
        }
        this.keychain = keychain;
        this.proven = new ProvenWraps(providers);
    }

    @Override
    public DekLease open(Beginning old) {
        EnvelopeHeader header = old.header();
        if (!header.keychainId().equals(keychain.id())) {
            throw new AuthenticationFailedException(
                    Check.KEYCHAIN,
                    "the envelope belongs to keychain '" + header.keychainId() + "' and not to '" + keychain.id()
                            + "'; to do: re-wrap it with its own keychain");
        }
        if (!looked.contains(header.dekId())) {
            keychain.refresh(); // Another process may have re-wrapped it.
        }
        try {
            DekLease lease = keychain.lease(header.dekId(), Usage.ENVELOPES);
            looked.add(header.dekId());
            return lease;
        } catch (KeychainNotFoundException e) {
            if (e.dekId().isEmpty()) {
                throw e;
            }
            throw new AuthenticationFailedException(
                    Check.DEK,
                    "keychain '" + keychain.id() + "' has no DEK " + header.dekId() + " for envelopes; to do: check"
                            + " whether the store was restored from an older copy, or the envelope changed");
        }
    }

    @Override
    public List<WrappedDek> wanted(Beginning old, Dek dek) {
        DekEntry entry = keychain.record()
                .dek(dek.id())
                .filter(one -> one.state() != State.DESTROYED) // It may have been meanwhile, and has no wraps then.
                .orElseThrow(() -> new DekDestroyedException(keychain.id(), dek.id()));
        List<WrappedDek> wraps = entry.wraps().stream()
                .filter(wrap -> wrap.role() != Role.RETAINED)
                .map(Wrap::wrapped)
                .toList();
        wraps.forEach(wrap -> proven.require(wrap, dek, old.keyContext()));
        return wraps;
    }
}
