package io.keywrap.floe;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.crypto.Jca;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

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

    private final Jca jca;
    private final FloeParameters parameters;
    private final byte[] prefix;
    private final byte[] aad;
    private final byte[] header;
    private final byte[] messageKey;
    private boolean closed;

    private FloeMessage(Jca jca, FloeParameters parameters, byte[] iv, Keyed keyed) {
        this.jca = jca;
        this.parameters = parameters;
        this.aad = keyed.aad;
        this.prefix = concat(parameters.encoded(), iv);
        this.header = concat(prefix, derive(keyed.dek, HEADER_TAG, FloeParameters.TAG_BYTES));
        this.messageKey = derive(keyed.dek, MESSAGE_KEY, MESSAGE_KEY_BYTES);
    }

    /**
     * Starts an encryption with a fresh IV.
     *
     * @param keyed the DEK and the associated data
     * @param parameters the parameters
     * @param jca where randomness and derivations come from
     * @return the message, to be closed
     */
    public static FloeMessage startEncryption(Keyed keyed, FloeParameters parameters, Jca jca) {
        return new FloeMessage(jca, parameters, jca.random(FloeParameters.IV_BYTES), keyed);
    }

    /**
     * Starts a decryption and authenticates the header.
     *
     * @param keyed the DEK and the associated data
     * @param header the FLOE header
     * @param jca where derivations come from
     * @return the message, to be closed
     * @throws AuthenticationFailedException if the header was not made with this DEK and this associated data
     * @throws io.keywrap.UnsupportedEnvelopeException if this release does not read such parameters
     */
    public static FloeMessage startDecryption(Keyed keyed, byte[] header, Jca jca) {
        return startDecryption(keyed, header, FloeParameters.parse(header), jca);
    }

    static FloeMessage startDecryption(Keyed keyed, byte[] header, FloeParameters parameters, Jca jca) {
        int tagAt = FloeParameters.ENCODED_BYTES + FloeParameters.IV_BYTES;
        byte[] iv = Arrays.copyOfRange(header, FloeParameters.ENCODED_BYTES, tagAt);
        FloeMessage message = new FloeMessage(jca, parameters, iv, keyed);
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
    public FloeSegments segments() {
        return new FloeSegments(this, jca);
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
            throw new IllegalStateException("the message was closed and its key wiped");
        }
        byte[] number = ByteBuffer.allocate(8).putLong(first).array();
        return derive(messageKey, concat(SEGMENT_KEY, number), Jca.KEY_BYTES);
    }

    /** Wipes the message key. Harmless when repeated. */
    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(messageKey, (byte) 0);
    }

    private byte[] derive(byte[] key, byte[] purpose, int length) {
        return jca.hkdfExpandSha384(key, length, prefix, purpose, aad);
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
}
