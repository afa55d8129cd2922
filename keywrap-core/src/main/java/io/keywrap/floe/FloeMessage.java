package io.keywrap.floe;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.crypto.Ciphers;
import io.keywrap.crypto.Gcm;
import io.keywrap.crypto.Hkdf;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/**
 * The keys and the header of one FLOE ciphertext.
 *
 * <p><b>Security:</b> the header tag commits to the key and authenticates the associated data before any segment is
 * read. Closing wipes the message key; the DEK itself is not kept.
 *
 * <p><b>Thread safety:</b> thread-safe; each thread takes its own {@link #segments()}.
 *
 * <p><b>Source:</b> IACR ePrint 2025/2275; docs/format.md, "Payload".
 */
public final class FloeMessage implements AutoCloseable {
    private static final byte[] HEADER_TAG = ascii("HEADER_TAG:");
    private static final byte[] MESSAGE_KEY = ascii("MESSAGE_KEY:");
    private static final byte[] SEGMENT_KEY = ascii("DEK:");
    private static final int MESSAGE_KEY_BYTES = 48;

    private final Ciphers ciphers;
    private final FloeParameters parameters;
    private final byte[] prefix;
    private final byte[] aad;
    private final byte[] header;
    private final byte[] messageKey;
    private final byte[] firstKey;
    private final List<Segments> open = new ArrayList<>(1);
    private boolean closed;

    private FloeMessage(Ciphers ciphers, FloeParameters parameters, byte[] iv, Keyed keyed) {
        this.ciphers = ciphers;
        this.parameters = parameters;
        this.aad = keyed.aad;
        this.prefix = concat(parameters.encoded(), iv);
        // Most messages need no other segment key than the first one: one HMAC instance does for all.
        try (Hkdf hkdf = ciphers.hkdfSha384(keyed.dek)) {
            this.header = concat(prefix, derive(hkdf, HEADER_TAG, FloeParameters.TAG_BYTES));
            this.messageKey = derive(hkdf, MESSAGE_KEY, MESSAGE_KEY_BYTES);
            hkdf.rekey(messageKey);
            this.firstKey = segmentKey(hkdf, 0);
        }
    }

    /**
     * Starts an encryption with a fresh IV.
     *
     * @param keyed the DEK and the associated data
     * @param parameters the parameters
     * @param ciphers where randomness, derivations and ciphers come from
     * @return the message, to be closed
     */
    public static FloeMessage startEncryption(Keyed keyed, FloeParameters parameters, Ciphers ciphers) {
        return new FloeMessage(ciphers, parameters, ciphers.random(FloeParameters.IV_BYTES), keyed);
    }

    /**
     * Starts a decryption and authenticates the header.
     *
     * @param keyed the DEK and the associated data
     * @param header the FLOE header
     * @param ciphers where derivations and ciphers come from
     * @return the message, to be closed
     * @throws AuthenticationFailedException if the header was not made with this DEK and this associated data
     * @throws io.keywrap.UnsupportedEnvelopeException if this release does not read such parameters
     */
    public static FloeMessage startDecryption(Keyed keyed, byte[] header, Ciphers ciphers) {
        return startDecryption(keyed, header, FloeParameters.parse(header), ciphers);
    }

    static FloeMessage startDecryption(Keyed keyed, byte[] header, FloeParameters parameters, Ciphers ciphers) {
        int tagAt = FloeParameters.ENCODED_BYTES + FloeParameters.IV_BYTES;
        byte[] iv = Arrays.copyOfRange(header, FloeParameters.ENCODED_BYTES, tagAt);
        FloeMessage message = new FloeMessage(ciphers, parameters, iv, keyed);
        if (!MessageDigest.isEqual(message.header, header)) {
            message.close();
            throw new AuthenticationFailedException(
                    Check.HEADER,
                    "the envelope's header was not made with this key, keychain and context;"
                            + " to do: restore the envelope from another copy, or name the right key");
        }
        return message;
    }

