package io.keywrap.rewrap;

import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.floe.FloeMessage;
import io.keywrap.floe.FloeMessage.Keyed;
import io.keywrap.floe.FloeMessage.Segments;
import io.keywrap.floe.FloeParameters;
import io.keywrap.provider.KeyProviders;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** What somebody makes who may use a KEK: an envelope with another DEK under the ids of a true one. */
final class ForgedEnvelope {
    private ForgedEnvelope() {}

    static byte[] like(EnvelopeHeader header, WrappedDek planted, KeyProviders providers, byte[] data) {
        EnvelopeHeader forged = EnvelopeHeader.builder(header.keychainId(), header.dekId())
                .keyContext(header.keyContext())
                .objectContext(header.objectContext())
                .recipients(List.of(planted))
                .build();
        EncryptionContext context = EncryptionContext.ofDek(header.keychainId(), header.dekId(), header.keyContext());
        FloeParameters parameters = FloeParameters.ofSegmentLength(1 << 20);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(forged.toBytes());
        try (Dek dek = providers.provider(planted.kekId()).unwrap(planted, context, providers.foregroundDeadline());
                FloeMessage message = dek.withBytes(key -> FloeMessage.startEncryption(
                        new Keyed(key.clone(), forged.associatedData()), parameters, Jca.platform()));
                Segments segments = message.segments()) {
            out.writeBytes(message.header());
            byte[] sealed = new byte[(int) parameters.encryptedLength(data.length)];
            segments.encryptLast(0, Slice.of(data), sealed, 0);
            out.writeBytes(sealed);
        }
        return out.toByteArray();
    }
}
