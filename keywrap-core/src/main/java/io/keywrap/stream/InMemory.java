package io.keywrap.stream;

import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeParameters;
import io.keywrap.floe.FloeSegments;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** Whole envelopes in byte arrays: segments go straight from array to array. */
final class InMemory {
    private InMemory() {}

    static byte[] encrypt(OpenedEnvelope envelope, byte[] plaintext) {
        FloeParameters parameters = envelope.parameters();
        byte[] headers = envelope.headers();
        byte[] out =
                Arrays.copyOf(headers, Math.toIntExact(headers.length + parameters.encryptedLength(plaintext.length)));
        int full = parameters.plaintextBytes();
        int at = headers.length;
        int from = 0;
        try (FloeSegments segments = envelope.segments()) {
            long next = 0;
            for (; plaintext.length - from > full; from += full) {
                at += segments.encryptFull(next++, new Slice(plaintext, from, full), out, at);
            }
            segments.encryptLast(next, new Slice(plaintext, from, plaintext.length - from), out, at);
        }
        return out;
    }

    static byte[] decrypt(byte[] bytes, Opening opening) {
        ByteArrayInputStream source = new ByteArrayInputStream(bytes);
        try (OpenedEnvelope envelope = opening.open(source);
                SegmentOpener opener = new SegmentOpener(envelope)) {
            FloeParameters parameters = envelope.parameters();
            byte[] out = new byte[capacity(source.available(), parameters)];
            return decrypt(new Slice(bytes, bytes.length - source.available(), source.available()), opener, out);
        } catch (IOException e) {
            throw new UncheckedIOException("arrays do not fail", e);
        }
    }

    /** The most plaintext that a payload can hold; whether it is a whole one shows segment by segment. */
    private static int capacity(int payload, FloeParameters parameters) {
        int full = payload / parameters.segmentBytes();
        int rest = payload % parameters.segmentBytes();
        return full * parameters.plaintextBytes() + Math.max(0, rest - FloeParameters.SEGMENT_OVERHEAD_BYTES);
    }

    private static byte[] decrypt(Slice payload, SegmentOpener opener, byte[] out) {
        int end = payload.offset() + payload.length();
        boolean done = false;
        try {
            int to = 0;
            for (int at = payload.offset(); !opener.ended(); ) {
                int n = Math.min(opener.segmentBytes(), end - at);
                to += opener.open(new Slice(payload.array(), at, n), out, to);
                at += n;
                if (opener.ended() && at < end) {
                    throw SegmentOpener.followed();
                }
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
