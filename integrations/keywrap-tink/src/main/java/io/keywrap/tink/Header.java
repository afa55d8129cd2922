package io.keywrap.tink;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What stands in front of the output of Tink's AES-GCM: {@code KWTK} ‖ u8 version 1 ‖ u16 length of the wrapped DEK ‖
 * wrapped DEK. It is associated data of that output, together with the user's.
 *
 * <p><b>Source:</b> docs/guides/tink.md, "The ciphertext".
 */
final class Header {
    /** Length of magic, version and length. */
    static final int FIXED_BYTES = 7;

    /** Length of IV and tag, without which nothing follows a header. */
    static final int AES_GCM_BYTES = 12 + 16;

    private static final byte[] MAGIC = {'K', 'W', 'T', 'K'};
    private static final int VERSION = 1;
    private static final String DAMAGED = "; to do: restore it from another copy, it was changed";

    private final WrappedDek wrapped;
    private final byte[] bytes;

    private Header(WrappedDek wrapped, byte[] bytes) {
        this.wrapped = wrapped;
        this.bytes = bytes;
    }

    static Header of(WrappedDek wrapped) {
        byte[] wrap = wrapped.toBytes();
        return new Header(
                wrapped,
                ByteBuffer.allocate(FIXED_BYTES + wrap.length)
                        .put(MAGIC)
                        .put((byte) VERSION)
                        .putShort((short) wrap.length)
                        .put(wrap)
                        .array());
    }

    /**
     * Reads the header of a ciphertext, which proves nothing yet.
     *
     * @throws MalformedEnvelopeException if this is something else, or not canonical
     * @throws UnsupportedEnvelopeException if it has another version
     * @throws TruncatedEnvelopeException if it is too short for what must follow
     */
    static Header parse(byte[] ciphertext) {
        int known = Math.min(ciphertext.length, MAGIC.length);
        if (!Arrays.equals(ciphertext, 0, known, MAGIC, 0, known)) {
            throw new MalformedEnvelopeException("this is no ciphertext of keywrap for Tink; to do: decrypt it with the"
                    + " client that has encrypted it");
        }
        if (ciphertext.length > MAGIC.length && ciphertext[MAGIC.length] != VERSION) {
            throw new UnsupportedEnvelopeException("it has version " + (ciphertext[MAGIC.length] & 0xFF)
                    + ", this release reads " + VERSION + "; to do: use a newer release");
        }
        requireLength(ciphertext, FIXED_BYTES);
        int length = ByteBuffer.wrap(ciphertext).getShort(MAGIC.length + 1) & 0xFFFF;
        if (length == 0 || length > WrappedDek.MAX_BYTES) {
            throw new MalformedEnvelopeException(
                    "its wrapped DEK has " + length + " bytes, it may have 1 to " + WrappedDek.MAX_BYTES + DAMAGED);
        }
        int end = FIXED_BYTES + length;
        requireLength(ciphertext, end + AES_GCM_BYTES);
        return new Header(wrapped(Arrays.copyOfRange(ciphertext, FIXED_BYTES, end)), Arrays.copyOf(ciphertext, end));
    }

    private static WrappedDek wrapped(byte[] encoded) {
        try {
            return WrappedDek.parse(encoded);
        } catch (InvalidWrappedDekException e) {
            throw new MalformedEnvelopeException("its wrapped DEK is not well-formed" + DAMAGED);
        }
    }

    private static void requireLength(byte[] ciphertext, int least) {
        if (ciphertext.length < least) {
            throw new TruncatedEnvelopeException("it has " + ciphertext.length + " bytes and needs " + least
                    + " or more; to do: restore it from another copy, this one is cut");
        }
    }

    WrappedDek wrapped() {
        return wrapped;
    }

    int length() {
        return bytes.length;
    }

    /** The header, and something behind it. */
    byte[] followedBy(byte[] rest) {
        byte[] all = Arrays.copyOf(bytes, bytes.length + rest.length);
        System.arraycopy(rest, 0, all, bytes.length, rest.length);
        return all;
    }
}
