package io.keywrap.stream;

import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeMessage.Segments;
import io.keywrap.floe.FloeParameters;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** Whole envelopes in byte arrays: segments go straight from array to array. */
final class InMemory {
    private static final int MAX_ARRAY_BYTES = Integer.MAX_VALUE - 8;

    private InMemory() {}

    static byte[] encrypt(OpenedEnvelope envelope, byte[] plaintext) {
        FloeParameters parameters = envelope.parameters();
        byte[] headers = envelope.headers();
        long length = headers.length + parameters.encryptedLength(plaintext.length);
        if (length > MAX_ARRAY_BYTES) {
            throw new IllegalArgumentException(
                    "the envelope would have " + length + " bytes, too many for an array; use streams or files");
        }
        byte[] out = Arrays.copyOf(headers, (int) length);
        int full = parameters.plaintextBytes();
        int at = headers.length;
        int from = 0;
        try (Segments segments = envelope.segments()) {
            long next = 0;
            for (; plaintext.length - from > full; from += full) {
                envelope.ensureUsable();
                at += segments.encryptFull(next++, new Slice(plaintext, from, full), out, at);
            }
            envelope.ensureUsable();
            segments.encryptLast(next, new Slice(plaintext, from, plaintext.length - from), out, at);
        }
        return out;
    }

    static byte[] decrypt(byte[] bytes, Opening opening) {
        ByteArrayInputStream source = new ByteArrayInputStream(bytes);
        try (OpenedEnvelope envelope = opening.open(source);
                SegmentOpener opener = new SegmentOpener(envelope)) {
            Slice payload = new Slice(bytes, bytes.length - source.available(), source.available());
            return decrypt(payload, opener, new byte[(int) plaintextBytes(payload.length(), envelope.parameters())]);
        } catch (IOException e) {
            throw new UncheckedIOException("arrays do not fail", e);
        }
    }

    /** Exact for a whole payload, and enough for what can be decrypted of any other. */
    static long plaintextBytes(long payload, FloeParameters parameters) {
        long full = payload / parameters.segmentBytes();
        long rest = payload % parameters.segmentBytes();
        return full * parameters.plaintextBytes() + Math.max(0, rest - FloeParameters.SEGMENT_OVERHEAD_BYTES);
    }

    private static byte[] decrypt(Slice payload, SegmentOpener opener, byte[] out) {
        int end = payload.offset() + payload.length();
        boolean done = false;
        try {
            int to = 0;
            int at = payload.offset();
            for (long segment = 0; !opener.wasLast(); segment++) {
                int n = Math.min(opener.segmentBytes(), end - at);
                to += opener.open(segment, new Slice(payload.array(), at, n), out, to);
                at += n;
            }
            if (at < end) {
                throw SegmentOpener.followed();
            }
            done = true;
            return out;
        } finally {
            if (!done) {
                Fully.wipe(out);
            }
        }
    }

    /** Reads the headers of an envelope. */
    interface Opening {
        OpenedEnvelope open(InputStream envelope) throws IOException;
    }
}
