package io.keywrap.floe;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;

/**
 * Encrypts and decrypts segments of one message: length word ‖ IV ‖ ciphertext ‖ tag.
 *
 * <p>Full segments and the last one have methods of their own, because a reader must never try both: whether a segment
 * is the last follows from its place alone. A wrong size is the caller's mistake and an
 * {@link IllegalArgumentException}.
 *
 * <p><b>Thread safety:</b> for one thread at a time.
 */
public final class FloeSegments implements AutoCloseable {
    /** Length of the length word in front of a segment, in bytes. */
    public static final int LENGTH_WORD_BYTES = 4;

    /** The length word of every segment that is not the last. */
    public static final int NOT_LAST = 0xFFFF_FFFF;

    private final FloeMessage message;
    private final FloeParameters parameters;
    private final Jca.Gcm gcm;
    private final byte[] aad = new byte[9];
    private long keyedFor = -1;

    FloeSegments(FloeMessage message, Jca jca) {
        this.message = message;
        this.parameters = message.parameters();
        this.gcm = jca.gcm(new byte[Jca.KEY_BYTES]);
    }

    /**
     * Encrypts a segment that others follow.
     *
     * @param segment its number, counted from 0
     * @param plaintext exactly {@link FloeParameters#plaintextBytes()} bytes
     * @param out receives {@link FloeParameters#segmentBytes()} bytes; must not overlap the plaintext
     * @param outOffset where in {@code out}
     * @return the bytes written
     */
    public int encryptFull(long segment, Slice plaintext, byte[] out, int outOffset) {
        if (plaintext.length() != parameters.plaintextBytes() || segment >= FloeParameters.MAX_SEGMENTS - 1) {
            throw new IllegalArgumentException("not a full segment, or no place for one more");
        }
        return encrypt(segment, false, plaintext, out, outOffset);
    }

    /**
     * Encrypts the last segment.
     *
     * @param segment its number, counted from 0
     * @param plaintext 0 to {@link FloeParameters#plaintextBytes()} bytes
     * @param out receives the segment; must not overlap the plaintext
     * @param outOffset where in {@code out}
     * @return the bytes written
     */
    public int encryptLast(long segment, Slice plaintext, byte[] out, int outOffset) {
        if (plaintext.length() > parameters.plaintextBytes()) {
            throw new IllegalArgumentException("longer than a segment");
        }
        return encrypt(segment, true, plaintext, out, outOffset);
    }

    /**
     * Decrypts a segment that others follow.
     *
     * @param segment its number, counted from 0
     * @param sealed exactly {@link FloeParameters#segmentBytes()} bytes
     * @param out receives the plaintext, and holds none of it after a failure; must not overlap
     * @param outOffset where in {@code out}
     * @return the bytes written
     * @throws MalformedEnvelopeException if its length word is that of a last segment
     * @throws AuthenticationFailedException if it is not authentic
     */
    public int decryptFull(long segment, Slice sealed, byte[] out, int outOffset) {
        if (sealed.length() != parameters.segmentBytes()) {
            throw new IllegalArgumentException("not a full segment");
        }
        requireLengthWord(segment, sealed, NOT_LAST);
        if (segment >= FloeParameters.MAX_SEGMENTS - 1) {
            throw new MalformedEnvelopeException("the payload has more than 2^40 segments");
        }
        return decrypt(segment, false, sealed, out, outOffset);
    }

    /**
     * Decrypts the last segment.
     *
     * @param segment its number, counted from 0
     * @param sealed {@value FloeParameters#SEGMENT_OVERHEAD_BYTES} to {@link FloeParameters#segmentBytes()} bytes
     * @param out receives the plaintext, and holds none of it after a failure; must not overlap
     * @param outOffset where in {@code out}
     * @return the bytes written
     * @throws MalformedEnvelopeException if its length word is not its length
     * @throws AuthenticationFailedException if it is not authentic
     */
    public int decryptLast(long segment, Slice sealed, byte[] out, int outOffset) {
        if (sealed.length() < FloeParameters.SEGMENT_OVERHEAD_BYTES || sealed.length() > parameters.segmentBytes()) {
            throw new IllegalArgumentException("not a last segment");
        }
        requireLengthWord(segment, sealed, sealed.length());
        return decrypt(segment, true, sealed, out, outOffset);
    }

    /**
     * The length word of a segment.
     *
     * @param array where the segment is
     * @param offset where it begins
     * @return {@link #NOT_LAST}, or the total length of the last segment as an unsigned integer
     */
    public static int lengthWord(byte[] array, int offset) {
        return ByteBuffer.wrap(array).getInt(offset);
    }

    private int encrypt(long segment, boolean last, Slice plaintext, byte[] out, int outOffset) {
        prepare(segment, last);
        int length = plaintext.length() + FloeParameters.SEGMENT_OVERHEAD_BYTES;
        ByteBuffer.wrap(out).putInt(outOffset, last ? length : NOT_LAST);
        try {
            return LENGTH_WORD_BYTES + gcm.seal(plaintext, aad, out, outOffset + LENGTH_WORD_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the crypto provider failed to encrypt a segment", e);
        }
    }

    private int decrypt(long segment, boolean last, Slice sealed, byte[] out, int outOffset) {
        prepare(segment, last);
        Slice body =
                new Slice(sealed.array(), sealed.offset() + LENGTH_WORD_BYTES, sealed.length() - LENGTH_WORD_BYTES);
        try {
            return gcm.open(body, aad, out, outOffset);
        } catch (AEADBadTagException e) {
            throw new AuthenticationFailedException(segment);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the crypto provider failed to decrypt a segment", e);
        }
    }

    private void prepare(long segment, boolean last) {
        ByteBuffer.wrap(aad).putLong(segment).put((byte) (last ? 1 : 0));
        long first = parameters.firstUnderSameKey(segment);
        if (first != keyedFor) {
            byte[] key = message.segmentKey(first);
            gcm.rekey(key);
            Arrays.fill(key, (byte) 0);
            keyedFor = first;
        }
    }

    private static void requireLengthWord(long segment, Slice sealed, int expected) {
        if (lengthWord(sealed.array(), sealed.offset()) != expected) {
            throw new MalformedEnvelopeException("the length word of segment " + segment
                    + " does not fit its place; to do: restore the envelope from another copy");
        }
    }

    /** Wipes the segment key. Harmless when repeated. */
    @Override
    public void close() {
        gcm.close();
    }
}
