package io.keywrap.stream;

import io.keywrap.crypto.Jca.Slice;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** One segment after the other, in the caller's thread. */
enum SequentialEngine implements SegmentEngine {
    INSTANCE;

    @Override
    public void encrypt(OpenedEnvelope envelope, InputStream plaintext, OutputStream payload) throws IOException {
        byte[] buffer = new byte[envelope.parameters().plaintextBytes()];
        try (SegmentWriter writer = new SegmentWriter(envelope, payload)) {
            for (int n = Fully.read(plaintext, buffer); n > 0; n = Fully.read(plaintext, buffer)) {
                writer.write(buffer, 0, n);
            }
            writer.finish();
        } finally {
            Fully.wipe(buffer);
        }
    }

    @Override
    public void decrypt(OpenedEnvelope envelope, InputStream payload, OutputStream plaintext) throws IOException {
        try (SegmentReader reader = new SegmentReader(envelope, payload)) {
            for (@Nullable Slice part = reader.next(); part != null; part = reader.next()) {
                plaintext.write(part.array(), part.offset(), part.length());
            }
        }
    }
}
