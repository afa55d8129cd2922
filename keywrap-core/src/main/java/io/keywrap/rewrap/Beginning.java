package io.keywrap.rewrap;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.crypto.Jca;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.floe.FloeMessage;
import io.keywrap.floe.FloeMessage.Keyed;
import io.keywrap.floe.FloeParameters;
import java.io.IOException;
import java.io.InputStream;

/**
 * What stands in front of the segments of an envelope; not authenticated.
 *
 * @param header the header
 * @param floeHeader that of the payload, which authenticates the bound part
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Beginning(EnvelopeHeader header, byte[] floeHeader) {
    static Beginning read(InputStream envelope) throws IOException {
        EnvelopeHeader header = EnvelopeHeader.read(envelope);
        return new Beginning(header, FloeParameters.readHeader(envelope));
    }

    /** The key context of the DEK, as the header claims it. */
    EncryptionContext keyContext() {
        return EncryptionContext.ofDek(header.keychainId(), header.dekId(), header.keyContext());
    }

    /** Authenticates the bound part: the tag commits to the key, so no other DEK can have encrypted the payload. */
    FloeMessage proven(DekLease lease, Jca jca) {
        byte[] aad = header.associatedData();
        return lease.withBytes(dek -> FloeMessage.startDecryption(new Keyed(dek, aad), floeHeader, jca));
    }
}
