package io.keywrap.stream;

import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeMessage.Segments;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** One segment after the other, in the caller's thread. */
enum SequentialEngine implements SegmentEngine {
    INSTANCE;

    /** Reads one segment ahead, since only the end of the source tells which segment is the last. */
    @Override
    public void encrypt(OpenedEnvelope envelope, InputStream plaintext, OutputStream payload) throws IOException {
        byte[] present = new byte[envelope.parameters().plaintextBytes()];
        byte[] ahead = new byte[present.length];
        byte[] sealed = new byte[envelope.parameters().segmentBytes()];
        try (Segments segments = envelope.segments()) {
            long next = 0;
            int length = Fully.read(plaintext, present);
            for (int more; length == present.length && (more = Fully.read(plaintext, ahead)) > 0; length = more) {
                envelope.ensureUsable();
                payload.write(sealed, 0, segments.encryptFull(next++, Slice.of(present), sealed, 0));
                byte[] spent = present;
                present = ahead;
                ahead = spent;
            }
            envelope.ensureUsable();
            payload.write(sealed, 0, segments.encryptLast(next, new Slice(present, 0, length), sealed, 0));
        } finally {
            Fully.wipe(present);
            Fully.wipe(ahead);
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