    /**
     * The header that goes in front of the segments.
     *
     * @return {@value FloeParameters#HEADER_BYTES} bytes, a new array
     */
    public byte[] header() {
        return header.clone();
    }

    /**
     * The parameters.
     *
     * @return the parameters
     */
    public FloeParameters parameters() {
        return parameters;
    }

    /**
     * A cipher for the segments of this message.
     *
     * @return a cipher for one thread, to be closed
     */
    public synchronized Segments segments() {
        if (closed) {
            throw closed();
        }
        Segments one = new Segments(this, ciphers);
        open.add(one);
        return one;
    }

    /**
     * The key of some segments.
     *
     * @param first the first of the segments that share the key
     * @return 32 bytes, which the caller wipes
     * @throws IllegalStateException if the message was closed
     */
    synchronized byte[] segmentKey(long first) {
        if (closed) {
            throw closed();
        }
        if (first == 0) {
            return firstKey.clone();
        }
        try (Hkdf hkdf = ciphers.hkdfSha384(messageKey)) {
            return segmentKey(hkdf, first);
        }
    }

    private byte[] segmentKey(Hkdf hkdf, long first) {
        byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(first).array();
        return hkdf.expand(Jca.KEY_BYTES, prefix, SEGMENT_KEY, number, aad);
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("the message was closed and its key wiped");
    }

    private synchronized void forget(Segments one) {
        open.remove(one);
    }

    /** Wipes the message key and the keys of its segments. Harmless when repeated. */
    @Override
    public void close() {
        List<Segments> ending;
        synchronized (this) {
            closed = true;
            Arrays.fill(messageKey, (byte) 0);
            Arrays.fill(firstKey, (byte) 0);
            ending = List.copyOf(open);
        }
        closeAll(ending);
    }

    /** Also where one fails, as a provider does in an error state: each of them has a key. */
    private static void closeAll(List<Segments> ending) {
        @Nullable RuntimeException failure = null;
        for (Segments each : ending) {
            try {
                each.close();
            } catch (RuntimeException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private byte[] derive(Hkdf hkdf, byte[] purpose, int length) {
        return hkdf.expand(length, prefix, purpose, aad);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * What a message is encrypted with.
     *
     * @param dek the 32 bytes of the DEK; they stay the caller's and are not kept
     * @param aad the associated data; not changed, and kept
     */
    @SuppressWarnings("ArrayRecordComponent") // Two arguments that go together, never compared.
    public record Keyed(byte[] dek, byte[] aad) {
        /** Says nothing of the key. */
        @Override
        public String toString() {
            return "Keyed[]";
        }
    }

    /**
     * Encrypts and decrypts segments of one message: length word ‖ IV ‖ ciphertext ‖ tag.
     *
     * <p>Full segments and the last one have methods of their own, because a reader must never try both: whether a segment
     * is the last follows from its place alone. A wrong size is the caller's mistake and an
     * {@link IllegalArgumentException}.
     *
     * <p><b>Thread safety:</b> for one thread at a time.
     */
    public static final class Segments implements AutoCloseable {
        /** Length of the length word in front of a segment, in bytes. */
        public static final int LENGTH_WORD_BYTES = 4;

        /** The length word of every segment that is not the last. */
        public static final int NOT_LAST = 0xFFFF_FFFF;

        private final FloeMessage message;
        private final FloeParameters parameters;
        private final Gcm gcm;
        private final byte[] aad = new byte[9];
        private long keyedFor = -1;

        private Segments(FloeMessage message, Ciphers ciphers) {
            this.message = message;
            this.parameters = message.parameters();
            this.gcm = ciphers.gcm();
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
            if (sealed.length() < FloeParameters.SEGMENT_OVERHEAD_BYTES
                    || sealed.length() > parameters.segmentBytes()) {
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
                try {
                    gcm.rekey(key);
                } finally {
                    Arrays.fill(key, (byte) 0); // Also if another thread has closed the cipher meanwhile.
                }
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
            message.forget(this);
        }
    }
}
