package io.keywrap.rewrap;

import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.floe.FloeMessage;
import io.keywrap.floe.FloeMessage.Segments;
import io.keywrap.floe.FloeParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** That a payload has its end: its last segment is authentic, and stands where the length of the file says. */
final class PayloadEnd {
    private PayloadEnd() {}

    /**
     * Authenticates the last segment.
     *
     * @param message the payload, its header authenticated
     * @param file the envelope's file
     * @param payloadAt where its payload begins
     * @param length length of the file
     */
    static void require(FloeMessage message, FileChannel file, long payloadAt, long length) throws IOException {
        FloeParameters parameters = message.parameters();
        long segmentsAt = payloadAt + FloeParameters.HEADER_BYTES;
        long bytes = length - segmentsAt;
        parameters.plaintextLength(bytes);
        long segment = (bytes - 1) / parameters.segmentBytes();
        long at = segmentsAt + segment * parameters.segmentBytes();
        byte[] sealed = read(file, at, (int) (length - at));
        if (Segments.lengthWord(sealed, 0) == Segments.NOT_LAST) {
            throw new TruncatedEnvelopeException("the payload ends behind segment " + segment
                    + ", which is not the last; to do: restore the envelope from another copy");
        }
        byte[] plaintext = new byte[parameters.plaintextBytes()];
        try (Segments segments = message.segments()) {
            segments.decryptLast(segment, Slice.of(sealed), plaintext, 0);
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    private static byte[] read(FileChannel file, long from, int length) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(length);
        while (part.hasRemaining()) {
            if (file.read(part, from + part.position()) < 0) {
                throw new TruncatedEnvelopeException("the envelope became shorter while it was read");
            }
        }
        return part.array();
    }
}
