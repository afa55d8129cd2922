package io.keywrap.stream;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.proof.CarriedWraps;
import io.keywrap.provider.KeyProviders;
import java.util.Optional;
import java.util.Set;

/** The DEKs that portable envelopes carry, under KEKs that the caller allows. They are held against the header's tag. */
final class PortableKeys implements EnvelopeKeys {
    private final CarriedWraps wraps;
    private final Optional<String> keychainId;

    PortableKeys(KeyProviders providers, Set<KekId> allowed, Optional<String> keychainId) {
        this(new CarriedWraps(providers, allowed), keychainId);
    }

    private PortableKeys(CarriedWraps wraps, Optional<String> keychainId) {
        this.wraps = wraps;
        this.keychainId = keychainId;
    }

    @Override
    public PortableKeys expecting(String id) {
        return new PortableKeys(wraps, Optional.of(id));
    }

    @Override
    public NewEnvelope forWriting() {
        throw new IllegalStateException("a cipher for portable envelopes only decrypts; to encrypt, use a keychain");
    }

    @Override
    public DekLease forReading(EnvelopeHeader header) {
        if (!header.keychainId().equals(keychainId.orElse(header.keychainId()))) {
            throw new AuthenticationFailedException(
                    Check.KEYCHAIN,
                    "the envelope belongs to keychain '" + header.keychainId() + "' and not to '" + keychainId.get()
                            + "'; to do: find out why it was presented as this one's");
        }
        EncryptionContext context = EncryptionContext.ofDek(header.keychainId(), header.dekId(), header.keyContext());
        return wraps.lease(header.dekId(), header.recipients(), context);
    }
}
