package io.keywrap.stream;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.envelope.EnvelopeHeader;

/** One DEK that is the same in every run, so that the corpus has genuine envelopes. */
final class FixedKeys implements EnvelopeKeys {
    static final EncryptionContext OBJECT = EncryptionContext.of("object", "a");

    private static final String KEYCHAIN = "fuzz";
    private static final DekId ID = DekId.of("000102030405060708090a0b0c0d0e0f");

    private static DekLease lease() {
        byte[] key = new byte[Dek.BYTES];
        key[0] = 1;
        return DekLease.takeOwnershipOf(Dek.takeOwnershipOf(ID, key));
    }

    @Override
    public NewEnvelope forWriting() {
        return new NewEnvelope(lease(), EnvelopeHeader.builder(KEYCHAIN, ID).build());
    }

    @Override
    public DekLease forReading(EnvelopeHeader header) {
        if (!header.keychainId().equals(KEYCHAIN) || !header.dekId().equals(ID)) {
            throw new AuthenticationFailedException(Check.DEK, "another keychain's");
        }
        return lease();
    }
}
