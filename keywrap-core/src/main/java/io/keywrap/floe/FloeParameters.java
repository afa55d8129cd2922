package io.keywrap.floe;

import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The parameters of a FLOE ciphertext and the arithmetic of its sizes.
 *
 * <p><b>Shape and units:</b> encoded as AEAD id 0 ‖ KDF id 0 ‖ segment length (u32) ‖ IV length 32 (u32).
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class FloeParameters {
    /** Length of the encoded parameters, in bytes. */
    public static final int ENCODED_BYTES = 10;

    /** Length of the FLOE header, parameters ‖ IV ‖ tag, in bytes. */
    public static final int HEADER_BYTES = 74;

    /** Most segments in a ciphertext. */
    public static final long MAX_SEGMENTS = 1L << 40;

    /** Encrypted segment length unless another is chosen, in bytes. */
    public static final int DEFAULT_SEGMENT_BYTES = 64 * 1024;

    /** Bytes that a segment has over its plaintext: length word, IV and tag. */
    public static final int SEGMENT_OVERHEAD_BYTES = 4 + 12 + 16;

    static final int IV_BYTES = 32;
    static final int TAG_BYTES = 32;

    private static final int ROTATION_BITS = 20;
    private static final List<FloeParameters> ACCEPTED = Stream.of(DEFAULT_SEGMENT_BYTES, 256 * 1024, 1024 * 1024)
            .map(bytes -> new FloeParameters(bytes, ROTATION_BITS))
            .toList();

    private final int segmentBytes;
    private final int rotationBits;
    private final byte[] encoded;

    private FloeParameters(int segmentBytes, int rotationBits) {
        this.segmentBytes = segmentBytes;
        this.rotationBits = rotationBits;
        this.encoded = ByteBuffer.allocate(ENCODED_BYTES)
                .put((byte) 0)
                .put((byte) 0)
                .putInt(segmentBytes)
                .putInt(IV_BYTES)
                .array();
    }

    /**
     * The parameters for a segment length.
     *
     * @param bytes encrypted segment length: 65,536, 262,144 or 1,048,576
     * @return the parameters
     * @throws IllegalArgumentException if it is another length
     */
    public static FloeParameters ofSegmentLength(int bytes) {
        for (FloeParameters accepted : ACCEPTED) {
            if (accepted.segmentBytes == bytes) {
                return accepted;
            }
        }
        throw new IllegalArgumentException("a segment has "
                + ACCEPTED.stream().map(FloeParameters::segmentBytes).toList() + " bytes, not " + bytes);
    }

    /** Parameters that only the published test vectors need; no parser accepts them. */
    static FloeParameters ofTestVector(int segmentBytes, int rotationBits) {
        return new FloeParameters(segmentBytes, rotationBits);
    }

    /**
     * Reads the parameters at the beginning of a FLOE header.
     *
     * @param header the header, at least {@value #ENCODED_BYTES} bytes
     * @return the parameters
     * @throws UnsupportedEnvelopeException if this release does not read such payloads
     */
    public static FloeParameters parse(byte[] header) {
        for (FloeParameters accepted : ACCEPTED) {
            if (Arrays.equals(accepted.encoded, 0, ENCODED_BYTES, header, 0, ENCODED_BYTES)) {
                return accepted;
            }
        }
        throw new UnsupportedEnvelopeException("the payload has parameters that this release does not read;"
                + " to do: use a newer release, or restore the envelope if its header was damaged");
    }

    /**
     * Reads a FLOE header whose parameters are accepted, and nothing after it.
     *
     * @param payload the payload, from its beginning; stays the caller's
     * @return {@value #HEADER_BYTES} bytes, not authenticated
     * @throws TruncatedEnvelopeException if it ends inside of the header
     * @throws UnsupportedEnvelopeException if this release does not read such payloads
     * @throws IOException if reading fails
     */
    public static byte[] readHeader(InputStream payload) throws IOException {
        byte[] header = new byte[HEADER_BYTES];
        if (payload.readNBytes(header, 0, HEADER_BYTES) < HEADER_BYTES) {
            throw new TruncatedEnvelopeException(
                    "the envelope ends inside of its payload's header; to do: restore it from another copy");
        }
        parse(header);
        return header;
    }

    /**
     * The canonical encoding.
     *
     * @return {@value #ENCODED_BYTES} bytes, a new array
     */
    public byte[] encoded() {
        return encoded.clone();
    }

    /**
     * Length of a full encrypted segment.
     *
     * @return bytes
     */
    public int segmentBytes() {
        return segmentBytes;
    }

    /**
     * Length of the plaintext in a full segment.
     *
     * @return bytes
     */
    public int plaintextBytes() {
        return segmentBytes - SEGMENT_OVERHEAD_BYTES;
    }

    /**
     * How long the segments of a plaintext are in all, without the header.
     *
     * @param plaintext length of the plaintext in bytes, not negative
     * @return bytes
     * @throws IllegalArgumentException if it needs more than {@link #MAX_SEGMENTS} segments
     */
    public long encryptedLength(long plaintext) {
        if (plaintext < 0 || plaintext > MAX_SEGMENTS * plaintextBytes()) {
            throw new IllegalArgumentException("no payload can hold " + plaintext + " bytes");
        }
        long segments = Math.max(1, (plaintext + plaintextBytes() - 1) / plaintextBytes());
        return plaintext + segments * SEGMENT_OVERHEAD_BYTES;
    }

    /**
     * How long the plaintext in segments of a total length is. Only the authenticated last segment proves it.
     *
     * @param encrypted length of all segments in bytes, without the header
     * @return bytes
     * @throws TruncatedEnvelopeException if the last segment would be too short to be one
     * @throws MalformedEnvelopeException if there would be too many segments
     */
    public long plaintextLength(long encrypted) {
        if (encrypted > MAX_SEGMENTS * segmentBytes) {
            throw new MalformedEnvelopeException("the payload has more than 2^40 segments");
        }
        long segments = (encrypted + segmentBytes - 1) / segmentBytes;
        if (encrypted - (segments - 1) * segmentBytes < SEGMENT_OVERHEAD_BYTES || segments == 0) {
            throw new TruncatedEnvelopeException(
                    "the payload is cut inside of a segment; to do: restore the envelope from another copy");
        }
        return encrypted - segments * SEGMENT_OVERHEAD_BYTES;
    }

    /** The first segment of those that share a key with this one. */
    long firstUnderSameKey(long segment) {
        return segment >>> rotationBits << rotationBits;
    }
}
